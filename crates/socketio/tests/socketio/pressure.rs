//! A receiver that does not read.
use std::time::Duration;

use holdspace_socketio::{Config, DisconnectReason};
use tokio::time::Instant;

use crate::client::{Frame, Polling, Websocket, frame};
use crate::lab::{Lab, Note};

#[tokio::test]
async fn a_websocket_that_reads_nothing_is_disconnected_alone() {
    let mut lab = Lab::with(Config {
        buffer_bytes_max: 200_000,
        ..Config::default()
    })
    .await;
    let (mut deaf, to) = Websocket::join(lab.address).await;
    let (mut sender, me) = Websocket::join(lab.address).await;
    // The kernel takes some megabytes before anything waits here.
    sender
        .send(&format!("42[\"flood\",{{\"to\":\"{to}\",\"count\":2000}}]"))
        .await;
    assert_eq!(lab.end().await, DisconnectReason::BufferFull);
    sender
        .send(&format!("42[\"relay\",{{\"to\":\"{me}\",\"data\":1}}]"))
        .await;
    assert_eq!(
        sender.text().await,
        format!("42[\"relay\",{{\"data\":1,\"from\":\"{me}\"}}]")
    );
    // What had been written arrives whole, and then the connection just ends.
    let received = deaf.rest().await;
    assert!(
        received
            .iter()
            .all(|frame| matches!(frame, Frame::Text(text) if text.starts_with("42[\"block\",")))
    );
    assert!(lab.app.sockets.lock().unwrap().contains_key(&me));
    assert!(!lab.app.sockets.lock().unwrap().contains_key(&to));
}

#[tokio::test]
async fn a_client_that_does_not_poll_is_disconnected_alone() {
    let mut lab = Lab::with(Config {
        buffer_bytes_max: 200_000,
        ..Config::default()
    })
    .await;
    let (deaf, to) = Polling::join(lab.address).await;
    let (mut sender, _) = Websocket::join(lab.address).await;
    sender
        .send(&format!("42[\"flood\",{{\"to\":\"{to}\",\"count\":19}}]"))
        .await;
    sender.send("42[\"echo\"]").await;
    assert_eq!(sender.text().await, "42[\"echo\"]");
    assert_eq!(deaf.poll().await.body.split('\x1e').count(), 19);
    sender
        .send(&format!("42[\"flood\",{{\"to\":\"{to}\",\"count\":20}}]"))
        .await;
    assert_eq!(lab.end().await, DisconnectReason::BufferFull);
    assert_eq!(deaf.poll().await.status, 400);
}

#[tokio::test]
async fn a_burst_that_is_read_is_no_reason_to_go() {
    let lab = Lab::start().await;
    let (mut receiver, to) = Websocket::join(lab.address).await;
    let (mut sender, _) = Websocket::join(lab.address).await;
    for _ in 0..20 {
        sender
            .send(&format!("42[\"flood\",{{\"to\":\"{to}\",\"count\":100}}]"))
            .await;
        for _ in 0..100 {
            assert!(receiver.text().await.starts_with("42[\"block\""));
        }
    }
}

#[tokio::test]
async fn a_connection_goes_on_writing_while_its_handler_waits() {
    let config = Config {
        ping_interval: Duration::from_millis(30),
        ..Config::default()
    };
    let mut lab = Lab::with(config).await;
    let (mut busy, to) = Websocket::join(lab.address).await;
    busy.send("42[\"wait\"]").await;
    busy.send("42[\"after\"]").await;
    let (mut sender, _) = Websocket::join(lab.address).await;
    sender
        .send(&format!("42[\"relay\",{{\"to\":\"{to}\",\"data\":1}}]"))
        .await;
    assert!(busy.text().await.starts_with("42[\"relay\""));
    // The heartbeat goes on, too.
    assert_eq!(busy.next().await, Frame::Text("2".into()));
    let waiting = |note: &Note| *note == Note::Event("after".into());
    assert!(!lab.unread().iter().any(waiting));
    lab.app.gate.notify_one();
    assert_eq!(lab.note().await, Note::Event("after".into()));
}

#[tokio::test]
async fn a_pong_that_came_while_a_handler_waited_counts() {
    let config = Config {
        ping_interval: Duration::from_millis(30),
        ping_timeout: Duration::from_millis(400),
        ..Config::default()
    };
    let mut lab = Lab::with(config).await;
    let (mut other, id) = Websocket::join(lab.address).await;
    let (mut busy, _) = Websocket::join(lab.address).await;
    // Sent at once, so that no ping comes between.
    busy.http
        .write([frame(0x81, b"42[\"wait\"]"), frame(0x81, b"42[\"after\"]")].concat())
        .await;
    assert_eq!(busy.next().await, Frame::Text("2".into()));
    busy.send("3").await;
    // The pong stays unread for longer than it may take to come.
    lab.socket(&id)
        .set_timer(Some(Instant::now() + Duration::from_millis(600)));
    assert_eq!(other.text().await, "42[\"timer\"]");
    lab.app.gate.notify_one();
    while lab.note().await != Note::Event("after".into()) {}
    assert_eq!(busy.next().await, Frame::Text("2".into()));
}
