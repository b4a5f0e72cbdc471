//! What is stored and makes no sense: told as an internal error, without a word of what it is.

use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor};

use crate::plain_client::Client;
use crate::signaling::house::{CLIENT, House};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_and_makes_no_sense_is_an_internal_error() {
    let house = House::open().await;
    let (session, _) = house.book().await;
    let options = SqliteConnectOptions::new().filename(house.store.path());
    let mut past_the_store = options.connect().await.unwrap();
    let spoil =
        "PRAGMA ignore_check_constraints = ON; UPDATE sessions SET session_type = 'Nonsense'";
    past_the_store.execute(spoil).await.unwrap();

    let (address, token) = (house.running.address, house.token(CLIENT));
    let asking = tokio::task::spawn_blocking(move || {
        let mut client = Client::connect(address, &token).unwrap();
        let path = format!("/video-calls/can-join/{session}");
        client.call("GET", &path, None, None).unwrap()
    });
    let answer = asking.await.unwrap();
    assert_eq!(answer.status, 500);
    let error = &answer.body["error"];
    assert_eq!(error["code"], json!("INTERNAL_ERROR"));
    assert_eq!(error["details"], json!({}));
    assert!(!error.to_string().contains("Nonsense"));
}
