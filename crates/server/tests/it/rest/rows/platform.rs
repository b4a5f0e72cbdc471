//! Rows 21 to 23: what the platform and its admins may.

use serde_json::json;

use crate::rest::house::{ADMIN, CLIENT, DATE, GUEST, House, PSYCHOLOGIST, STRANGER, lenient};

#[tokio::test]
async fn row_21_the_platform_books_confirms_and_pays() {
    let house = House::open().await;
    let fields = json!({"status": "Pending", "paymentStatus": "Pending"});
    let id = house.book_with(fields).await;
    for change in [
        json!({"status": "Confirmed"}),
        json!({"paymentStatus": "Completed"}),
    ] {
        let answer = house
            .get(&format!("/video-calls/can-join/{id}"))
            .user(CLIENT);
        assert_eq!(answer.send().await.body["data"]["canJoin"], false);
        for user in [CLIENT, PSYCHOLOGIST] {
            let call = house
                .patch(&format!("/sessions/{id}"))
                .user(user)
                .json(&change);
            call.send().await.assert_refused(403, "PERMISSION_DENIED");
        }
        house.change(&id, change).await;
    }
    let answer = house
        .get(&format!("/video-calls/can-join/{id}"))
        .user(CLIENT);
    assert_eq!(answer.send().await.body["data"]["canJoin"], true);
}

#[tokio::test]
async fn row_22_an_admin_may_use_every_endpoint_of_every_session() {
    let house = House::open().await;
    let id = house.book().await;
    for (method, path) in [
        ("GET", "/video-calls/config".to_owned()),
        ("GET", format!("/video-calls/can-join/{id}")),
        ("POST", format!("/video-calls/generate-room/{id}")),
        ("POST", format!("/video-calls/start/{id}")),
        ("POST", format!("/video-calls/end/{id}")),
        ("GET", format!("/sessions/{id}")),
        ("GET", format!("/users/{CLIENT}")),
    ] {
        let answer = house.call(method, &path).user(ADMIN).send().await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn row_23_no_more_are_booked_than_a_room_may_hold() {
    let mut config = lenient();
    config.room.max_participants = 3;
    let house = House::with(config).await;
    let body = |guests: &[&str]| json!({"client": CLIENT, "psychologist": PSYCHOLOGIST, "sessionDate": DATE, "guests": guests});
    let fits = house
        .post("/sessions")
        .admin()
        .json(&body(&[GUEST]))
        .send()
        .await;
    assert_eq!(fits.status, 201);
    let many = house
        .post("/sessions")
        .admin()
        .json(&body(&[GUEST, STRANGER]))
        .send()
        .await;
    many.assert_refused(400, "INVALID_REQUEST");
    assert_eq!(many.body["error"]["details"]["field"], "guests");
    let id = fits.text("/data/session/id");
    let change = json!({"guests": [GUEST, STRANGER]});
    let answer = house
        .patch(&format!("/sessions/{id}"))
        .admin()
        .json(&change)
        .send()
        .await;
    answer.assert_refused(400, "INVALID_REQUEST");
}
