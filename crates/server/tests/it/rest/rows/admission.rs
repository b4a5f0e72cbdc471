//! Rows 6 to 10: who can join when, and the room.

use serde_json::Value;

use crate::rest::house::{CLIENT, House, PSYCHOLOGIST, lenient};

const REASONS: [(&str, &str, i64, &str); 11] = [
    ("Cancelled", "Completed", 0, "SESSION_CANCELLED"),
    ("Declined", "Refunded", 0, "SESSION_DECLINED"),
    ("Completed", "Completed", 0, "SESSION_COMPLETED"),
    ("Pending", "Failed", 0, "SESSION_NOT_CONFIRMED"),
    ("Confirmed", "Pending", -86_400, "PAYMENT_PENDING"),
    ("Confirmed", "Failed", 0, "PAYMENT_FAILED"),
    ("Confirmed", "Refunded", 86_400, "PAYMENT_REFUNDED"),
    ("In Progress", "Refunded", 0, "PAYMENT_REFUNDED"),
    ("Confirmed", "Completed", -901, "TOO_EARLY"),
    ("Confirmed", "Completed", 7201, "WINDOW_CLOSED"),
    ("In Progress", "Completed", 7201, "WINDOW_CLOSED"),
];

#[tokio::test]
async fn row_06_a_call_in_progress_can_be_joined() {
    let house = House::open().await;
    for status in ["Confirmed", "In Progress"] {
        let id = house.book_as(status, "Completed").await;
        for user in [CLIENT, PSYCHOLOGIST] {
            let answer = house.get(&format!("/video-calls/can-join/{id}")).user(user);
            let answer = answer.send().await;
            assert_eq!(answer.body["data"]["canJoin"], true, "{status}");
            assert_eq!(answer.body["data"]["reason"], Value::Null);
        }
    }
}

#[tokio::test]
async fn row_07_the_first_reason_that_applies_is_given() {
    for (status, payment, seconds, reason) in REASONS {
        let house = House::open().await;
        let id = house.book_as(status, payment).await;
        house.set_clock(seconds);
        let answer = house
            .get(&format!("/video-calls/can-join/{id}"))
            .user(CLIENT);
        let answer = answer.send().await;
        assert_eq!(answer.body["data"]["canJoin"], false, "{status} {payment}");
        assert_eq!(answer.text("/data/reason"), reason, "{status} {payment}");
    }
}

#[tokio::test]
async fn row_07_start_refuses_with_the_same_reasons() {
    for (status, payment, seconds, reason) in REASONS {
        let house = House::open().await;
        let id = house.book_as(status, payment).await;
        house.set_clock(seconds);
        let answer = house
            .post(&format!("/video-calls/start/{id}"))
            .user(CLIENT)
            .send()
            .await;
        if status == "In Progress" {
            answer.assert_refused(400, "CALL_ALREADY_STARTED");
        } else {
            answer.assert_refused(422, reason);
        }
    }
}

#[tokio::test]
async fn row_08_the_window_has_both_its_ends_and_is_configured() {
    let mut config = lenient();
    config.join_window.before = std::time::Duration::from_mins(1);
    config.join_window.after = std::time::Duration::from_mins(2);
    for (config, before, after) in [(lenient(), 900, 7200), (config, 60, 120)] {
        let house = House::with(config).await;
        let id = house.book().await;
        for (seconds, can_join) in [
            (-before - 1, false),
            (-before, true),
            (after, true),
            (after + 1, false),
        ] {
            house.set_clock(seconds);
            let answer = house
                .get(&format!("/video-calls/can-join/{id}"))
                .user(CLIENT);
            assert_eq!(
                answer.send().await.body["data"]["canJoin"],
                can_join,
                "{seconds}"
            );
        }
    }
}

#[tokio::test]
async fn row_09_minutes_are_rounded_and_go_below_zero() {
    let house = House::open().await;
    let id = house.book().await;
    for (seconds, minutes) in [
        (-600, 10),
        (-629, 10),
        (-630, 11),
        (0, 0),
        (-29, 0),
        (31, -1),
        (600, -10),
    ] {
        house.set_clock(seconds);
        let answer = house
            .get(&format!("/video-calls/can-join/{id}"))
            .user(CLIENT);
        let answer = answer.send().await;
        assert_eq!(
            answer.body["data"]["minutesUntilSession"], minutes,
            "{seconds}"
        );
    }
}

#[tokio::test]
async fn row_10_a_room_is_made_at_any_time_once_confirmed_and_paid() {
    for (status, payment, seconds, reason) in REASONS {
        let house = House::open().await;
        let id = house.book_as(status, payment).await;
        house.set_clock(seconds);
        let path = format!("/video-calls/generate-room/{id}");
        let answer = house.post(&path).user(CLIENT).send().await;
        if ["TOO_EARLY", "WINDOW_CLOSED"].contains(&reason) {
            assert_eq!(answer.status, 200, "{reason}");
        } else {
            answer.assert_refused(422, reason);
        }
    }
}
