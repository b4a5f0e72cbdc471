//! The upgrade from long-polling to a websocket.
use std::time::Duration;

use holdspace_socketio::{Config, DisconnectReason};

use crate::client::{Frame, Http, Polling, Websocket, frame};
use crate::lab::Lab;

fn websocket_query(client: &Polling) -> String {
    format!("EIO=4&transport=websocket&sid={}", client.sid)
}

async fn probed(client: &Polling) -> Websocket {
    let mut websocket = Websocket::open(client.address, &websocket_query(client)).await;
    websocket.send("2probe").await;
    assert_eq!(websocket.next().await, Frame::Text("3probe".into()));
    websocket
}

#[tokio::test]
async fn the_pending_poll_comes_home_and_the_websocket_takes_over() {
    let mut lab = Lab::start().await;
    let (client, id) = Polling::join(lab.address).await;
    let mut poll = Http::open(lab.address).await;
    poll.get(&client.query()).await;
    let mut websocket = probed(&client).await;
    assert_eq!(poll.answer().await.body, "6");
    websocket.send("5").await;
    websocket.send("42[\"echo\",1]").await;
    assert_eq!(websocket.text().await, "42[\"echo\",1]");
    for answer in [client.poll().await, client.post("42[\"echo\"]").await] {
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (400, r#"{"code":3,"message":"Bad request"}"#)
        );
    }
    assert!(lab.socket(&id).is_connected());
    drop(websocket);
    assert_eq!(lab.end().await, DisconnectReason::TransportClose);
}

#[tokio::test]
async fn a_poll_while_probing_does_not_hold_the_client_up() {
    let lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    let mut websocket = probed(&client).await;
    assert_eq!(client.poll().await.body, "6");
    assert_eq!(client.poll().await.body, "6");
    client.post("42[\"echo\",1]").await;
    assert_eq!(client.poll().await.body, "42[\"echo\",1]");
    websocket.send("5").await;
    websocket.send("42[\"echo\",2]").await;
    assert_eq!(websocket.text().await, "42[\"echo\",2]");
}

#[tokio::test]
async fn nothing_is_lost_or_reordered_by_the_switch() {
    let lab = Lab::start().await;
    let (client, id) = Polling::join(lab.address).await;
    let socket = lab.socket(&id);
    let mut expected = 0..;
    let emit = |number: u32| {
        let attachment = vec![u8::try_from(number % 256).unwrap()].into();
        socket.emit_with_attachments(
            "n",
            &[&number.to_string(), ",{\"_placeholder\":true,\"num\":0}"],
            &[attachment],
        );
    };
    let mut numbers = 0..;
    let mut emit_some = |count: usize| numbers.by_ref().take(count).for_each(emit);
    emit_some(3);
    let mut check = |packets: &[String]| {
        for pair in packets.chunks(2) {
            let number: u32 = expected.next().unwrap();
            assert_eq!(
                pair[0],
                format!("451-[\"n\",{number},{{\"_placeholder\":true,\"num\":0}}]")
            );
        }
    };
    let polled = client.poll().await.body;
    check(&polled.split('\x1e').map(str::to_owned).collect::<Vec<_>>());
    let mut websocket = probed(&client).await;
    emit_some(4);
    let polled = client.poll().await.body;
    check(&polled.split('\x1e').map(str::to_owned).collect::<Vec<_>>());
    // These are written for polling and have to become frames.
    emit_some(5);
    websocket.send("5").await;
    websocket.send("42[\"echo\",\"switched\"]").await;
    let mut packets = Vec::new();
    loop {
        match websocket.next().await {
            Frame::Text(text) if text == "42[\"echo\",\"switched\"]" => break,
            Frame::Text(text) => packets.push(text),
            Frame::Binary(data) => packets.push(format!("{data:?}")),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(packets.len(), 10);
    assert_eq!(packets[1], "[7]");
    check(&packets);
}

#[tokio::test]
async fn an_upgrade_that_never_finishes_leaves_no_trace() {
    let lab = Lab::with(Config {
        upgrade_timeout: Duration::from_millis(50),
        ..Config::default()
    })
    .await;
    let (client, _) = Polling::join(lab.address).await;
    let mut silent = Websocket::open(lab.address, &websocket_query(&client)).await;
    assert_eq!(silent.rest().await, []);
    let mut websocket = probed(&client).await;
    assert_eq!(client.poll().await.body, "6");
    assert_eq!(websocket.rest().await, []);
    client.post("42[\"echo\",1]").await;
    assert_eq!(client.poll().await.body, "42[\"echo\",1]");
    // Another try is welcome.
    let mut websocket = probed(&client).await;
    websocket.send("5").await;
    websocket.send("42[\"echo\",2]").await;
    assert_eq!(websocket.text().await, "42[\"echo\",2]");
}

#[tokio::test]
async fn a_wrong_upgrade_ends_the_websocket_and_not_the_session() {
    let lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    let cases = [
        frame(0x81, b"5"),
        frame(0x81, b"42[\"echo\"]"),
        frame(0x81, b"2"),
        frame(0x81, b"abc"),
        frame(0x82, b"2probe"),
        frame(0xc1, b"2probe"),
        [frame(0x81, b"2probe"), frame(0x81, b"2probe")].concat(),
        frame(0x88, b""),
    ];
    for bytes in cases {
        let mut websocket = Websocket::open(lab.address, &websocket_query(&client)).await;
        websocket.http.write(bytes).await;
        let end = websocket.rest().await;
        assert!(matches!(end.last(), Some(Frame::Close(1000))), "{end:?}");
    }
    client.post("42[\"echo\",1]").await;
    let body = client.poll().await.body;
    assert_eq!(body, "42[\"echo\",1]");
}

#[tokio::test]
async fn a_second_websocket_is_closed_and_the_first_goes_on() {
    let lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    let mut websocket = probed(&client).await;
    let mut second = Websocket::open(lab.address, &websocket_query(&client)).await;
    assert_eq!(second.rest().await, [Frame::Close(1000)]);
    websocket.send("5").await;
    websocket.send("42[\"echo\",1]").await;
    assert_eq!(websocket.text().await, "42[\"echo\",1]");
    let mut third = Websocket::open(lab.address, &websocket_query(&client)).await;
    assert_eq!(third.rest().await, [Frame::Close(1000)]);
    websocket.send("42[\"echo\",2]").await;
    assert_eq!(websocket.text().await, "42[\"echo\",2]");
}

#[tokio::test]
async fn heartbeats_go_on_over_the_websocket() {
    let config = Config {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_secs(5),
        ..Config::default()
    };
    let lab = Lab::with(config).await;
    let (client, _) = Polling::join(lab.address).await;
    let mut websocket = probed(&client).await;
    websocket.send("5").await;
    for _ in 0..3 {
        assert_eq!(websocket.next().await, Frame::Text("2".into()));
        websocket.send("3").await;
    }
}

#[tokio::test]
async fn a_session_that_ends_takes_its_probe_along() {
    let mut lab = Lab::start().await;
    let (client, id) = Polling::join(lab.address).await;
    let mut websocket = probed(&client).await;
    lab.socket(&id).disconnect(true);
    assert_eq!(lab.end().await, DisconnectReason::ServerDisconnect);
    assert_eq!(websocket.rest().await, [Frame::Close(1000)]);
    assert_eq!(client.poll().await.body, "41\x1e1");
}
