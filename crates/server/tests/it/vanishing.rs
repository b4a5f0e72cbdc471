//! Clients that send a write and are gone: what is recorded is told to the room, exactly once.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::plain_client::Client;
use crate::practice::{self, Practice};
use crate::process::Server;
use crate::socket_client::SocketClient;

/// In every second round the client waits until the start is recorded, so that it goes away between the
/// record and its answer; else it goes at once, before or after its request is taken up.
const ROUNDS: usize = 24;
/// After so long a round has failed.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_whose_client_is_gone_is_told_to_the_room() {
    let practice = Practice::open();
    let server = practice.serve();
    let mut by_the_vanished = 0;
    for round in 0..ROUNDS {
        let round = start_and_vanish(&practice, &server, round);
        let won = timeout(PATIENCE, round).await;
        by_the_vanished += usize::from(won.expect("the room was never told"));
    }
    assert!(by_the_vanished >= ROUNDS / 2, "{by_the_vanished}");
}

/// Whether the one that vanished has started the call.
async fn start_and_vanish(practice: &Practice, server: &Server, round: usize) -> bool {
    let mut admin = Client::connect(server.address, &practice.admin).unwrap();
    let id = practice::book(&mut admin, &format!("visit-{round}"));
    let generated = admin.call(
        "POST",
        &format!("/video-calls/generate-room/{id}"),
        None,
        None,
    );
    let room = generated.unwrap().body["data"]["roomId"].clone();
    let mut socket = join(practice, server, &room).await;

    let start = format!("/video-calls/start/{id}");
    let mut vanishing = Client::connect(server.address, &practice.client).unwrap();
    vanishing.send("POST", &start, None, None).unwrap();
    if round.is_multiple_of(2) {
        while practice::stored(&mut admin, &id).unwrap()["status"] != "In Progress" {}
    }
    drop(vanishing);

    let mut second = Client::connect(server.address, &practice.psychologist).unwrap();
    let answer = second.call("POST", &start, None, None).unwrap();
    let session = practice::stored(&mut admin, &id).unwrap();
    assert_eq!(session["status"], "In Progress");
    let told = json!({"sessionId": id, "startTime": session["videoCallStarted"]});
    assert_eq!(socket.expect("call-started").await, told);
    socket.expect_silence().await;
    socket.disconnect().await;
    match answer.status {
        200 => false,
        400 => {
            assert_eq!(answer.code(), "CALL_ALREADY_STARTED");
            true
        }
        _ => panic!("{answer:?}"),
    }
}

async fn join(practice: &Practice, server: &Server, room: &Value) -> SocketClient {
    let auth = json!({"token": practice.client});
    let mut socket = SocketClient::connect(server.address, auth).await.unwrap();
    socket.emit("join-room", &json!({"roomId": room})).await;
    socket.expect("room-joined").await;
    socket
}
