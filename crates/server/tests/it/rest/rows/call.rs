//! Rows 11 to 15: start, end, retries, durations.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::rest::house::{CLIENT, DATE, House, PSYCHOLOGIST};

#[tokio::test]
async fn row_11_given_times_are_checked_against_the_clock() {
    let house = House::open().await;
    for (given, now, code) in [
        ("2025-12-15T14:00:00Z", 5, ""),
        ("2025-12-15T15:00:05+01:00", 5, ""),
        ("2025-12-15T14:01:05Z", 5, ""),
        ("2025-12-15T14:01:06Z", 5, "INVALID_TIME"),
        ("2025-12-15T13:45:00Z", 5, ""),
        ("2025-12-15T13:44:59Z", 5, "INVALID_TIME"),
        ("2025-12-15T16:00:01Z", 7200, "INVALID_TIME"),
        ("2025-12-15T14:00:00Z", -901, "TOO_EARLY"),
        ("2025-12-15T14:00:00Z", 7201, "WINDOW_CLOSED"),
    ] {
        house.set_clock(0);
        let id = house.book().await;
        house.set_clock(now);
        let start = house.post(&format!("/video-calls/start/{id}")).user(CLIENT);
        let answer = start.json(&json!({"startTime": given})).send().await;
        let status = match code {
            "" => 200,
            "INVALID_TIME" => 400,
            _ => 422,
        };
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{given} at {now}"
        );
    }
    house.set_clock(60);
    for (given, code) in [
        ("2025-12-15T14:00:00Z", ""),
        ("2025-12-15T13:59:59.999Z", "INVALID_TIME"),
        ("2025-12-15T14:02:00Z", ""),
        ("2025-12-15T14:02:00.001Z", "INVALID_TIME"),
    ] {
        let id = house.book().await;
        let start = house.post(&format!("/video-calls/start/{id}")).user(CLIENT);
        start.json(&json!({"startTime": DATE})).send().await;
        let end = house.post(&format!("/video-calls/end/{id}")).user(CLIENT);
        let answer = end.json(&json!({"endTime": given})).send().await;
        assert_eq!(answer.code(), code, "{given}");
    }
}

#[tokio::test]
async fn row_12_a_second_start_is_told_the_first() {
    let house = House::open().await;
    let id = house.book().await;
    let path = format!("/video-calls/start/{id}");
    assert_eq!(house.post(&path).user(CLIENT).send().await.status, 200);
    house.set_clock(60);
    let answer = house.post(&path).user(PSYCHOLOGIST).send().await;
    assert_snapshot!(answer.show(), @r#"
    400
    {
      "error": {
        "code": "CALL_ALREADY_STARTED",
        "details": {
          "videoCallStarted": "2025-12-15T14:00:00.000Z"
        },
        "message": "The call has already started",
        "timestamp": "2025-12-15T14:01:00.000Z"
      },
      "success": false
    }
    "#);
}

#[tokio::test]
async fn row_13_an_end_without_a_running_call_is_told_why() {
    let house = House::open().await;
    for status in ["Pending", "Confirmed", "Declined", "Cancelled"] {
        let id = house.book_as(status, "Completed").await;
        let answer = house
            .post(&format!("/video-calls/end/{id}"))
            .user(CLIENT)
            .send()
            .await;
        answer.assert_refused(400, "CALL_NOT_STARTED");
    }
    let id = house.book_as("In Progress", "Completed").await;
    let path = format!("/video-calls/end/{id}");
    house.set_clock(45 * 60);
    assert_eq!(house.post(&path).user(CLIENT).send().await.status, 200);
    house.set_clock(50 * 60);
    let end = house
        .post(&path)
        .user(CLIENT)
        .json(&json!({"endTime": "2025-12-15T14:50:00Z"}));
    assert_snapshot!(end.send().await.show(), @r#"
    422
    {
      "error": {
        "code": "CALL_ALREADY_ENDED",
        "details": {
          "duration": 45,
          "videoCallEnded": "2025-12-15T14:45:00.000Z",
          "videoCallStarted": "2025-12-15T14:00:00.000Z"
        },
        "message": "The call has already ended",
        "timestamp": "2025-12-15T14:50:00.000Z"
      },
      "success": false
    }
    "#);
    let session = house
        .get(&format!("/sessions/{id}"))
        .user(CLIENT)
        .send()
        .await;
    assert_eq!(
        session.text("/data/session/videoCallEnded"),
        "2025-12-15T14:45:00.000Z"
    );

    house.set_clock(0);
    let id = house.book_as("In Progress", "Completed").await;
    house.change(&id, json!({"status": "Cancelled"})).await;
    let answer = house
        .post(&format!("/video-calls/end/{id}"))
        .user(CLIENT)
        .send()
        .await;
    answer.assert_refused(422, "SESSION_CANCELLED");
}

#[tokio::test]
async fn row_14_the_same_key_replays_the_first_reply() {
    let house = House::open().await;
    let id = house.book().await;
    let start = |body: Value| {
        let call = house.post(&format!("/video-calls/start/{id}")).user(CLIENT);
        call.key("once").json(&body).send()
    };
    let first = start(json!({})).await;
    assert_eq!(
        (first.status, first.header("idempotency-replayed")),
        (200, "")
    );
    house.set_clock(60);
    let second = start(json!({})).await;
    assert_eq!(
        (second.status, second.header("idempotency-replayed")),
        (200, "true")
    );
    assert_eq!(second.bytes, first.bytes);
    let other = start(json!({"startTime": DATE})).await;
    other.assert_refused(422, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn row_15_the_duration_is_rounded_half_up() {
    let house = House::open().await;
    for (seconds, minutes) in [(0, 0), (29, 0), (30, 1), (89, 1), (90, 2), (2700, 45)] {
        house.set_clock(0);
        let id = house.book_as("In Progress", "Completed").await;
        house.set_clock(seconds);
        let end = house
            .post(&format!("/video-calls/end/{id}"))
            .user(CLIENT)
            .send()
            .await;
        assert_eq!(end.body["data"]["duration"], minutes, "{seconds}");
        assert_eq!(end.body["data"]["durationSeconds"], seconds);
        assert_eq!(end.body["data"]["session"]["callDuration"], minutes);
    }
}
