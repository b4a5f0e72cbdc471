//! Booking: defaults, people, refusals.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{book, booking, with};
use crate::rest::house::{ADMIN, CLIENT, DATE, GUEST, House, PSYCHOLOGIST, UNKNOWN};

#[tokio::test]
async fn a_session_is_booked_with_defaults() {
    let house = House::open().await;
    let mut answer = book(&house, &booking()).await;
    let id = answer.text("/data/session/id");
    answer.body["data"]["session"]["id"] = json!("…");
    assert_snapshot!(answer.show(), @r#"
    201
    {
      "data": {
        "session": {
          "callDuration": null,
          "client": {
            "email": "johndoe@example.com",
            "id": "507f1f77bcf86cd799439012",
            "name": "John Doe"
          },
          "createdAt": "2025-12-15T14:00:00.000Z",
          "durationMinutes": 50,
          "externalId": null,
          "guests": [],
          "id": "…",
          "paymentStatus": "Pending",
          "psychologist": {
            "email": "drjanesmith@example.com",
            "id": "507f1f77bcf86cd799439013",
            "name": "Dr. Jane Smith"
          },
          "roomId": null,
          "sessionDate": "2025-12-15T14:00:00.000Z",
          "sessionType": "Individual",
          "status": "Pending",
          "updatedAt": "2025-12-15T14:00:00.000Z",
          "videoCallEnded": null,
          "videoCallStarted": null
        }
      },
      "success": true
    }
    "#);
    for user in [CLIENT, PSYCHOLOGIST, ADMIN] {
        let seen = house
            .get(&format!("/sessions/{id}"))
            .user(user)
            .send()
            .await;
        assert_eq!(
            (seen.status, seen.text("/data/session/id")),
            (200, id.clone())
        );
    }
}

#[tokio::test]
async fn a_session_is_booked_with_everything() {
    let house = House::open().await;
    let body = json!({
        "client": {"id": "507f1f77bcf86cd799439031", "name": "New Client", "email": "c@example.com"},
        "psychologist": {"name": "New Psychologist", "email": "p@example.com"},
        "guests": [GUEST, {"name": "New Guest", "email": "g@example.com"}],
        "sessionDate": "2026-01-15T10:00:00+01:00",
        "durationMinutes": 90,
        "sessionType": "family",
        "status": "CONFIRMED",
        "paymentStatus": "completed",
        "externalId": "order-7",
    });
    let mut answer = book(&house, &body).await;
    let guest = answer.text("/data/session/guests/1/id");
    let session = &mut answer.body["data"]["session"];
    session["id"] = json!("…");
    session["psychologist"]["id"] = json!("…");
    session["guests"][1]["id"] = json!("…");
    assert_snapshot!(answer.show(), @r#"
    201
    {
      "data": {
        "session": {
          "callDuration": null,
          "client": {
            "email": "c@example.com",
            "id": "507f1f77bcf86cd799439031",
            "name": "New Client"
          },
          "createdAt": "2025-12-15T14:00:00.000Z",
          "durationMinutes": 90,
          "externalId": "order-7",
          "guests": [
            {
              "email": "jimdoe@example.com",
              "id": "507f1f77bcf86cd799439014",
              "name": "Jim Doe"
            },
            {
              "email": "g@example.com",
              "id": "…",
              "name": "New Guest"
            }
          ],
          "id": "…",
          "paymentStatus": "Completed",
          "psychologist": {
            "email": "p@example.com",
            "id": "…",
            "name": "New Psychologist"
          },
          "roomId": null,
          "sessionDate": "2026-01-15T09:00:00.000Z",
          "sessionType": "Family",
          "status": "Confirmed",
          "updatedAt": "2025-12-15T14:00:00.000Z",
          "videoCallEnded": null,
          "videoCallStarted": null
        }
      },
      "success": true
    }
    "#);
    // Those who were described are known now, in the role of their place.
    for (user, role) in [("507f1f77bcf86cd799439031", "client"), (&guest, "client")] {
        let user = house.get(&format!("/users/{user}")).admin().send().await;
        assert_eq!(user.text("/data/user/role"), role);
    }
}

#[tokio::test]
async fn a_known_external_id_gives_the_stored_session() {
    let house = House::open().await;
    let body = with(booking(), "externalId", json!("order-1"));
    let first = book(&house, &body).await;
    let changed = with(body, "durationMinutes", json!(90));
    let second = book(&house, &changed).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.body["data"], second.body["data"]);
    assert_eq!(second.text("/data/session/externalId"), "order-1");
}

#[tokio::test]
async fn people_are_found_again_by_id_or_address() {
    let house = House::open().await;
    for (person, id) in [
        (
            json!({"name": "J. Doe", "email": "JohnDoe@example.com"}),
            CLIENT,
        ),
        (
            json!({"id": CLIENT, "name": "J. Doe", "email": "johndoe@example.com"}),
            CLIENT,
        ),
        (json!(CLIENT.to_uppercase()), CLIENT),
    ] {
        let answer = book(&house, &with(booking(), "client", person.clone())).await;
        assert_eq!(answer.text("/data/session/client/id"), id, "{person}");
        assert_eq!(answer.text("/data/session/client/name"), "John Doe");
    }
    for person in [
        json!({"id": UNKNOWN, "name": "J. Doe", "email": "johndoe@example.com"}),
        json!({"id": CLIENT, "name": "J. Doe", "email": "other@example.com"}),
    ] {
        let answer = book(&house, &with(booking(), "client", person.clone())).await;
        answer.assert_refused(409, "ALREADY_EXISTS");
        assert_eq!(
            answer.body["error"]["details"]["field"], "client",
            "{person}"
        );
    }
}

#[tokio::test]
async fn impossible_bookings_name_their_field() {
    let house = House::open().await;
    let eight: Vec<Value> = (0..7)
        .map(|n| json!({"name": "G", "email": format!("g{n}@example.com")}))
        .collect();
    for (name, value, code, field) in [
        ("client", Value::Null, "INVALID_REQUEST", "client"),
        ("client", json!(42), "INVALID_REQUEST", "client"),
        ("client", json!([]), "INVALID_REQUEST", "client"),
        ("client", json!("me"), "INVALID_REQUEST", "client"),
        ("client", json!(UNKNOWN), "INVALID_REQUEST", "client"),
        (
            "client",
            json!({"name": "A"}),
            "INVALID_REQUEST",
            "client.email",
        ),
        (
            "client",
            json!({"name": 1, "email": "a@b"}),
            "INVALID_REQUEST",
            "client.name",
        ),
        (
            "client",
            json!({"name": "", "email": "a@b"}),
            "INVALID_REQUEST",
            "client.name",
        ),
        (
            "client",
            json!({"name": "A", "email": "ab"}),
            "INVALID_REQUEST",
            "client.email",
        ),
        (
            "client",
            json!({"name": "A", "email": "a@b", "x": 1}),
            "INVALID_REQUEST",
            "client.x",
        ),
        (
            "client",
            json!({"id": "1", "name": "A", "email": "a@b"}),
            "INVALID_REQUEST",
            "client.id",
        ),
        (
            "psychologist",
            json!(UNKNOWN),
            "INVALID_REQUEST",
            "psychologist",
        ),
        ("psychologist", json!(CLIENT), "INVALID_REQUEST", "guests"),
        ("guests", json!("all"), "INVALID_REQUEST", "guests"),
        ("guests", json!([CLIENT]), "INVALID_REQUEST", "guests"),
        ("guests", json!([GUEST, GUEST]), "INVALID_REQUEST", "guests"),
        ("guests", json!([UNKNOWN]), "INVALID_REQUEST", "guests"),
        ("guests", json!(["x"]), "INVALID_REQUEST", "guests[0]"),
        ("guests", json!([GUEST, 7]), "INVALID_REQUEST", "guests[1]"),
        ("guests", json!(eight), "INVALID_REQUEST", "guests"),
        ("sessionDate", json!(1), "INVALID_REQUEST", "sessionDate"),
        ("sessionDate", json!("soon"), "INVALID_TIME", "sessionDate"),
        (
            "sessionDate",
            json!("2025-12-15T14:00:00"),
            "INVALID_TIME",
            "sessionDate",
        ),
        (
            "durationMinutes",
            json!(0),
            "INVALID_REQUEST",
            "durationMinutes",
        ),
        (
            "durationMinutes",
            json!(1441),
            "INVALID_REQUEST",
            "durationMinutes",
        ),
        (
            "durationMinutes",
            json!(-5),
            "INVALID_REQUEST",
            "durationMinutes",
        ),
        (
            "durationMinutes",
            json!(4.5),
            "INVALID_REQUEST",
            "durationMinutes",
        ),
        (
            "durationMinutes",
            json!("50"),
            "INVALID_REQUEST",
            "durationMinutes",
        ),
        (
            "sessionType",
            json!("Solo"),
            "INVALID_REQUEST",
            "sessionType",
        ),
        ("status", json!("Completed"), "INVALID_REQUEST", "status"),
        ("status", json!("In Progress"), "INVALID_REQUEST", "status"),
        ("status", json!("New"), "INVALID_REQUEST", "status"),
        (
            "paymentStatus",
            json!("Paid"),
            "INVALID_REQUEST",
            "paymentStatus",
        ),
        ("externalId", json!(""), "INVALID_REQUEST", "externalId"),
        ("externalId", json!(1), "INVALID_REQUEST", "externalId"),
        ("sessionDat", json!(DATE), "INVALID_REQUEST", "sessionDat"),
    ] {
        let answer = book(&house, &with(booking(), name, value.clone())).await;
        answer.assert_refused(400, code);
        let details = &answer.body["error"]["details"]["field"];
        assert_eq!(details, field, "{name}: {value}");
    }
    for missing in ["client", "psychologist", "sessionDate"] {
        let mut body = booking();
        body.as_object_mut().unwrap().remove(missing);
        let answer = book(&house, &body).await;
        answer.assert_refused(400, "INVALID_REQUEST");
        assert_eq!(answer.body["error"]["details"]["field"], missing);
    }
    for body in ["", "[]", "null", "{"] {
        let call = house
            .post("/sessions")
            .admin()
            .body("application/json", body);
        call.send().await.assert_refused(400, "INVALID_REQUEST");
    }
    let list = house.get("/sessions").admin().send().await;
    assert_eq!(list.body["data"]["sessions"], json!([]));
}
