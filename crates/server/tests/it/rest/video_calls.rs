//! Each video-call endpoint: its answer, and every refusal it knows.

use insta::assert_snapshot;
use serde_json::json;

use super::house::{ADMIN, CLIENT, GUEST, House, PSYCHOLOGIST, STRANGER, UNKNOWN, lenient};

const NAMES: [(&str, &str); 4] = [
    ("GET", "can-join"),
    ("POST", "generate-room"),
    ("POST", "start"),
    ("POST", "end"),
];

#[tokio::test]
async fn config_lists_the_ice_servers() {
    let house = House::open().await;
    let answer = house.get("/video-calls/config").user(CLIENT).send().await;
    assert_snapshot!(answer.show(), @r#"
    200
    {
      "data": {
        "iceServers": [
          {
            "urls": "stun:stun.l.google.com:19302"
          },
          {
            "urls": "stun:stun1.l.google.com:19302"
          }
        ]
      },
      "success": true
    }
    "#);
}

#[tokio::test]
async fn config_hands_out_the_configured_turn_credential() {
    let mut config = lenient();
    config.ice.turn_urls = vec!["turn:turn.example.com:3478".to_owned()];
    config.ice.turn_username = Some("turnuser".to_owned());
    config.ice.turn_credential = Some(holdspace::config::Secret::new("turnpass"));
    let house = House::with(config).await;
    let answer = house.get("/video-calls/config").user(CLIENT).send().await;
    assert_snapshot!(answer.body["data"].to_string(), @r#"{"iceServers":[{"urls":"stun:stun.l.google.com:19302"},{"urls":"stun:stun1.l.google.com:19302"},{"credential":"turnpass","urls":"turn:turn.example.com:3478","username":"turnuser"}]}"#);
}

#[tokio::test]
async fn config_mints_turn_credentials_that_expire() {
    let mut config = lenient();
    config.ice.stun_urls.clear();
    config.ice.turn_urls = vec![
        "turn:turn.example.com:3478".to_owned(),
        "turns:turn.example.com:5349".to_owned(),
    ];
    config.ice.turn_secret = Some(holdspace::config::Secret::new("shared with the relay"));
    let house = House::with(config).await;
    let answer = house.get("/video-calls/config").user(CLIENT).send().await;
    assert_snapshot!(answer.show(), @r#"
    200
    {
      "data": {
        "expiresAt": "2025-12-15T20:00:00.000Z",
        "iceServers": [
          {
            "credential": "PxEvq0G68VBO4K/RTx3HidHW9WI=",
            "urls": "turn:turn.example.com:3478",
            "username": "1765828800:507f1f77bcf86cd799439012"
          },
          {
            "credential": "PxEvq0G68VBO4K/RTx3HidHW9WI=",
            "urls": "turns:turn.example.com:5349",
            "username": "1765828800:507f1f77bcf86cd799439012"
          }
        ]
      },
      "success": true
    }
    "#);
}

#[tokio::test]
async fn generate_room_answers_as_the_reference_shows() {
    let house = House::open().await;
    let id = house.book().await;
    let path = format!("/video-calls/generate-room/{id}");
    let mut answer = house.post(&path).user(CLIENT).send().await;
    let room = answer.text("/data/roomId");
    assert!(holdspace_domain::RoomId::parse(&room).is_ok(), "{room}");
    assert_eq!(room.as_bytes()[19], b'4', "a version 4 UUID: {room}");
    answer.body["data"]["roomId"] = json!("room-…");
    assert_eq!(answer.text("/data/sessionId"), id);
    answer.body["data"]["sessionId"] = json!("…");
    assert_snapshot!(answer.show(), @r#"
    200
    {
      "data": {
        "participants": {
          "client": {
            "email": "johndoe@example.com",
            "id": "507f1f77bcf86cd799439012",
            "name": "John Doe"
          },
          "psychologist": {
            "email": "drjanesmith@example.com",
            "id": "507f1f77bcf86cd799439013",
            "name": "Dr. Jane Smith"
          }
        },
        "roomId": "room-…",
        "sessionDate": "2025-12-15T14:00:00.000Z",
        "sessionId": "…",
        "sessionType": "Individual"
      },
      "success": true
    }
    "#);
    for user in [PSYCHOLOGIST, ADMIN] {
        let again = house.post(&path).user(user).send().await;
        assert_eq!(
            (again.status, again.text("/data/roomId")),
            (200, room.clone())
        );
    }
}

#[tokio::test]
async fn guests_are_listed_when_there_are_some() {
    let house = House::open().await;
    let id = house.book_with(json!({"guests": [GUEST]})).await;
    let path = format!("/video-calls/generate-room/{id}");
    let answer = house.post(&path).user(GUEST).send().await;
    assert_snapshot!(answer.body["data"]["participants"]["guests"].to_string(), @r#"[{"email":"jimdoe@example.com","id":"507f1f77bcf86cd799439014","name":"Jim Doe"}]"#);
    let start = house.post(&format!("/video-calls/start/{id}"));
    let answer = start.user(GUEST).send().await;
    assert_snapshot!(answer.body["data"]["session"]["participants"].to_string(), @r#"{"client":"John Doe","guests":["Jim Doe"],"psychologist":"Dr. Jane Smith"}"#);
}

#[tokio::test]
async fn can_join_answers_as_the_reference_shows() {
    let house = House::open().await;
    let id = house.book().await;
    house.set_clock(-600);
    let path = format!("/video-calls/can-join/{id}");
    let answer = house.get(&path).user(CLIENT).send().await;
    assert_snapshot!(answer.show(), @r#"
    200
    {
      "data": {
        "canJoin": true,
        "minutesUntilSession": 10,
        "paymentStatus": "completed",
        "reason": null,
        "recheckAt": "2025-12-15T16:00:00.001Z",
        "sessionStatus": "confirmed",
        "timeWindow": {
          "allowedFrom": "2025-12-15T13:45:00.000Z",
          "allowedUntil": "2025-12-15T16:00:00.000Z"
        }
      },
      "success": true
    }
    "#);
    house.set_clock(-3600);
    let answer = house.get(&path).user(PSYCHOLOGIST).send().await;
    assert_snapshot!(answer.show(), @r#"
    200
    {
      "data": {
        "canJoin": false,
        "minutesUntilSession": 60,
        "paymentStatus": "completed",
        "reason": "TOO_EARLY",
        "recheckAt": "2025-12-15T13:45:00.000Z",
        "sessionStatus": "confirmed",
        "timeWindow": {
          "allowedFrom": "2025-12-15T13:45:00.000Z",
          "allowedUntil": "2025-12-15T16:00:00.000Z"
        }
      },
      "success": true
    }
    "#);
}

#[tokio::test]
async fn start_and_end_answer_as_the_reference_shows() {
    let house = House::open().await;
    let id = house.book().await;
    let start = house
        .post(&format!("/video-calls/start/{id}"))
        .user(PSYCHOLOGIST);
    let start = start.json(&json!({"startTime": "2025-12-15T14:00:00.000Z"}));
    let shown = |shown: String| shown.replace(&id, "…");
    assert_snapshot!(shown(start.send().await.show()), @r#"
    200
    {
      "data": {
        "message": "Video call started successfully",
        "session": {
          "id": "…",
          "participants": {
            "client": "John Doe",
            "psychologist": "Dr. Jane Smith"
          },
          "status": "In Progress",
          "videoCallStarted": "2025-12-15T14:00:00.000Z"
        }
      },
      "success": true
    }
    "#);
    house.set_clock(45 * 60);
    let end = house.post(&format!("/video-calls/end/{id}")).user(CLIENT);
    let end = end.json(&json!({"endTime": "2025-12-15T14:45:00.000Z"}));
    assert_snapshot!(shown(end.send().await.show()), @r#"
    200
    {
      "data": {
        "duration": 45,
        "durationSeconds": 2700,
        "message": "Video call ended successfully",
        "session": {
          "callDuration": 45,
          "id": "…",
          "status": "Completed",
          "videoCallEnded": "2025-12-15T14:45:00.000Z",
          "videoCallStarted": "2025-12-15T14:00:00.000Z"
        }
      },
      "success": true
    }
    "#);
}

#[tokio::test]
async fn every_endpoint_refuses_by_the_session_it_is_asked_for() {
    let house = House::open().await;
    let id = house.book().await;
    for (method, name) in NAMES {
        for (session, user, status, code) in [
            ("507f1f77bcf86cd79943901", CLIENT, 400, "INVALID_SESSION_ID"),
            (
                "507f1f77bcf86cd7994390111",
                CLIENT,
                400,
                "INVALID_SESSION_ID",
            ),
            (
                "507f1f77bcf86cd79943901g",
                CLIENT,
                400,
                "INVALID_SESSION_ID",
            ),
            ("%00", CLIENT, 400, "INVALID_SESSION_ID"),
            ("%FF%FE", CLIENT, 400, "INVALID_SESSION_ID"),
            ("..%2f..", CLIENT, 400, "INVALID_SESSION_ID"),
            (UNKNOWN, CLIENT, 404, "SESSION_NOT_FOUND"),
            (UNKNOWN, ADMIN, 404, "SESSION_NOT_FOUND"),
            (&*id, STRANGER, 401, "PERMISSION_DENIED"),
            (&*id, GUEST, 401, "PERMISSION_DENIED"),
        ] {
            let call = house.call(method, &format!("/video-calls/{name}/{session}"));
            let answer = call.user(user).send().await;
            answer.assert_refused(status, code);
        }
    }
}

#[tokio::test]
async fn ids_are_read_in_either_case() {
    let house = House::open().await;
    let id = house.book().await.to_uppercase();
    let answer = house
        .get(&format!("/video-calls/can-join/{id}"))
        .user(CLIENT);
    assert_eq!(answer.send().await.body["data"]["canJoin"], true);
}

#[tokio::test]
async fn every_endpoint_wants_a_token() {
    let house = House::open().await;
    let id = house.book().await;
    for (method, path) in [
        ("GET", "/video-calls/config".to_owned()),
        ("GET", format!("/video-calls/can-join/{id}")),
        ("POST", format!("/video-calls/generate-room/{id}")),
        ("POST", format!("/video-calls/start/{id}")),
        ("POST", format!("/video-calls/end/{id}")),
        ("GET", "/sessions".to_owned()),
        ("POST", "/sessions".to_owned()),
        ("GET", format!("/sessions/{id}")),
        ("PATCH", format!("/sessions/{id}")),
        ("POST", "/users".to_owned()),
        ("GET", format!("/users/{CLIENT}")),
        ("GET", "/auth/me".to_owned()),
    ] {
        let answer = house.call(method, &path).send().await;
        answer.assert_refused(401, "AUTHENTICATION_FAILED");
        let answer = house.call(method, &path).token("nonsense").send().await;
        answer.assert_refused(401, "AUTHENTICATION_FAILED");
        // Never from the URL.
        let url = format!("{path}?token={0}&x-auth-token={0}", house.token(ADMIN));
        let answer = house.call(method, &url).send().await;
        answer.assert_refused(401, "AUTHENTICATION_FAILED");
    }
}

#[tokio::test]
async fn start_wants_a_body_that_makes_sense() {
    let house = House::open().await;
    let id = house.book().await;
    for name in ["start", "end"] {
        let path = format!("/video-calls/{name}/{id}");
        let field = format!("{name}Time");
        for (body, code, named) in [
            ("{", "INVALID_REQUEST", None),
            ("nonsense", "INVALID_REQUEST", None),
            ("null", "INVALID_REQUEST", None),
            ("42", "INVALID_REQUEST", None),
            ("[]", "INVALID_REQUEST", None),
            ("[\"2025-12-15T14:00:00Z\"]", "INVALID_REQUEST", None),
            ("\"2025-12-15T14:00:00Z\"", "INVALID_REQUEST", None),
            ("{\"TIME\": 42}", "INVALID_REQUEST", Some(&*field)),
            ("{\"TIME\": null}", "INVALID_REQUEST", Some(&*field)),
            ("{\"TIME\": true}", "INVALID_REQUEST", Some(&*field)),
            ("{\"TIME\": []}", "INVALID_REQUEST", Some(&*field)),
            ("{\"TIME\": {}}", "INVALID_REQUEST", Some(&*field)),
            (
                "{\"TIME\": \"\", \"TIME\": \"\"}",
                "INVALID_REQUEST",
                Some(&*field),
            ),
            ("{\"TIME\": \"\"}", "INVALID_TIME", Some(&*field)),
            ("{\"TIME\": \"soon\"}", "INVALID_TIME", Some(&*field)),
            ("{\"TIME\": \"2025-12-15\"}", "INVALID_TIME", Some(&*field)),
            (
                "{\"TIME\": \"2025-12-15T14:00:00\"}",
                "INVALID_TIME",
                Some(&*field),
            ),
            (
                "{\"TIME\": \"1765807200000\"}",
                "INVALID_TIME",
                Some(&*field),
            ),
        ] {
            let body = body.replace("TIME", &field);
            let call = house.post(&path).user(CLIENT);
            let answer = call.body("application/json", body.clone()).send().await;
            answer.assert_refused(400, code);
            let details = &answer.body["error"]["details"]["field"];
            assert_eq!(details.as_str(), named, "{body}");
        }
        let deep = "[".repeat(10_000);
        let call = house.post(&path).user(CLIENT);
        let answer = call
            .body("application/json", format!("{{\"x\":{deep}"))
            .send()
            .await;
        answer.assert_refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn a_missing_an_empty_and_a_richer_body_are_fine() {
    let house = House::open().await;
    for body in [None, Some(""), Some("{}"), Some(" {\"note\": [1]} ")] {
        let id = house.book().await;
        for name in ["generate-room", "start", "end"] {
            let mut call = house
                .post(&format!("/video-calls/{name}/{id}"))
                .user(CLIENT);
            if let Some(body) = body {
                call = call.body("application/json; charset=utf-8", body);
            }
            let answer = call.send().await;
            assert_eq!(answer.status, 200, "{name} {body:?} {}", answer.body);
        }
    }
}
