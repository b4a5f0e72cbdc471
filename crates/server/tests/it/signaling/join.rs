//! join-room, room-joined, user-joined, leave-room, user-left, removed.

use holdspace_domain::{PaymentStatus, Session, SessionState};
use serde_json::json;

use super::house::{ADMIN, CLIENT, House, PSYCHOLOGIST, STRANGER};

#[tokio::test]
async fn room_joined_lists_everyone_in_the_order_of_joining() {
    let house = House::open().await;
    let (_, room) = house.book().await;
    let request = json!({
        "roomId": room, "userId": CLIENT.to_string(), "userName": "Mallory", "userRole": "client"
    });
    let mut client = house.join_with(CLIENT, request).await;
    let psychologist = house.join(PSYCHOLOGIST, &room).await;
    let client_view = json!({
        "socketId": client.socket.id, "userId": CLIENT.to_string(),
        "userName": "John Doe", "userRole": "client",
    });
    let psychologist_view = json!({
        "socketId": psychologist.socket.id, "userId": PSYCHOLOGIST.to_string(),
        "userName": "Dr. Jane Smith", "userRole": "psychologist",
    });
    assert_eq!(client.joined["roomId"], json!(room));
    assert_eq!(client.joined["participants"], json!([client_view]));
    assert_eq!(client.joined["resumeSeconds"], 10);
    assert_eq!(
        psychologist.joined["participants"],
        json!([client_view, psychologist_view])
    );
    assert_eq!(client.socket.expect("user-joined").await, psychologist_view);
    assert_ne!(client.resume_token(), psychologist.resume_token());
}

#[tokio::test]
async fn an_acknowledgement_carries_what_the_event_does() {
    let house = House::open().await;
    let (_, room) = house.book().await;
    let mut socket = house.connect(CLIENT).await;
    let answer = socket.ask("join-room", &json!({ "roomId": room })).await;
    let joined = socket.expect("room-joined").await;
    assert_eq!(answer, json!({ "success": true, "data": joined }));
    let answer = socket.ask("leave-room", &json!({ "roomId": room })).await;
    assert_eq!(
        answer,
        json!({ "success": true, "data": { "roomId": room } })
    );
    let answer = socket
        .ask("join-room", &json!({ "roomId": "nowhere" }))
        .await;
    let error = socket.expect("error").await;
    assert_eq!(answer, json!({ "success": false, "error": error }));
    assert_eq!(
        error,
        json!({
            "message": "Room not found", "code": "ROOM_NOT_FOUND", "details": { "roomId": "nowhere" }
        })
    );
}

#[tokio::test]
async fn another_identity_than_the_tokens_is_refused() {
    let house = House::open().await;
    let (_, room) = house.book().await;
    let mut socket = house.connect(CLIENT).await;
    for claim in [
        json!({ "roomId": room, "userId": PSYCHOLOGIST.to_string() }),
        json!({ "roomId": room, "userId": "me" }),
        json!({ "roomId": room, "userRole": "psychologist" }),
        json!({ "roomId": room, "userRole": "admin" }),
        json!({ "roomId": room, "userRole": "root" }),
    ] {
        socket.emit("join-room", &claim).await;
        assert_eq!(socket.expect_error().await, "PERMISSION_DENIED", "{claim}");
    }
}

#[tokio::test]
async fn what_is_no_room_id_is_told_from_a_room_that_is_not_there() {
    let house = House::open().await;
    let mut socket = house.connect(CLIENT).await;
    for (room, code) in [
        (json!(null), "INVALID_PAYLOAD"),
        (json!(7), "INVALID_PAYLOAD"),
        (json!(["room"]), "INVALID_PAYLOAD"),
        (json!({}), "INVALID_PAYLOAD"),
        (json!(""), "ROOM_NOT_FOUND"),
        (json!("invalid-room-id"), "ROOM_NOT_FOUND"),
        (
            json!("room-a1b2c3d4-e5f6-4890-abcd-ef1234567890"),
            "ROOM_NOT_FOUND",
        ),
    ] {
        socket.emit("join-room", &json!({ "roomId": room })).await;
        assert_eq!(socket.expect_error().await, code, "{room}");
    }
    socket.emit("join-room", &json!({})).await;
    assert_eq!(socket.expect_error().await, "INVALID_PAYLOAD");
}

#[tokio::test]
async fn a_stranger_is_refused_whatever_the_state() {
    let house = House::open().await;
    let (_, room) = house
        .book_as(|session| session.state = SessionState::Declined)
        .await;
    let mut stranger = house.connect(STRANGER).await;
    stranger.emit("join-room", &json!({ "roomId": room })).await;
    assert_eq!(stranger.expect_error().await, "PERMISSION_DENIED");
}

type Change = Box<dyn FnOnce(&mut Session)>;

#[tokio::test]
async fn a_session_that_cannot_be_joined_says_why() {
    let house = House::open().await;
    let mut socket = house.connect(CLIENT).await;
    let minutes = |session: &mut Session, minutes: i64| {
        let millis = session.session_date.as_millis() + minutes * 60_000;
        session.session_date = holdspace_domain::Timestamp::from_millis(millis);
    };
    let cases: Vec<(&str, Change)> = vec![
        (
            "SESSION_CANCELLED",
            Box::new(|s| s.state = SessionState::Cancelled { started_at: None }),
        ),
        (
            "SESSION_DECLINED",
            Box::new(|s| s.state = SessionState::Declined),
        ),
        (
            "SESSION_NOT_CONFIRMED",
            Box::new(|s| s.state = SessionState::Pending),
        ),
        (
            "PAYMENT_PENDING",
            Box::new(|s| s.payment = PaymentStatus::Pending),
        ),
        (
            "PAYMENT_FAILED",
            Box::new(|s| s.payment = PaymentStatus::Failed),
        ),
        (
            "PAYMENT_REFUNDED",
            Box::new(|s| s.payment = PaymentStatus::Refunded),
        ),
        ("TOO_EARLY", Box::new(move |s| minutes(s, 16))),
        ("WINDOW_CLOSED", Box::new(move |s| minutes(s, -121))),
    ];
    for (reason, change) in cases {
        let (_, room) = house.book_as(change).await;
        socket.emit("join-room", &json!({ "roomId": room })).await;
        let error = socket.expect("error").await;
        assert_eq!(error["code"], "INVALID_SESSION");
        assert_eq!(error["details"], json!({ "reason": reason }));
    }
}

#[tokio::test]
async fn an_admin_joins_while_there_is_a_seat() {
    let house = House::open().await;
    let (_, room) = house.book().await;
    let _client = house.join(CLIENT, &room).await;
    let admin = house.join(ADMIN, &room).await;
    assert_eq!(admin.joined["participants"][1]["userRole"], "admin");
    // The booked are never refused for lack of room.
    let psychologist = house.join(PSYCHOLOGIST, &room).await;
    assert_eq!(
        psychologist.joined["participants"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    admin.socket.disconnect().await;
    let mut again = house.connect(ADMIN).await;
    again.emit("join-room", &json!({ "roomId": room })).await;
    assert_eq!(again.expect_error().await, "ROOM_FULL");
}

#[tokio::test]
async fn leaving_is_told_at_once_and_leaves_the_room_open() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let client = &mut meeting.client.socket;
    let psychologist = &mut meeting.psychologist.socket;
    let left = json!({ "socketId": client.id, "userId": CLIENT.to_string() });
    client
        .ask(
            "leave-room",
            &json!({ "roomId": meeting.room, "userId": CLIENT.to_string() }),
        )
        .await;
    assert_eq!(psychologist.expect("user-left").await, left);
    client
        .emit("leave-room", &json!({ "roomId": meeting.room }))
        .await;
    assert_eq!(client.expect_error().await, "PERMISSION_DENIED");
    psychologist
        .ask("leave-room", &json!({ "roomId": meeting.room }))
        .await;
    client
        .emit("join-room", &json!({ "roomId": meeting.room }))
        .await;
    let joined = client.expect("room-joined").await;
    assert_eq!(joined["participants"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_that_disconnects_has_left() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    meeting.client.socket.disconnect().await;
    meeting.psychologist.socket.expect("user-left").await;
}

#[tokio::test]
async fn the_same_user_again_replaces_his_earlier_socket() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let earlier = meeting.client.socket.id.clone();
    let second = house.join(CLIENT, &meeting.room).await;
    let removed = meeting.client.socket.expect("removed").await;
    assert_eq!(removed, json!({ "reason": "REPLACED" }));
    assert_eq!(
        meeting.psychologist.socket.expect("user-left").await["socketId"],
        earlier
    );
    let joined = meeting.psychologist.socket.expect("user-joined").await;
    assert_eq!(joined["socketId"], second.socket.id);
    // The earlier socket stays connected, outside.
    let to = json!({ "candidate": null, "to": meeting.psychologist.socket.id });
    meeting.client.socket.emit("ice-candidate", &to).await;
    assert_eq!(
        meeting.client.socket.expect_error().await,
        "PERMISSION_DENIED"
    );
    meeting.psychologist.socket.expect_silence().await;
}

#[tokio::test]
async fn a_double_join_of_one_socket_is_told_to_itself_alone() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    meeting
        .client
        .socket
        .emit("join-room", &json!({ "roomId": meeting.room }))
        .await;
    let joined = meeting.client.socket.expect("room-joined").await;
    assert_eq!(joined["participants"].as_array().unwrap().len(), 2);
    meeting.psychologist.socket.expect_silence().await;
}

#[tokio::test]
async fn joining_another_room_leaves_the_first() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let (_, other) = house.book().await;
    meeting
        .client
        .socket
        .ask("join-room", &json!({ "roomId": other }))
        .await;
    meeting.psychologist.socket.expect("user-left").await;
}

#[tokio::test]
async fn a_refused_join_of_another_room_leaves_nothing() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    meeting
        .client
        .socket
        .ask("join-room", &json!({ "roomId": "nowhere" }))
        .await;
    meeting.psychologist.socket.expect_silence().await;
}

#[tokio::test]
async fn who_finds_another_room_full_is_still_in_the_first() {
    let house = House::open().await;
    let (_, first) = house.book().await;
    let mut client = house.join(CLIENT, &first).await;
    let mut admin = house.join(ADMIN, &first).await;
    client.socket.expect("user-joined").await;
    let full = house.meet().await;
    admin
        .socket
        .emit("join-room", &json!({ "roomId": full.room }))
        .await;
    assert_eq!(admin.socket.expect_error().await, "ROOM_FULL");
    client.socket.expect_silence().await;
    admin
        .socket
        .ask("leave-room", &json!({ "roomId": first }))
        .await;
    client.socket.expect("user-left").await;
}

#[tokio::test]
async fn thirty_two_joins_of_one_user_leave_one_of_him() {
    let house = House::open().await;
    let (_, room) = house.book().await;
    let joins = (0..32).map(|_| house.join(CLIENT, &room));
    let mut everyone = futures_util::future::join_all(joins).await;
    let mut removed = 0;
    for joined in &mut everyone {
        removed += joined
            .socket
            .drain()
            .await
            .iter()
            .filter(|(name, _)| name == "removed")
            .count();
    }
    assert_eq!(removed, 31);
    let psychologist = house.join(PSYCHOLOGIST, &room).await;
    assert_eq!(
        psychologist.joined["participants"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_store_that_is_gone_is_an_internal_error_and_the_socket_stays() {
    let house = House::open().await;
    let (_, room) = house.book().await;
    let mut socket = house.connect(CLIENT).await;
    house.store.close().await;
    socket.emit("join-room", &json!({ "roomId": room })).await;
    let error = socket.expect("error").await;
    assert_eq!(error["code"], "INTERNAL_ERROR");
    assert_eq!(error["details"], json!({}));
    socket.expect_silence().await;
}
