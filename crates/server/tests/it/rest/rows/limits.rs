//! Rows 17 and 18: the order of checks, and limits.

use holdspace::config::Network;
use serde_json::json;

use crate::rest::house::{CLIENT, House, PSYCHOLOGIST, STRANGER, UNKNOWN, lenient, limited};

#[tokio::test]
async fn row_17_checks_come_in_order() {
    let mut config = lenient();
    config.rate_limit.video_calls_per_minute = 1;
    let house = House::with(config).await;
    let id = house.book().await;
    let bad_body = "nonsense";
    let path = |id: &str| format!("/video-calls/start/{id}");
    // The token comes before the limit, and a bad one does not count.
    for _ in 0..2 {
        let answer = house.post(&path("bad")).token("bad").send().await;
        answer.assert_refused(401, "AUTHENTICATION_FAILED");
        assert_eq!(answer.header("x-ratelimit-limit"), "");
    }
    // The id comes before the body.
    let answer = house
        .post(&path("bad"))
        .user(STRANGER)
        .body("text/plain", bad_body);
    answer
        .send()
        .await
        .assert_refused(400, "INVALID_SESSION_ID");
    // The limit comes before the id.
    let answer = house.post(&path("bad")).user(STRANGER).send().await;
    answer.assert_refused(429, "RATE_LIMIT_EXCEEDED");
    // The body comes before the session, which comes before the participant, who comes before the state.
    let mut seconds = 60;
    for (session, user, body, status, code) in [
        (UNKNOWN, STRANGER, bad_body, 400, "INVALID_REQUEST"),
        (
            UNKNOWN,
            STRANGER,
            "{\"startTime\":\"\"}",
            400,
            "INVALID_TIME",
        ),
        (UNKNOWN, STRANGER, "{}", 404, "SESSION_NOT_FOUND"),
        (&*id, STRANGER, "{}", 401, "PERMISSION_DENIED"),
        (&*id, CLIENT, "{}", 422, "WINDOW_CLOSED"),
    ] {
        house.set_clock(86_400 + seconds);
        seconds += 60;
        let call = house
            .post(&path(session))
            .user(user)
            .body("application/json", body);
        call.send().await.assert_refused(status, code);
    }
}

#[tokio::test]
async fn row_18_video_calls_are_limited_by_user_over_all_endpoints_and_both_prefixes() {
    let house = House::with(limited()).await;
    let id = house.book().await;
    let reset = "1765807260";
    for (index, (method, path)) in [
        ("GET", "/api/v1/video-calls/config".to_owned()),
        ("GET", format!("/api/video-calls/can-join/{id}")),
        ("POST", format!("/api/v1/video-calls/generate-room/{id}")),
        ("POST", format!("/api/video-calls/start/{id}")),
        ("POST", format!("/api/v1/video-calls/start/{id}")),
        ("POST", format!("/api/v1/video-calls/end/{id}")),
        ("POST", format!("/api/v1/video-calls/end/{UNKNOWN}")),
        ("GET", "/api/v1/video-calls/can-join/bad".to_owned()),
        ("GET", "/api/v1/video-calls/config".to_owned()),
        ("GET", "/api/video-calls/config".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        house.set_clock(i64::try_from(index).unwrap());
        let answer = house.call(method, &path).user(CLIENT).send().await;
        assert_ne!(answer.status, 429, "{path}");
        assert_eq!(answer.header("x-ratelimit-limit"), "10", "{path}");
        assert_eq!(
            answer.header("x-ratelimit-remaining"),
            (9 - index).to_string()
        );
        assert_eq!(answer.header("x-ratelimit-reset"), reset);
    }
    house.set_clock(20);
    let over = house.get("/video-calls/config").user(CLIENT).send().await;
    over.assert_refused(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(over.header("retry-after"), "40");
    assert_eq!(over.header("x-ratelimit-remaining"), "0");
    assert_eq!(over.header("x-ratelimit-reset"), reset);
    let other = house
        .get("/video-calls/config")
        .user(PSYCHOLOGIST)
        .send()
        .await;
    assert_eq!(other.status, 200);
    house.set_clock(59);
    assert_eq!(
        house
            .get("/video-calls/config")
            .user(CLIENT)
            .send()
            .await
            .status,
        429
    );
    house.set_clock(60);
    assert_eq!(
        house
            .get("/video-calls/config")
            .user(CLIENT)
            .send()
            .await
            .status,
        200
    );
    // The session API is not limited.
    let list = house.get("/sessions").user(CLIENT).send().await;
    assert_eq!((list.status, list.header("x-ratelimit-limit")), (200, ""));
}

#[tokio::test]
async fn row_18_sign_in_is_limited_by_address_which_only_a_trusted_proxy_may_name() {
    let login = json!({"email": "nobody@example.com", "password": "wrong"});
    let distrustful = House::with(limited()).await;
    for index in 0..6 {
        let call = distrustful.post("/auth/login").json(&login);
        let answer = call
            .header("x-forwarded-for", &format!("10.0.0.{index}"))
            .send()
            .await;
        assert_eq!(answer.status, if index < 5 { 401 } else { 429 });
        assert_eq!(answer.header("x-ratelimit-limit"), "5");
    }
    let mut config = limited();
    config.http.trusted_proxies = vec![Network::parse("127.0.0.0/8").unwrap()];
    let behind = House::with(config).await;
    for index in 0..6 {
        let call = behind
            .post("/auth/logout")
            .json(&json!({"refreshToken": "x"}));
        let answer = call
            .header("x-forwarded-for", &format!("10.0.0.{index}"))
            .send()
            .await;
        assert_eq!(answer.status, 200);
    }
    // All of sign-in counts together, and an IPv6 client has its whole /64.
    for index in 0..5 {
        let call = behind
            .post("/auth/refresh")
            .json(&json!({"refreshToken": "x"}));
        let answer = call
            .header("x-forwarded-for", &format!("2001:db8::{index}"))
            .send()
            .await;
        answer.assert_refused(401, "AUTHENTICATION_FAILED");
    }
    let call = behind.get("/auth/me").user(CLIENT);
    let answer = call
        .header("x-forwarded-for", "2001:db8::ffff:1")
        .send()
        .await;
    answer.assert_refused(429, "RATE_LIMIT_EXCEEDED");
    let call = behind.get("/auth/me").user(CLIENT);
    let answer = call
        .header("x-forwarded-for", "2001:db8:0:1::1")
        .send()
        .await;
    assert_eq!(
        (answer.status, answer.header("x-ratelimit-remaining")),
        (200, "4")
    );
}

#[tokio::test]
async fn row_18_zero_means_no_limit() {
    let house = House::open().await;
    for _ in 0..20 {
        let answer = house.get("/video-calls/config").user(CLIENT).send().await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-limit")),
            (200, "")
        );
    }
}
