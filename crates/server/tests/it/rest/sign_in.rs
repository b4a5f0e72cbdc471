//! Signing in and out (SPEC row 19), and its refusals.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::Reply;
use super::house::{ADMIN, CLIENT, House, lenient};

const PASSWORD: &str = "correct horse battery staple";

async fn with_user() -> House {
    let house = House::open().await;
    let user = json!({
        "id": "507f1f77bcf86cd799439020",
        "name": "Anna Smith",
        "email": "Anna@Example.com",
        "role": "psychologist",
        "password": PASSWORD,
    });
    assert_eq!(
        house.post("/users").admin().json(&user).send().await.status,
        201
    );
    house
}

async fn login(house: &House, email: &str, password: &str) -> Reply {
    let body = json!({"email": email, "password": password});
    house.post("/auth/login").json(&body).send().await
}

async fn refresh(house: &House, token: &str) -> Reply {
    let body = json!({"refreshToken": token});
    house.post("/auth/refresh").json(&body).send().await
}

#[tokio::test]
async fn row_19_a_password_buys_a_token_that_works() {
    let house = with_user().await;
    let mut answer = login(&house, "anna@example.COM", PASSWORD).await;
    let token = answer.text("/data/token");
    assert_eq!(answer.text("/data/refreshToken").len(), 43);
    answer.body["data"]["token"] = json!("…");
    answer.body["data"]["refreshToken"] = json!("…");
    assert_snapshot!(answer.show(), @r#"
    200
    {
      "data": {
        "expiresAt": "2025-12-15T15:00:00.000Z",
        "refreshToken": "…",
        "token": "…",
        "user": {
          "email": "Anna@Example.com",
          "id": "507f1f77bcf86cd799439020",
          "name": "Anna Smith",
          "role": "psychologist"
        }
      },
      "success": true
    }
    "#);
    let me = house.get("/auth/me").token(&token).send().await;
    assert_snapshot!(me.show(), @r#"
    200
    {
      "data": {
        "user": {
          "email": "Anna@Example.com",
          "id": "507f1f77bcf86cd799439020",
          "name": "Anna Smith",
          "role": "psychologist"
        }
      },
      "success": true
    }
    "#);
    let me = house
        .get("/auth/me")
        .header("authorization", &format!("Bearer {token}"));
    assert_eq!(me.send().await.status, 200);
    house.set_clock(3600 + 60);
    let late = house.get("/auth/me").token(&token).send().await;
    late.assert_refused(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn row_19_a_wrong_password_and_an_unknown_address_read_the_same() {
    let house = with_user().await;
    let wrong = login(&house, "anna@example.com", "wrong").await;
    let unknown = login(&house, "nobody@example.com", PASSWORD).await;
    // This user has no password.
    let without = login(&house, "johndoe@example.com", "").await;
    for answer in [&wrong, &unknown, &without] {
        answer.assert_refused(401, "AUTHENTICATION_FAILED");
        assert_eq!(answer.body, wrong.body);
    }
}

#[tokio::test]
async fn row_19_refresh_tokens_rotate_and_reuse_revokes_the_family() {
    let house = with_user().await;
    let first = login(&house, "anna@example.com", PASSWORD)
        .await
        .text("/data/refreshToken");
    let answer = refresh(&house, &first).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text("/data/user/name"), "Anna Smith");
    let me = house
        .get("/auth/me")
        .token(&answer.text("/data/token"))
        .send()
        .await;
    assert_eq!(me.status, 200);
    let second = answer.text("/data/refreshToken");
    assert_ne!(first, second);
    let third = refresh(&house, &second).await.text("/data/refreshToken");
    // Somebody uses the first again: a thief, or its robbed owner. Nothing of the family counts.
    refresh(&house, &first)
        .await
        .assert_refused(401, "AUTHENTICATION_FAILED");
    refresh(&house, &third)
        .await
        .assert_refused(401, "AUTHENTICATION_FAILED");
    let other = login(&house, "anna@example.com", PASSWORD)
        .await
        .text("/data/refreshToken");
    assert_eq!(refresh(&house, &other).await.status, 200);
}

#[tokio::test]
async fn row_19_refresh_tokens_expire() {
    let house = with_user().await;
    let token = login(&house, "anna@example.com", PASSWORD)
        .await
        .text("/data/refreshToken");
    house.set_clock(30 * 86_400);
    refresh(&house, &token)
        .await
        .assert_refused(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn row_19_logout_revokes_the_family() {
    let house = with_user().await;
    let token = login(&house, "anna@example.com", PASSWORD)
        .await
        .text("/data/refreshToken");
    let body = json!({"refreshToken": token});
    for token in [&body, &body, &json!({"refreshToken": "unknown"})] {
        let answer = house.post("/auth/logout").json(token).send().await;
        assert_eq!(
            (answer.status, answer.text("/data/message")),
            (200, "Signed out".to_owned())
        );
    }
    refresh(&house, &token)
        .await
        .assert_refused(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn row_19_me_is_as_stored_else_as_the_token_says() {
    let house = House::open().await;
    let me = house.get("/auth/me").user(CLIENT).send().await;
    assert_eq!(me.text("/data/user/name"), "John Doe");
    let me = house.get("/auth/me").user(ADMIN).send().await;
    assert_snapshot!(me.body["data"]["user"].to_string(), @r#"{"email":null,"id":"507f1f77bcf86cd799439016","name":null,"role":"admin"}"#);
}

#[tokio::test]
async fn bodies_of_sign_in_are_checked() {
    let house = House::open().await;
    for (path, body, field) in [
        ("/auth/login", json!({}), Some("email")),
        ("/auth/login", json!({"email": "a@b"}), Some("password")),
        (
            "/auth/login",
            json!({"email": 1, "password": "x"}),
            Some("email"),
        ),
        (
            "/auth/login",
            json!({"email": "a@b", "password": ["x"]}),
            Some("password"),
        ),
        (
            "/auth/login",
            json!({"email": "a@b", "password": "x", "x": 1}),
            Some("x"),
        ),
        (
            "/auth/login",
            json!({"email": "a@b", "password": "x".repeat(1025)}),
            Some("password"),
        ),
        ("/auth/login", json!([]), None),
        ("/auth/refresh", json!({}), Some("refreshToken")),
        (
            "/auth/refresh",
            json!({"refreshToken": null}),
            Some("refreshToken"),
        ),
        (
            "/auth/logout",
            json!({"refreshToken": {}}),
            Some("refreshToken"),
        ),
    ] {
        let answer = house.post(path).json(&body).send().await;
        answer.assert_refused(400, "INVALID_REQUEST");
        let named = &answer.body["error"]["details"]["field"];
        assert_eq!(named.as_str(), field, "{path} {body}");
    }
    for path in ["/auth/login", "/auth/refresh", "/auth/logout"] {
        let empty = house.post(path).send().await;
        empty.assert_refused(400, "INVALID_REQUEST");
        let long = Value::String("x".repeat(70_000));
        house
            .post(path)
            .json(&long)
            .send()
            .await
            .assert_refused(413, "PAYLOAD_TOO_LARGE");
        let form = house
            .post(path)
            .body("application/x-www-form-urlencoded", "email=a");
        form.send()
            .await
            .assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    refresh(&house, "")
        .await
        .assert_refused(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn nobody_signs_in_where_others_issue_the_tokens() {
    let mut config = lenient();
    config.auth.algorithms = vec![holdspace::config::Algorithm::EdDsa];
    config.auth.jwks_url = Some("http://127.0.0.1:9/keys".to_owned());
    let house = House::bare(config).await;
    let answer = login(&house, "anna@example.com", PASSWORD).await;
    answer.assert_refused(404, "NOT_FOUND");
    refresh(&house, "x").await.assert_refused(404, "NOT_FOUND");
}
