//! `Idempotency-Key` beyond row 14's first sentence: whose key, which path, what is kept.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::house::{ADMIN, CLIENT, DATE, House, PSYCHOLOGIST, lenient};

#[tokio::test]
async fn a_refusal_is_replayed_like_any_reply() {
    let house = House::open().await;
    let id = house.book_as("Pending", "Completed").await;
    let path = format!("/video-calls/start/{id}");
    let first = house.post(&path).user(CLIENT).key("k").send().await;
    first.assert_refused(422, "SESSION_NOT_CONFIRMED");
    house.change(&id, json!({"status": "Confirmed"})).await;
    let again = house.post(&path).user(CLIENT).key("k").send().await;
    again.assert_refused(422, "SESSION_NOT_CONFIRMED");
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.bytes, first.bytes);
    let other = house.post(&path).user(CLIENT).key("l").send().await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn a_key_is_its_users_and_its_paths_own() {
    let house = House::open().await;
    let id = house.book().await;
    for (user, path) in [
        (CLIENT, format!("/video-calls/generate-room/{id}")),
        (PSYCHOLOGIST, format!("/video-calls/generate-room/{id}")),
        (CLIENT, format!("/video-calls/start/{id}")),
        (CLIENT, format!("/video-calls/end/{id}")),
    ] {
        let answer = house.post(&path).user(user).key("k").send().await;
        assert_eq!(
            (answer.status, answer.header("idempotency-replayed")),
            (200, "")
        );
    }
    // Both prefixes are one path.
    let path = format!("/api/video-calls/start/{id}");
    let answer = house.post(&path).user(CLIENT).key("k").send().await;
    assert_eq!(
        (answer.status, answer.header("idempotency-replayed")),
        (200, "true")
    );
}

#[tokio::test]
async fn a_session_is_booked_once_with_a_key() {
    let house = House::open().await;
    let body = json!({"client": CLIENT, "psychologist": PSYCHOLOGIST, "sessionDate": DATE});
    let book = || house.post("/sessions").admin().key("k").json(&body).send();
    let (first, second) = (book().await, book().await);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.bytes, second.bytes);
    let list = house.get("/sessions").admin().send().await;
    assert_eq!(list.body["data"]["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_replay_lasts_24_hours_and_survives_a_restart() {
    let house = House::open().await;
    let id = house.book().await;
    let path = format!("/video-calls/start/{id}");
    let first = house.post(&path).user(CLIENT).key("k").send().await;
    house.set_clock(86_399);
    let beside = house.beside().await;
    let answer = beside.post(&path).user(CLIENT).key("k").send().await;
    assert_eq!((answer.status, &answer.bytes), (200, &first.bytes));
    house.set_clock(86_401);
    let answer = house.post(&path).user(CLIENT).key("k").send().await;
    answer.assert_refused(400, "CALL_ALREADY_STARTED");
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let house = House::open().await;
    let id = house.book().await;
    let path = format!("/video-calls/start/{id}");
    for key in ["", &"k".repeat(256), "caf\u{e9}", "tab\tbed"] {
        let answer = house.post(&path).user(CLIENT).key(key).send().await;
        answer.assert_refused(400, "INVALID_REQUEST");
        assert_eq!(answer.body["error"]["details"]["field"], "Idempotency-Key");
    }
    let twice = house
        .post(&path)
        .user(CLIENT)
        .key("a")
        .key("b")
        .send()
        .await;
    twice.assert_refused(400, "INVALID_REQUEST");
    let longest = "~".repeat(255);
    let answer = house.post(&path).user(CLIENT).key(&longest).send().await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn limits_come_first_and_neither_they_nor_bad_tokens_are_kept() {
    let mut config = lenient();
    config.rate_limit.video_calls_per_minute = 2;
    let house = House::with(config).await;
    let id = house.book().await;
    let path = format!("/video-calls/start/{id}");
    let answer = house.post(&path).token("bad").key("k").send().await;
    answer.assert_refused(401, "AUTHENTICATION_FAILED");
    assert_eq!(
        house.post(&path).user(CLIENT).key("k").send().await.status,
        200
    );
    let replay = house.post(&path).user(CLIENT).key("k").send().await;
    assert_eq!(
        (replay.status, replay.header("x-ratelimit-remaining")),
        (200, "0")
    );
    let over = house.post(&path).user(CLIENT).key("new").send().await;
    over.assert_refused(429, "RATE_LIMIT_EXCEEDED");
    house.set_clock(60);
    let answer = house.post(&path).user(CLIENT).key("new").send().await;
    answer.assert_refused(400, "CALL_ALREADY_STARTED");
    assert_eq!(answer.header("idempotency-replayed"), "");
}

#[tokio::test]
async fn a_key_on_a_read_or_a_change_means_nothing() {
    let house = House::open().await;
    let id = house.book().await;
    for key in ["k", ""] {
        let answer = house.get(&format!("/sessions/{id}")).user(CLIENT).key(key);
        assert_eq!(answer.send().await.status, 200);
        let change = json!({"durationMinutes": 45});
        let answer = house
            .patch(&format!("/sessions/{id}"))
            .user(ADMIN)
            .key(key)
            .json(&change);
        assert_eq!(answer.send().await.status, 200);
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_no_key_in_flight() {
    let house = House::open().await;
    let id = house.book().await;
    let path = format!("/api/v1/video-calls/start/{id}");
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    let token = house.token(CLIENT);
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nx-auth-token: {token}\r\nidempotency-key: k\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    drop(stream);
    // Whether the server had begun with it or not, the same request is answered in the end.
    let answered = async {
        loop {
            let answer = house.post(&path).user(CLIENT).key("k").send().await;
            if answer.status != 409 {
                return answer;
            }
            answer.assert_refused(409, "IDEMPOTENCY_IN_FLIGHT");
            assert_eq!(answer.header("retry-after"), "1");
        }
    };
    let answer = tokio::time::timeout(Duration::from_secs(10), answered)
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text("/data/session/status"), "In Progress");
}
