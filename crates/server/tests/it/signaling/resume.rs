//! Loss and resume: the place is kept, signals wait, others are told, media goes on.

use std::time::Duration;

use serde_json::json;

use super::house::{CLIENT, House, Joined, Meeting, PSYCHOLOGIST, lenient};

async fn lose_client(meeting: Meeting) -> (Left, String, String) {
    let Meeting {
        room,
        client,
        mut psychologist,
        ..
    } = meeting;
    let (token, id) = (client.resume_token(), client.socket.id.clone());
    client.socket.lose();
    let told = psychologist.socket.expect("user-reconnecting").await;
    assert_eq!(
        told,
        json!({ "socketId": id, "userId": CLIENT.to_string() })
    );
    (Left { room, psychologist }, token, id)
}

/// Who is left when the client is lost.
struct Left {
    room: String,
    psychologist: Joined,
}

#[tokio::test]
async fn a_lost_socket_keeps_its_place_and_its_signals_until_it_is_back() {
    let house = House::open().await;
    let (mut rest, token, lost_id) = lose_client(house.meet().await).await;
    for number in 0..3 {
        let signal = json!({ "candidate": number, "to": lost_id });
        let answer = rest.psychologist.socket.ask("ice-candidate", &signal).await;
        assert_eq!(answer["success"], true);
    }
    let back = json!({ "roomId": rest.room, "resumeToken": token });
    let mut client = house.join_with(CLIENT, back).await;
    assert_eq!(client.resume_token(), token);
    let participants = &client.joined["participants"];
    assert_eq!(participants[0]["socketId"], client.socket.id);
    assert!(participants[0].get("reconnecting").is_none());
    for number in 0..3 {
        let kept = client.socket.expect("ice-candidate").await;
        let from = &rest.psychologist.socket.id;
        assert_eq!(kept, json!({ "candidate": number, "from": from }));
    }
    let told = rest.psychologist.socket.expect("user-reconnected").await;
    assert_eq!(
        told,
        json!({
            "socketId": client.socket.id, "previousSocketId": lost_id, "userId": CLIENT.to_string()
        })
    );
    // Signals to the previous id reach the new one.
    let late = json!({ "candidate": "late", "to": lost_id });
    rest.psychologist.socket.emit("ice-candidate", &late).await;
    assert_eq!(
        client.socket.expect("ice-candidate").await["candidate"],
        "late"
    );
}

#[tokio::test]
async fn a_newcomer_sees_who_is_reconnecting() {
    let house = House::open().await;
    let (_, room) = house.book().await;
    let client = house.join(CLIENT, &room).await;
    client.socket.lose();
    let mut watching = house.connect(PSYCHOLOGIST).await;
    let joined = loop {
        // The loss may be noticed after the join; joining again shows the room as it is then.
        watching.emit("join-room", &json!({ "roomId": room })).await;
        let joined = watching.expect("room-joined").await;
        if joined["participants"][0]["reconnecting"] == true {
            break joined;
        }
        watching.expect("user-reconnecting").await;
    };
    assert_eq!(joined["participants"][0]["userId"], CLIENT.to_string());
}

#[tokio::test]
async fn a_place_that_nobody_takes_back_is_left_after_the_grace() {
    let house = House::open().await;
    let (mut rest, token, lost_id) = lose_client(house.meet().await).await;
    house.clock.advance(Duration::from_millis(9_999));
    rest.psychologist.socket.expect_silence().await;
    house.clock.advance(Duration::from_millis(1));
    assert_eq!(
        rest.psychologist.socket.expect("user-left").await["socketId"],
        lost_id
    );
    // A token of a place that is gone is simply a join.
    let back = json!({ "roomId": rest.room, "resumeToken": token });
    let client = house.join_with(CLIENT, back).await;
    assert_ne!(client.resume_token(), token);
    rest.psychologist.socket.expect("user-joined").await;
}

#[tokio::test]
async fn a_resume_before_the_loss_was_noticed_closes_the_old_socket() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let token = meeting.client.resume_token();
    let back = json!({ "roomId": meeting.room, "resumeToken": token });
    let client = house.join_with(CLIENT, back).await;
    assert_eq!(meeting.client.socket.closed().await, Vec::<String>::new());
    let told = meeting.psychologist.socket.expect("user-reconnected").await;
    assert_eq!(told["socketId"], client.socket.id);
    assert_eq!(told["previousSocketId"], meeting.client.socket.id);
    meeting.psychologist.socket.expect_silence().await;
}

#[tokio::test]
async fn a_lost_reply_to_a_resume_is_mended_by_resuming_again() {
    let house = House::open().await;
    let (mut rest, token, _) = lose_client(house.meet().await).await;
    for _ in 0..3 {
        let back = json!({ "roomId": rest.room, "resumeToken": token });
        let client = house.join_with(CLIENT, back).await;
        rest.psychologist.socket.expect("user-reconnected").await;
        client.socket.lose();
        rest.psychologist.socket.expect("user-reconnecting").await;
    }
}

#[tokio::test]
async fn a_token_of_somebody_else_resumes_nothing() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    let stolen = meeting.client.resume_token();
    let mut thief = house.connect(PSYCHOLOGIST).await;
    let attempt = json!({ "roomId": meeting.room, "resumeToken": stolen });
    thief.emit("join-room", &attempt).await;
    // It is the psychologist's own second tab, and no more.
    thief.expect("room-joined").await;
    assert_eq!(
        meeting.psychologist.socket.expect("removed").await["reason"],
        "REPLACED"
    );
    meeting.client.socket.expect("user-left").await;
    meeting.client.socket.expect("user-joined").await;
}

#[tokio::test]
async fn a_resume_is_no_new_connection() {
    let mut config = lenient();
    config.rate_limit.connections_per_minute = 1;
    let house = House::with(config).await;
    let meeting = house.meet().await;
    let refused = house
        .try_connect(json!({ "token": house.token(CLIENT) }))
        .await
        .err()
        .unwrap();
    assert_eq!(refused["message"], "RATE_LIMIT_EXCEEDED");
    let token = meeting.client.resume_token();
    for _ in 0..5 {
        let auth = json!({ "token": house.token(CLIENT), "resumeToken": token });
        assert!(house.try_connect(auth).await.is_ok());
    }
    let foreign = json!({ "token": house.token(PSYCHOLOGIST), "resumeToken": token });
    assert!(house.try_connect(foreign).await.is_err());
}

#[tokio::test]
async fn a_resume_token_works_after_a_restart() {
    let house = House::open().await;
    let Meeting {
        room,
        client,
        psychologist,
        ..
    } = house.meet().await;
    let tokens = [client.resume_token(), psychologist.resume_token()];
    let previous = psychologist.socket.id.clone();
    let house = house.restart().await;
    let auth = json!({ "token": house.token(CLIENT), "resumeToken": tokens[0] });
    let mut client = house.try_connect(auth).await.unwrap();
    client
        .emit(
            "join-room",
            &json!({ "roomId": room, "resumeToken": tokens[0] }),
        )
        .await;
    let joined = client.expect("room-joined").await;
    assert_eq!(joined["participants"][1]["reconnecting"], true);
    let back = json!({ "roomId": room, "resumeToken": tokens[1] });
    let psychologist = house.join_with(PSYCHOLOGIST, back).await;
    let told = client.expect("user-reconnected").await;
    assert_eq!(told["previousSocketId"], previous);
    assert_eq!(told["socketId"], psychologist.socket.id);
}

#[tokio::test]
async fn too_much_for_a_lost_member_is_refused_and_the_rest_still_arrives() {
    let house = House::open().await;
    let (mut rest, token, lost_id) = lose_client(house.meet().await).await;
    let large = "x".repeat(40 * 1024);
    let signal = json!({ "candidate": large, "to": lost_id });
    let answer = rest.psychologist.socket.ask("ice-candidate", &signal).await;
    assert_eq!(answer["success"], true);
    let answer = rest.psychologist.socket.ask("ice-candidate", &signal).await;
    assert_eq!(answer["error"]["code"], "RATE_LIMIT_EXCEEDED");
    let back = json!({ "roomId": rest.room, "resumeToken": token });
    let mut client = house.join_with(CLIENT, back).await;
    assert_eq!(
        client.socket.expect("ice-candidate").await["candidate"],
        large
    );
    client.socket.expect_silence().await;
}
