//! Rows 1 to 5: paths, envelopes, errors, words.

use insta::assert_snapshot;
use serde_json::json;

use crate::rest::house::{CLIENT, House, PSYCHOLOGIST, STRANGER, UNKNOWN, lenient};

#[tokio::test]
async fn row_01_both_prefixes_serve_the_same() {
    let house = House::open().await;
    let id = house.book().await;
    let path = format!("/video-calls/can-join/{id}");
    let first = house
        .get(&format!("/api/v1{path}"))
        .user(CLIENT)
        .send()
        .await;
    let second = house.get(&format!("/api{path}")).user(CLIENT).send().await;
    assert_eq!((first.status, &first.body), (200, &second.body));
    for path in [
        "/api/v2/video-calls/config",
        "/api/v1",
        "/api",
        "/api/v1/video-calls",
        "/api/v1/video-calls/config/",
        "/api/v1/nothing",
        "/v2/video-calls/config",
    ] {
        let answer = house.get(path).user(CLIENT).send().await;
        answer.assert_refused(404, "NOT_FOUND");
    }
    for (method, path, allow) in [
        ("POST", "/video-calls/config".to_owned(), "GET,HEAD"),
        ("DELETE", format!("/video-calls/start/{id}"), "POST"),
        ("GET", format!("/video-calls/start/{id}"), "POST"),
        ("PUT", format!("/sessions/{id}"), "GET,HEAD,PATCH"),
        ("DELETE", "/sessions".to_owned(), "POST,GET,HEAD"),
        ("OPTIONS", "/video-calls/config".to_owned(), "GET,HEAD"),
    ] {
        let answer = house.call(method, &path).user(CLIENT).send().await;
        answer.assert_refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn row_02_data_is_mirrored_at_the_top_when_asked_for() {
    let mut config = lenient();
    config.compat.flat_responses = true;
    let flat = House::with(config).await;
    let plain = House::open().await;
    let id = flat.book().await;
    let answer = flat
        .get(&format!("/video-calls/can-join/{id}"))
        .user(CLIENT)
        .send()
        .await;
    for (name, value) in answer.body["data"].as_object().unwrap() {
        assert_eq!(&answer.body[name], value, "{name}");
    }
    assert_eq!(answer.body["success"], true);
    let config = flat.get("/video-calls/config").user(CLIENT).send().await;
    assert!(config.body["iceServers"].is_array());
    let room = flat
        .post(&format!("/video-calls/generate-room/{id}"))
        .user(CLIENT)
        .send()
        .await;
    assert_eq!(room.body["roomId"], room.body["data"]["roomId"]);
    let answer = plain.get("/video-calls/config").user(CLIENT).send().await;
    let names: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["data", "success"]);
}

#[tokio::test]
async fn row_03_errors_have_one_shape() {
    let house = House::open().await;
    let answer = house.get("/video-calls/config").send().await;
    assert_snapshot!(answer.show(), @r#"
    401
    {
      "error": {
        "code": "AUTHENTICATION_FAILED",
        "details": {},
        "message": "A token is required: x-auth-token, or Authorization: Bearer",
        "timestamp": "2025-12-15T14:00:00.000Z"
      },
      "success": false
    }
    "#);
    assert_eq!(answer.header("content-type"), "application/json");
    let path = format!("/video-calls/can-join/{UNKNOWN}");
    let answer = house.get(&path).user(CLIENT).send().await;
    assert_snapshot!(answer.show(), @r#"
    404
    {
      "error": {
        "code": "SESSION_NOT_FOUND",
        "details": {},
        "message": "Session not found",
        "timestamp": "2025-12-15T14:00:00.000Z"
      },
      "success": false
    }
    "#);
}

#[tokio::test]
async fn row_04_a_bad_token_a_stranger_and_a_role_are_told_apart() {
    let house = House::open().await;
    let id = house.book().await;
    let path = format!("/video-calls/can-join/{id}");
    let answer = house.get(&path).token("bad").send().await;
    answer.assert_refused(401, "AUTHENTICATION_FAILED");
    let answer = house.get(&path).user(STRANGER).send().await;
    answer.assert_refused(401, "PERMISSION_DENIED");
    for user in [CLIENT, PSYCHOLOGIST] {
        let answer = house
            .post("/sessions")
            .user(user)
            .json(&json!({}))
            .send()
            .await;
        answer.assert_refused(403, "PERMISSION_DENIED");
    }
}

#[tokio::test]
async fn row_05_words_are_shown_in_two_ways_and_read_in_many() {
    let house = House::open().await;
    let id = house.book_as("In Progress", "Completed").await;
    let session = house
        .get(&format!("/sessions/{id}"))
        .user(CLIENT)
        .send()
        .await;
    assert_eq!(session.text("/data/session/status"), "In Progress");
    let answer = house
        .get(&format!("/video-calls/can-join/{id}"))
        .user(CLIENT)
        .send()
        .await;
    assert_eq!(answer.text("/data/sessionStatus"), "in_progress");
    assert_eq!(answer.text("/data/paymentStatus"), "completed");
    for word in ["In Progress", "in_progress", "IN-PROGRESS", "In%20progress"] {
        let path = format!("/sessions?status={}", word.replace(' ', "%20"));
        let list = house.get(&path).user(CLIENT).send().await;
        assert_eq!(list.body["data"]["sessions"][0]["id"], json!(id), "{word}");
    }
}
