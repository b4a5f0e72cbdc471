//! Acknowledgements that the server asks for.
use crate::client::{Polling, Websocket};
use crate::lab::{Lab, Note};

async fn acknowledged(lab: &mut Lab) -> String {
    loop {
        if let Note::Acknowledged(text) = lab.note().await {
            return text;
        }
    }
}

#[tokio::test]
async fn a_client_answers() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("42[\"ask\",10000]").await;
    assert_eq!(client.text().await, "420[\"question\",1]");
    client.send("430[\"yes\",{\"a\":1}]").await;
    assert_eq!(acknowledged(&mut lab).await, "\"yes\",{\"a\":1} []");
    client.send("42[\"ask\",10000]").await;
    assert_eq!(client.text().await, "421[\"question\",1]");
    client
        .send("461-1[{\"_placeholder\":true,\"num\":0}]")
        .await;
    client.send_binary(&[1, 2]).await;
    assert_eq!(
        acknowledged(&mut lab).await,
        "{\"_placeholder\":true,\"num\":0} [b\"\\x01\\x02\"]"
    );
}

#[tokio::test]
async fn a_client_on_polling_answers() {
    let mut lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    client.post("42[\"ask\",10000]").await;
    assert_eq!(client.poll().await.body, "420[\"question\",1]");
    client.post("430[]").await;
    assert_eq!(acknowledged(&mut lab).await, " []");
}

#[tokio::test]
async fn a_client_does_not_answer_in_time() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("42[\"ask\",20]").await;
    assert_eq!(client.text().await, "420[\"question\",1]");
    assert_eq!(
        acknowledged(&mut lab).await,
        "the client did not acknowledge in time"
    );
    client.send("430[\"too late\"]").await;
    client.send("42[\"echo\"]").await;
    assert_eq!(client.text().await, "42[\"echo\"]");
}

#[tokio::test]
async fn a_client_leaves_instead_of_answering() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("42[\"ask\",10000]").await;
    assert_eq!(client.text().await, "420[\"question\",1]");
    drop(client);
    assert_eq!(acknowledged(&mut lab).await, "the socket is disconnected");
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_nothing() {
    let lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("437[1]").await;
    client
        .send("461-999999999999999[{\"_placeholder\":true,\"num\":0}]")
        .await;
    client.send_binary(&[1]).await;
    client.send("42[\"echo\"]").await;
    assert_eq!(client.text().await, "42[\"echo\"]");
}
