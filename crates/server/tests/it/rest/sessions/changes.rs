//! PATCH: the moves and what it refuses.

use serde_json::{Value, json};

use super::patch;
use crate::rest::house::{CLIENT, DATE, GUEST, House, STRANGER, UNKNOWN};

#[tokio::test]
async fn statuses_move_as_the_table_says() {
    let house = House::open().await;
    let statuses = [
        "Pending",
        "Confirmed",
        "In Progress",
        "Completed",
        "Cancelled",
        "Declined",
    ];
    for from in statuses {
        for to in statuses {
            let allowed: &[&str] = match from {
                "Pending" => &["Pending", "Confirmed", "Declined", "Cancelled"],
                "Confirmed" => &["Confirmed", "Pending", "Declined", "Cancelled"],
                "In Progress" => &["In Progress", "Cancelled"],
                other => &[other],
            };
            let id = house.book_as(from, "Completed").await;
            let answer = patch(&house, &id, &json!({"status": to})).await;
            if allowed.contains(&to) {
                assert_eq!(answer.status, 200, "{from} to {to}");
                assert_eq!(answer.text("/data/session/status"), to);
            } else {
                answer.assert_refused(409, "INVALID_TRANSITION");
                let expected = json!({"field": "status", "from": from, "to": to});
                assert_eq!(answer.body["error"]["details"], expected);
            }
        }
    }
}

#[tokio::test]
async fn payments_move_as_the_table_says() {
    let house = House::open().await;
    let statuses = ["Pending", "Completed", "Failed", "Refunded"];
    for from in statuses {
        for to in statuses {
            let allowed: &[&str] = match from {
                "Pending" => &["Pending", "Completed", "Failed"],
                "Failed" => &["Failed", "Pending", "Completed"],
                "Completed" => &["Completed", "Refunded"],
                other => &[other],
            };
            let id = house.book_with(json!({"paymentStatus": from})).await;
            let answer = patch(&house, &id, &json!({"paymentStatus": to})).await;
            if allowed.contains(&to) {
                assert_eq!(answer.status, 200, "{from} to {to}");
                assert_eq!(answer.text("/data/session/paymentStatus"), to);
            } else {
                answer.assert_refused(409, "INVALID_TRANSITION");
                let expected = json!({"field": "paymentStatus", "from": from, "to": to});
                assert_eq!(answer.body["error"]["details"], expected);
            }
        }
    }
}

#[tokio::test]
async fn a_cancelled_call_keeps_its_start() {
    let house = House::open().await;
    let id = house.book_as("In Progress", "Completed").await;
    let answer = patch(&house, &id, &json!({"status": "cancelled"})).await;
    assert_eq!(answer.text("/data/session/videoCallStarted"), DATE);
    assert_eq!(
        answer.body["data"]["session"]["videoCallEnded"],
        Value::Null
    );
}

#[tokio::test]
async fn the_date_moves_only_before_the_start() {
    let house = House::open().await;
    let change = json!({"sessionDate": "2025-12-15T15:00:00Z"});
    let id = house.book().await;
    let answer = patch(&house, &id, &change).await;
    assert_eq!(
        answer.text("/data/session/sessionDate"),
        "2025-12-15T15:00:00.000Z"
    );
    for status in ["In Progress", "Completed"] {
        let id = house.book_as(status, "Completed").await;
        let answer = patch(&house, &id, &change).await;
        answer.assert_refused(409, "INVALID_TRANSITION");
        assert_eq!(answer.body["error"]["details"]["field"], "sessionDate");
        assert_eq!(
            patch(&house, &id, &json!({"sessionDate": DATE}))
                .await
                .status,
            200
        );
    }
}

#[tokio::test]
async fn a_change_is_whole_or_not_at_all_and_the_same_changes_nothing() {
    let house = House::open().await;
    let id = house.book().await;
    let before = house
        .get(&format!("/sessions/{id}"))
        .admin()
        .send()
        .await
        .body;
    house.set_clock(10);
    for body in [
        json!({"durationMinutes": 30, "status": "Completed"}),
        json!({"durationMinutes": 30, "paymentStatus": "Failed"}),
        json!({"durationMinutes": 30, "guests": [CLIENT]}),
        json!({"durationMinutes": 30, "sessionDate": "soon"}),
        json!({"durationMinutes": 30, "client": STRANGER}),
    ] {
        let answer = patch(&house, &id, &body).await;
        assert!([400, 409].contains(&answer.status), "{body}");
    }
    let same = json!({"status": "Confirmed", "paymentStatus": "Completed", "durationMinutes": 50, "sessionDate": DATE, "guests": []});
    for body in [json!({}), same] {
        assert_eq!(patch(&house, &id, &body).await.body, before);
    }
    let changed = patch(
        &house,
        &id,
        &json!({"durationMinutes": 30, "guests": [GUEST]}),
    )
    .await;
    assert_eq!(
        changed.text("/data/session/updatedAt"),
        "2025-12-15T14:00:10.000Z"
    );
    assert_eq!(changed.text("/data/session/guests/0/name"), "Jim Doe");
    assert_eq!(
        patch(&house, &id, &json!({"guests": []})).await.body["data"]["session"]["guests"],
        json!([])
    );
}

#[tokio::test]
async fn a_change_wants_a_session_and_a_body() {
    let house = House::open().await;
    let id = house.book().await;
    patch(&house, UNKNOWN, &json!({}))
        .await
        .assert_refused(404, "SESSION_NOT_FOUND");
    patch(&house, "x", &json!({}))
        .await
        .assert_refused(400, "INVALID_SESSION_ID");
    patch(&house, &id, &json!([]))
        .await
        .assert_refused(400, "INVALID_REQUEST");
    let empty = house.patch(&format!("/sessions/{id}")).admin().send().await;
    empty.assert_refused(400, "INVALID_REQUEST");
}
