//! Clients that send what they must not, and what they may but nobody expects.
use holdspace_socketio::{Config, DisconnectReason};

use crate::client::{Frame, Polling, Websocket};
use crate::lab::{Lab, Note};

#[tokio::test]
async fn malformed_packets_close_the_connection() {
    let mut lab = Lab::start().await;
    let deep = format!("42[\"a\",{}{}]", "[".repeat(10_000), "]".repeat(10_000));
    let deep_object = format!(
        "42[\"a\",{}1{}]",
        "{\"a\":".repeat(10_000),
        "}".repeat(10_000)
    );
    let unclosed = format!("42[\"a\",{}", "[".repeat(100_000));
    let cases = [
        "",
        "x",
        "7",
        "0",
        "2",
        "2probe",
        "4",
        "4abc",
        "49",
        "42",
        "42{}",
        "42[]",
        "42null",
        "42[null]",
        "42[[\"a\"]]",
        "42[\"a\"",
        "42[\"a\",]",
        "42[\"a\"]]",
        "42[\"connect\"]",
        "42[\"disconnect\"]",
        "42[\"a\u{1}\"]",
        "42abc[\"a\"]",
        "42-1[\"a\"]",
        "43[]",
        "431{}",
        "44{}",
        "45[\"a\"]",
        "450-[\"a\"]",
        "4511-[\"a\"]",
        "45999999999999-[\"a\"]",
        "46-1[]",
        "40",
        "41x",
        &deep,
        &deep_object,
        &unclosed,
    ];
    for packet in cases {
        let (mut client, _) = Websocket::join(lab.address).await;
        client.send(packet).await;
        let shown: String = packet.chars().take(40).collect();
        assert_eq!(client.rest().await, [Frame::Close(1002)], "{shown}");
        drop(client);
        assert_eq!(lab.end().await, DisconnectReason::ParseError, "{shown}");
    }
    lab.server.close().await;
    assert_eq!(lab.server.connections(), 0);
}

#[tokio::test]
async fn attachments_out_of_place_close_the_connection() {
    let mut lab = Lab::with(Config {
        payload_bytes_max: 1000,
        ..Config::default()
    })
    .await;
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send_binary(&[1]).await;
    assert_eq!(client.rest().await, [Frame::Close(1002)]);
    assert_eq!(lab.end().await, DisconnectReason::ParseError);
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("451-[\"a\"]").await;
    client.send("42[\"b\"]").await;
    assert_eq!(client.rest().await, [Frame::Close(1002)]);
    assert_eq!(lab.end().await, DisconnectReason::ParseError);
    // Each is within the limit, and together they are not.
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("4510-[\"a\"]").await;
    client.send_binary(&[0; 600]).await;
    client.send_binary(&[0; 600]).await;
    assert_eq!(client.rest().await, [Frame::Close(1009)]);
    assert_eq!(lab.end().await, DisconnectReason::PayloadTooLarge);
    assert!(
        !lab.unread()
            .iter()
            .any(|note| matches!(note, Note::Event(_)))
    );
}

#[tokio::test]
async fn strange_but_valid_events_are_handed_over() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    let deep = format!("42[\"deep\",{}{}]", "[".repeat(128), "]".repeat(128));
    let large = format!("42[\"large\",\"{}\"]", "x".repeat(999_985));
    let cases = [
        ("42[\"\"]", ""),
        ("42[1,2]", "1"),
        ("42[\"__proto__\",{\"__proto__\":null}]", "__proto__"),
        ("42[\"\\u0000\\ud83d\\udc0e\"]", "\0🐎"),
        ("42 [ \"spaces\" , null ]\n", "spaces"),
        ("420000000000[\"zeros\"]", "zeros"),
        (&deep, "deep"),
        (&large, "large"),
        (
            "451-[\"binary without placeholder\"]",
            "binary without placeholder",
        ),
    ];
    for (packet, name) in cases {
        client.send(packet).await;
        if packet.starts_with("45") {
            client.send_binary(&[]).await;
        }
        loop {
            if let Note::Event(noted) = lab.note().await {
                assert_eq!(noted, name);
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_payload_cannot_break_out_of_its_packet() {
    let lab = Lab::start().await;
    let (receiver, to) = Polling::join(lab.address).await;
    let (mut sender, from) = Websocket::join(lab.address).await;
    // Escaped, the separator of polling payloads is a character like any other.
    sender
        .send(&format!(
            "42[\"relay\",{{\"to\":\"{to}\",\"data\":\"\\u001e41\"}}]"
        ))
        .await;
    let body = receiver.poll().await.body;
    assert_eq!(
        body,
        format!("42[\"relay\",{{\"data\":\"\\u001e41\",\"from\":\"{from}\"}}]")
    );
    sender
        .send(&format!(
            "42[\"relay\",{{\"to\":\"{to}\",\"data\":\"\u{1e}41\"}}]"
        ))
        .await;
    assert_eq!(sender.rest().await, [Frame::Close(1002)]);
}

#[tokio::test]
async fn a_thousand_connections_come_and_go() {
    let mut lab = Lab::start().await;
    for _ in 0..10 {
        let mut clients = Vec::new();
        for _ in 0..100 {
            clients.push(Websocket::join(lab.address).await);
        }
        let ids: std::collections::HashSet<_> = clients.iter().map(|(_, id)| id.clone()).collect();
        assert_eq!(ids.len(), 100);
        drop(clients);
        for _ in 0..100 {
            assert_eq!(lab.end().await, DisconnectReason::TransportClose);
        }
    }
    lab.server.close().await;
    assert_eq!(lab.server.connections(), 0);
}
