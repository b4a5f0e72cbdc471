//! offer, answer, ice-candidate.

use serde_json::{Value, json};

use super::house::{CLIENT, House, PSYCHOLOGIST, STRANGER, lenient};

#[tokio::test]
async fn signals_arrive_byte_for_byte_with_their_sender() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let (from, to) = (
        &meeting.client.socket.id.clone(),
        meeting.psychologist.socket.id.clone(),
    );
    for (event, field, payload) in [
        (
            "offer",
            "offer",
            r#"{ "type" :"offer","sdp":"v=0\r\no=- \u00e9 1.0e+2","n":1.50 }"#,
        ),
        ("answer", "answer", r#"{"sdp":"","type":"answer"}"#),
        (
            "ice-candidate",
            "candidate",
            r#"{"candidate":"candidate:1 1 UDP","sdpMid":"0"}"#,
        ),
        ("ice-candidate", "candidate", "null"),
        ("ice-candidate", "candidate", r#""end""#),
    ] {
        let sent = format!(r#"["{event}",{{"{field}":{payload},"to":"{to}","more":true}}]"#);
        let answer = meeting.client.socket.ask_raw(&sent).await;
        assert_eq!(answer, json!({ "success": true, "data": {} }));
        let received = meeting.psychologist.socket.next_raw().await;
        assert_eq!(
            received,
            format!(r#"["{event}",{{"{field}":{payload},"from":"{from}"}}]"#)
        );
    }
}

#[tokio::test]
async fn order_is_kept_between_two() {
    let mut config = lenient();
    config.signaling.events_per_second = 0;
    let house = House::with(config).await;
    let mut meeting = house.meet().await;
    let to = meeting.psychologist.socket.id.clone();
    for number in 0..2000 {
        let candidate = json!({ "candidate": { "n": number }, "to": to });
        meeting
            .client
            .socket
            .emit("ice-candidate", &candidate)
            .await;
    }
    for number in 0..2000 {
        let received = meeting.psychologist.socket.expect("ice-candidate").await;
        assert_eq!(received["candidate"]["n"], number);
    }
}

#[tokio::test]
async fn nothing_reaches_another_room() {
    let house = House::open().await;
    let mut first = house.meet().await;
    let (_, other_room) = house.book_as(|session| session.client = STRANGER).await;
    let mut others = house.join(STRANGER, &other_room).await;
    for event in ["offer", "answer", "ice-candidate"] {
        let field = if event == "ice-candidate" {
            "candidate"
        } else {
            event
        };
        let mut signal = json!({ "to": others.socket.id });
        signal[field] = json!({});
        first.client.socket.emit(event, &signal).await;
        let error = first.client.socket.expect("error").await;
        assert_eq!(error["code"], "PERMISSION_DENIED");
        assert_eq!(error["details"], json!({ "to": others.socket.id }));
    }
    others.socket.expect_silence().await;
}

#[tokio::test]
async fn nobody_signals_to_himself_to_nobody_or_from_outside() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let client = &mut meeting.client.socket;
    let own = client.id.clone();
    for to in [own.as_str(), "AAAAAAAAAAAAAAAAAAAA", "", "room"] {
        client
            .emit("ice-candidate", &json!({ "candidate": null, "to": to }))
            .await;
        assert_eq!(client.expect_error().await, "PERMISSION_DENIED", "{to}");
    }
    let mut outside = house.connect(CLIENT).await;
    let to = json!({ "candidate": null, "to": meeting.psychologist.socket.id });
    outside.emit("ice-candidate", &to).await;
    assert_eq!(outside.expect_error().await, "PERMISSION_DENIED");
    meeting.psychologist.socket.expect_silence().await;
}

#[tokio::test]
async fn what_is_no_signal_is_an_invalid_payload() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let to = meeting.psychologist.socket.id.clone();
    for (event, payload) in [
        ("offer", json!(null)),
        ("offer", json!([])),
        ("offer", json!({ "to": to })),
        ("offer", json!({ "offer": null, "to": to })),
        ("offer", json!({ "offer": "v=0", "to": to })),
        ("answer", json!({ "offer": {}, "to": to })),
        ("answer", json!({ "answer": {}, "to": null })),
        ("ice-candidate", json!({ "candidate": {} })),
        ("ice-candidate", json!("candidate")),
    ] {
        meeting.client.socket.emit(event, &payload).await;
        let code = meeting.client.socket.expect_error().await;
        assert_eq!(code, "INVALID_PAYLOAD", "{event} {payload}");
    }
    meeting.psychologist.socket.expect_silence().await;
}

#[tokio::test]
async fn a_late_signal_to_somebody_who_left_is_refused() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let gone = meeting.psychologist.socket.id.clone();
    meeting.psychologist.socket.disconnect().await;
    meeting.client.socket.expect("user-left").await;
    let signal = json!({ "candidate": Value::Null, "to": gone });
    meeting.client.socket.emit("ice-candidate", &signal).await;
    assert_eq!(
        meeting.client.socket.expect_error().await,
        "PERMISSION_DENIED"
    );
    let again = house.join(PSYCHOLOGIST, &meeting.room).await;
    assert_eq!(again.joined["participants"][1]["socketId"], again.socket.id);
}
