//! Row 24: types, sizes, caching, origins.

use crate::rest::client::Reply;
use crate::rest::house::{CLIENT, House, lenient};

#[tokio::test]
async fn row_24_types_and_sizes_are_checked() {
    let house = House::open().await;
    let id = house.book().await;
    for path in [
        "/sessions".to_owned(),
        "/users".to_owned(),
        format!("/video-calls/start/{id}"),
        format!("/video-calls/generate-room/{id}"),
    ] {
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonx",
            "json",
        ] {
            let call = house.post(&path).admin().body(content_type, "{}");
            call.send()
                .await
                .assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
        }
        let long = format!("{{\"x\":\"{}\"}}", "x".repeat(64 * 1024));
        let call = house.post(&path).admin().body("application/json", long);
        call.send().await.assert_refused(413, "PAYLOAD_TOO_LARGE");
    }
}

#[tokio::test]
async fn row_24_nothing_under_api_is_stored() {
    let house = House::open().await;
    for path in [
        "/api/v1/video-calls/config",
        "/api/openapi.json",
        "/api/nothing",
        "/api/v1/auth/me",
    ] {
        let answer = house.get(path).user(CLIENT).send().await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn row_24_only_configured_origins_may_read() {
    let mut config = lenient();
    config.http.cors_origins = vec!["https://app.example.com".to_owned()];
    let house = House::with(config).await;
    let closed = House::open().await;
    let answer = preflight(&house, "https://app.example.com").await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "GET, POST, PATCH"
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .to_lowercase()
            .contains("x-auth-token")
    );
    for (house, origin) in [
        (&house, "https://evil.example.com"),
        (&closed, "https://app.example.com"),
    ] {
        let answer = preflight(house, origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let call = house
            .get("/video-calls/config")
            .user(CLIENT)
            .header("origin", origin);
        assert_eq!(call.send().await.header("access-control-allow-origin"), "");
    }
    let call = house
        .get("/video-calls/config")
        .header("origin", "https://app.example.com");
    let answer = call.send().await;
    answer.assert_refused(401, "AUTHENTICATION_FAILED");
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert_eq!(answer.header("vary"), "Origin");
    assert_eq!(
        answer.header("access-control-expose-headers"),
        "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Idempotency-Replayed, X-Request-Id, Date"
    );
    let mut config = lenient();
    config.http.cors_origins = vec!["*".to_owned()];
    let open = House::with(config).await;
    let call = open
        .get("/video-calls/config")
        .user(CLIENT)
        .header("origin", "https://any.example");
    assert_eq!(call.send().await.header("access-control-allow-origin"), "*");
}

async fn preflight(house: &House, origin: &str) -> Reply {
    house
        .call("OPTIONS", "/video-calls/config")
        .header("origin", origin)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "x-auth-token")
        .send()
        .await
}
