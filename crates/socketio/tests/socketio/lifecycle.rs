//! The stop of a server, timers, and handlers that fail.
use std::time::Duration;

use holdspace_socketio::{Config, DisconnectReason};

use crate::client::{Frame, Http, Polling, Websocket, get};
use crate::lab::{Lab, Note};

#[tokio::test]
async fn a_stop_tells_everybody_and_waits_for_them() {
    let mut lab = Lab::start().await;
    let (mut websocket, _) = Websocket::join(lab.address).await;
    let (polling, id) = Polling::join(lab.address).await;
    let mut poll = Http::open(lab.address).await;
    poll.get(&polling.query()).await;
    let socket = lab.socket(&id);
    let server = lab.server.clone();
    let stopping = tokio::spawn(async move { server.close().await });
    // The transports go; nobody is told that the server wants him gone, so that all come back by themselves.
    assert_eq!(websocket.rest().await, [Frame::Close(1001)]);
    drop(websocket);
    assert_eq!(poll.answer().await.body, "1");
    assert!(!socket.emit("too late", &[]));
    stopping.await.unwrap();
    assert_eq!(lab.server.connections(), 0);
    assert_eq!(lab.end().await, DisconnectReason::Shutdown);
    assert_eq!(lab.end().await, DisconnectReason::Shutdown);
    assert_eq!(
        get(lab.address, "EIO=4&transport=polling").await.status,
        503
    );
    assert_eq!(polling.poll().await.status, 400);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_the_deaf() {
    let config = Config {
        close_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let mut lab = Lab::with(config).await;
    let (_deaf, _) = Websocket::join(lab.address).await;
    let (_unpolled, _) = Polling::join(lab.address).await;
    let (mut stuck, _) = Websocket::join(lab.address).await;
    stuck.send("42[\"started\"]").await;
    stuck.send("42[\"wait\"]").await;
    while lab.note().await != Note::Event("started".into()) {}
    lab.server.close().await;
    assert_eq!(lab.end().await, DisconnectReason::Shutdown);
    assert_eq!(lab.end().await, DisconnectReason::Shutdown);
    // A handler is never cut off in the middle: its socket ends when it is done.
    lab.app.gate.notify_one();
    assert_eq!(lab.end().await, DisconnectReason::Shutdown);
}

#[tokio::test]
async fn what_was_emitted_before_a_stop_still_arrives() {
    let lab = Lab::start().await;
    let (mut client, id) = Websocket::join(lab.address).await;
    lab.socket(&id).emit("last", &["\"words\""]);
    let server = lab.server.clone();
    let stopping = tokio::spawn(async move { server.close().await });
    assert_eq!(
        client.rest().await,
        [
            Frame::Text("42[\"last\",\"words\"]".into()),
            Frame::Close(1001)
        ]
    );
    drop(client);
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_panic_ends_its_own_connection_only() {
    let mut lab = Lab::start().await;
    let (mut other, _) = Websocket::join(lab.address).await;
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("42[\"panic\"]").await;
    assert_eq!(client.rest().await, [Frame::Close(1011)]);
    assert_eq!(lab.end().await, DisconnectReason::HandlerPanic);
    let (polling, _) = Polling::join(lab.address).await;
    assert_eq!(polling.post("42[\"panic\"]").await.status, 400);
    assert_eq!(lab.end().await, DisconnectReason::HandlerPanic);
    other.send("42[\"echo\"]").await;
    assert_eq!(other.text().await, "42[\"echo\"]");
    drop(client);
    drop(other);
    assert_eq!(lab.end().await, DisconnectReason::TransportClose);
    lab.server.close().await;
    assert_eq!(lab.server.connections(), 0);
}

#[tokio::test]
async fn timers_fire_once_and_can_be_set_from_anywhere() {
    let mut lab = Lab::start().await;
    let (mut websocket, id) = Websocket::join(lab.address).await;
    websocket.send("42[\"timer\"]").await;
    assert_eq!(websocket.text().await, "42[\"timer\"]");
    let socket = lab.socket(&id);
    socket.set_timer(Some(tokio::time::Instant::now() + Duration::from_hours(1)));
    socket.set_timer(Some(tokio::time::Instant::now()));
    assert_eq!(websocket.text().await, "42[\"timer\"]");
    socket.set_timer(Some(
        tokio::time::Instant::now() + Duration::from_millis(20),
    ));
    socket.set_timer(None);
    let (polling, _) = Polling::join(lab.address).await;
    polling.post("42[\"timer\"]").await;
    assert_eq!(polling.poll().await.body, "42[\"timer\"]");
    websocket.send("42[\"done\"]").await;
    let mut timers = 0;
    loop {
        match lab.note().await {
            Note::Timer => timers += 1,
            Note::Event(name) if name == "done" => break,
            _ => {}
        }
    }
    assert_eq!(timers, 3);
}

#[tokio::test]
async fn a_panic_at_the_end_of_one_socket_leaves_the_others_theirs() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    for namespace in ["/c", "/a"] {
        client.send(&format!("40{namespace},")).await;
        assert!(client.text().await.starts_with(&format!("40{namespace},")));
    }
    drop(client);
    assert_eq!(lab.end().await, DisconnectReason::TransportClose);
    assert_eq!(
        lab.note().await,
        Note::Disconnected("/a".into(), DisconnectReason::TransportClose)
    );
}
