//! CONNECT: tokens, limits, ids, the time to join.

use std::time::Duration;

use serde_json::json;

use super::house::{CLIENT, House, lenient};

#[tokio::test]
async fn a_connection_without_a_valid_token_is_refused() {
    let house = House::open().await;
    let good = house.token(CLIENT);
    for auth in [
        json!({}),
        json!({ "token": null }),
        json!({ "token": 5 }),
        json!({ "token": "" }),
        json!({ "token": "a.b.c" }),
        json!({ "token": format!("{good}x") }),
        json!({ "token": good[..good.len() - 4] }),
    ] {
        let refused = house.try_connect(auth.clone()).await.err().unwrap();
        assert_eq!(refused["message"], "AUTHENTICATION_FAILED", "{auth}");
        assert_eq!(refused["data"]["code"], "AUTHENTICATION_FAILED");
        assert_eq!(refused["data"]["details"], json!({}));
        assert!(refused["data"]["message"].is_string());
    }
}

#[tokio::test]
async fn connections_are_limited_per_user() {
    let mut config = lenient();
    config.rate_limit.connections_per_minute = 3;
    let house = House::with(config).await;
    for _ in 0..3 {
        house.connect(CLIENT).await;
    }
    house.clock.advance(Duration::from_secs(18));
    let refused = house
        .try_connect(json!({ "token": house.token(CLIENT) }))
        .await
        .err()
        .unwrap();
    assert_eq!(refused["message"], "RATE_LIMIT_EXCEEDED");
    assert_eq!(refused["data"]["details"], json!({ "retryAfter": 42 }));
    house.connect(super::house::PSYCHOLOGIST).await;
    house.clock.advance(Duration::from_secs(42));
    house.connect(CLIENT).await;
}

#[tokio::test]
async fn a_socket_that_joins_no_room_is_disconnected() {
    let mut config = lenient();
    config.signaling.join_timeout = Duration::from_millis(50);
    let house = House::with(config).await;
    let mut idle = house.connect(CLIENT).await;
    let error = idle.expect("error").await;
    assert_eq!(error["code"], "CONNECTION_TIMEOUT");
    assert_eq!(idle.closed().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_token_that_has_expired_opens_nothing() {
    let house = House::open().await;
    let token = house.token(CLIENT);
    house.clock.advance(Duration::from_secs(3600 + 61));
    let refused = house
        .try_connect(json!({ "token": token }))
        .await
        .err()
        .unwrap();
    assert_eq!(refused["message"], "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn another_namespace_is_refused() {
    let house = House::open().await;
    let mut client = house.connect(CLIENT).await;
    client
        .send(format!(
            "40/admin,{}",
            json!({ "token": house.token(CLIENT) })
        ))
        .await;
    assert_eq!(
        client.packet_raw().await,
        r#"44/admin,{"message":"Invalid namespace"}"#
    );
}
