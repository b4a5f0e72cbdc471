//! Events of every wrong kind. Each refusal has its code, and nobody else in the room notices.

use serde_json::{Value, json};

use super::house::{House, lenient};

#[tokio::test]
async fn events_of_every_wrong_shape_are_refused_with_a_code() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let client = &mut meeting.client.socket;
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for event in [
        "join-room",
        "leave-room",
        "offer",
        "answer",
        "ice-candidate",
        "nonsense",
        "",
    ] {
        for argument in ["null", "true", "0", "\"\"", "[]", "{}", "[[{}]]", &deep] {
            let answer = client.ask_raw(&format!("[\"{event}\",{argument}]")).await;
            assert_eq!(
                answer["error"]["code"], "INVALID_PAYLOAD",
                "{event} {argument}"
            );
            assert_eq!(client.expect_error().await, "INVALID_PAYLOAD");
        }
        let answer = client.ask_raw(&format!("[\"{event}\"]")).await;
        assert_eq!(answer["error"]["code"], "INVALID_PAYLOAD", "{event} alone");
        assert_eq!(client.expect_error().await, "INVALID_PAYLOAD");
    }
    // An acknowledgement that nobody asked for is nothing.
    client.send("437[{}]".to_owned()).await;
    client.expect_silence().await;
    meeting.psychologist.socket.expect_silence().await;
}

#[tokio::test]
async fn binary_events_are_refused_with_a_code() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let to = meeting.psychologist.socket.id.clone();
    let client = &mut meeting.client.socket;
    let room = json!({ "roomId": meeting.room });
    for (event, payload) in [
        ("join-room", room.clone()),
        ("leave-room", room),
        ("offer", json!({ "offer": "o", "to": to })),
        ("answer", json!({ "answer": "a", "to": to })),
        ("ice-candidate", json!({ "candidate": "c", "to": to })),
    ] {
        // Beside a payload that would do without.
        let blob = json!({ "_placeholder": true, "num": 0 });
        client
            .send(format!("451-{}", json!([event, payload, blob])))
            .await;
        client.send_binary(b"bytes").await;
        assert_eq!(client.expect_error().await, "INVALID_PAYLOAD", "{event}");
    }
    meeting.psychologist.socket.expect_silence().await;
}

#[tokio::test]
async fn what_is_not_the_protocol_ends_the_connection_and_keeps_the_place() {
    let bottomless = "[".repeat(10_000);
    for packet in [
        "42",
        "42{}",
        "42[",
        "4x",
        "9",
        "42[1",
        &format!("42[\"offer\",{bottomless}"),
    ] {
        let house = House::open().await;
        let mut meeting = house.meet().await;
        meeting.client.socket.send(packet.to_owned()).await;
        meeting.client.socket.closed().await;
        meeting
            .psychologist
            .socket
            .expect("user-reconnecting")
            .await;
        meeting.psychologist.socket.expect_silence().await;
    }
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_connection() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let large = json!({ "candidate": "x".repeat(131_072), "to": meeting.psychologist.socket.id });
    meeting.client.socket.emit("ice-candidate", &large).await;
    meeting.client.socket.closed().await;
    meeting
        .psychologist
        .socket
        .expect("user-reconnecting")
        .await;
}

#[tokio::test]
async fn a_flood_of_events_is_refused_and_disconnected() {
    let mut config = lenient();
    config.signaling.events_per_second = 50;
    config.signaling.events_burst = 60;
    let house = House::with(config).await;
    let mut meeting = house.meet().await;
    let signal = json!({ "candidate": Value::Null, "to": meeting.psychologist.socket.id });
    // One event of the burst went into joining; the clock stands still, so nothing is refilled.
    for _ in 0..60 {
        meeting.client.socket.emit("ice-candidate", &signal).await;
    }
    assert_eq!(
        meeting.client.socket.expect_error().await,
        "RATE_LIMIT_EXCEEDED"
    );
    meeting.client.socket.closed().await;
    for _ in 0..59 {
        meeting.psychologist.socket.expect("ice-candidate").await;
    }
    meeting.psychologist.socket.expect("user-left").await;
}

#[tokio::test]
async fn a_receiver_that_does_not_read_is_disconnected_and_its_sender_feels_nothing() {
    let mut config = lenient();
    config.signaling.events_per_second = 0;
    let house = House::with(config).await;
    let mut meeting = house.meet().await;
    let to = meeting.psychologist.socket.id.clone();
    let signal = json!({ "candidate": "x".repeat(60_000), "to": to });
    // More than the kernel's buffers and ours hold: at some point the receiver is cut off, its place
    // is kept until what waits for it is too much as well, and every answer is given at once.
    let mut refused = None;
    for _ in 0..1000 {
        let answer = meeting.client.socket.ask("ice-candidate", &signal).await;
        if answer["success"] == false {
            refused = Some(answer);
            break;
        }
    }
    assert_eq!(refused.unwrap()["error"]["code"], "RATE_LIMIT_EXCEEDED");
    assert_eq!(meeting.client.socket.next().await.0, "user-reconnecting");
}
