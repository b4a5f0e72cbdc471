//! Users.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::with;
use crate::rest::house::{ADMIN, CLIENT, House, PSYCHOLOGIST, UNKNOWN};

#[tokio::test]
async fn a_user_is_stored_once() {
    let house = House::open().await;
    let user = json!({
        "id": "507f1f77bcf86cd799439021",
        "name": "  Anna Smith ",
        "email": "anna@example.com",
        "role": "PSYCHOLOGIST",
    });
    let answer = house.post("/users").admin().json(&user).send().await;
    assert_snapshot!(answer.show(), @r#"
    201
    {
      "data": {
        "user": {
          "email": "anna@example.com",
          "id": "507f1f77bcf86cd799439021",
          "name": "Anna Smith",
          "role": "psychologist"
        }
      },
      "success": true
    }
    "#);
    for other in [
        user.clone(),
        with(user.clone(), "email", json!("other@example.com")),
        json!({"name": "X", "email": "ANNA@example.com", "role": "client"}),
    ] {
        let answer = house.post("/users").admin().json(&other).send().await;
        answer.assert_refused(409, "ALREADY_EXISTS");
    }
    for (name, value) in [
        ("id", json!("x")),
        ("name", json!(" ")),
        ("name", json!("two\nlines")),
        ("name", json!("x".repeat(201))),
        ("email", json!("anna")),
        ("role", json!("root")),
        ("role", Value::Null),
        ("password", json!("")),
        ("password", json!("x".repeat(1025))),
        ("admin", json!(true)),
    ] {
        let answer = house
            .post("/users")
            .admin()
            .json(&with(user.clone(), name, value))
            .send()
            .await;
        answer.assert_refused(400, "INVALID_REQUEST");
        assert_eq!(answer.body["error"]["details"]["field"], name);
    }
    let client = house.post("/users").user(CLIENT).json(&user).send().await;
    client.assert_refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn a_user_is_shown_to_himself_and_to_admins() {
    let house = House::open().await;
    for (caller, user, status, code) in [
        (CLIENT, CLIENT, 200, ""),
        (ADMIN, CLIENT, 200, ""),
        (PSYCHOLOGIST, CLIENT, 403, "PERMISSION_DENIED"),
        (PSYCHOLOGIST, UNKNOWN, 403, "PERMISSION_DENIED"),
        (ADMIN, UNKNOWN, 404, "USER_NOT_FOUND"),
        (ADMIN, "x", 400, "INVALID_USER_ID"),
    ] {
        let answer = house
            .get(&format!("/users/{user}"))
            .user(caller)
            .send()
            .await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{caller} {user}"
        );
    }
}
