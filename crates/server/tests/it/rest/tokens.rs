//! Tokens (SPEC row 20): every algorithm by its key, and everything that somebody may try instead.

mod forge;
mod hostile;
mod pair;
mod publisher;

use std::sync::Arc;

use holdspace::config::{Algorithm, Config};
use serde_json::{Value, json};

use self::forge::{claims, encode, hmac_by, hs256, token_by};
use self::hostile::hostile;
use self::pair::Pair;
use self::publisher::Publisher;
use super::house::{CLIENT, House, STRANGER, at, lenient};

async fn status(house: &House, token: &str) -> u16 {
    let answer = house.get("/auth/me").token(token).send().await;
    if answer.status != 200 {
        answer.assert_refused(401, "AUTHENTICATION_FAILED");
    }
    answer.status
}

#[tokio::test]
async fn row_20_hostile_tokens_are_refused_on_every_endpoint() {
    let house = House::open().await;
    let id = house.book().await;
    let endpoints = [
        ("GET", "/video-calls/config".to_owned()),
        ("GET", format!("/video-calls/can-join/{id}")),
        ("POST", format!("/video-calls/generate-room/{id}")),
        ("POST", format!("/video-calls/start/{id}")),
        ("POST", format!("/video-calls/end/{id}")),
        ("GET", "/sessions".to_owned()),
        ("POST", "/sessions".to_owned()),
        ("GET", format!("/sessions/{id}")),
        ("PATCH", format!("/sessions/{id}")),
        ("POST", "/users".to_owned()),
        ("GET", format!("/users/{CLIENT}")),
        ("GET", "/auth/me".to_owned()),
    ];
    for (what, token) in hostile() {
        for (method, path) in &endpoints {
            let answer = house.call(method, path).token(&token).send().await;
            assert_eq!(
                (answer.status, answer.code()),
                (401, "AUTHENTICATION_FAILED"),
                "{what} on {path}"
            );
        }
        let bearer = format!("Bearer {token}");
        let answer = house
            .get("/auth/me")
            .header("authorization", &bearer)
            .send()
            .await;
        assert_eq!(answer.status, 401, "{what} as a bearer");
    }
    // None of them started anything.
    let answer = house
        .get(&format!("/sessions/{id}"))
        .user(CLIENT)
        .send()
        .await;
    assert_eq!(answer.text("/data/session/status"), "Confirmed");
    assert_eq!(answer.body["data"]["session"]["roomId"], Value::Null);
}

#[tokio::test]
async fn row_20_a_token_of_somebody_elses_session_opens_nothing_of_it() {
    let house = House::open().await;
    let id = house.book().await;
    house.book_with(json!({"client": STRANGER})).await;
    for (method, path) in [
        ("GET", format!("/video-calls/can-join/{id}")),
        ("POST", format!("/video-calls/generate-room/{id}")),
        ("POST", format!("/video-calls/start/{id}")),
        ("POST", format!("/video-calls/end/{id}")),
        ("GET", format!("/sessions/{id}")),
    ] {
        let answer = house.call(method, &path).user(STRANGER).send().await;
        answer.assert_refused(401, "PERMISSION_DENIED");
    }
    let call = house
        .patch(&format!("/sessions/{id}"))
        .user(STRANGER)
        .json(&json!({}));
    call.send().await.assert_refused(403, "PERMISSION_DENIED");
    let list = house.get("/sessions").user(STRANGER).send().await;
    let sessions = list.body["data"]["sessions"].as_array().unwrap();
    assert!(sessions.iter().all(|session| session["id"] != json!(id)));
    assert_eq!(sessions.len(), 1);
}

#[tokio::test]
async fn row_20_ids_and_roles_are_found_in_their_places() {
    let house = House::open().await;
    let exp = at(3600).as_unix_seconds();
    let exp_and_a_half: Value = serde_json::from_str(&format!("{exp}.5")).unwrap();
    for payload in [
        json!({"sub": CLIENT, "role": "client", "exp": exp}),
        json!({"user": {"id": CLIENT, "role": "client"}, "exp": exp}),
        json!({"userId": CLIENT, "user": {"role": "Client"}, "exp": exp}),
        json!({"id": CLIENT, "role": "client", "exp": exp}),
        json!({"id": CLIENT, "exp": exp}),
        json!({"sub": CLIENT.to_uppercase(), "userId": 0.to_string(), "exp": exp}),
        json!({"sub": CLIENT, "exp": exp_and_a_half, "nbf": 0, "iat": 0, "aud": ["x"], "iss": "y"}),
    ] {
        let answer = house
            .get("/auth/me")
            .token(&hs256(&payload.to_string()))
            .send()
            .await;
        assert_eq!(answer.status, 200, "{payload}");
        assert_eq!(answer.text("/data/user/id"), CLIENT);
        assert_eq!(answer.text("/data/user/role"), "client");
    }
}

#[tokio::test]
async fn row_20_leeway_is_a_minute_at_both_ends() {
    let house = House::open().await;
    let now = at(0).as_unix_seconds();
    for (change, expected) in [
        (json!({"exp": now - 59}), 200),
        (json!({"exp": now - 60}), 401),
        (json!({"nbf": now + 60}), 200),
        (json!({"nbf": now + 61}), 401),
    ] {
        assert_eq!(
            status(&house, &hs256(&claims(&change))).await,
            expected,
            "{change}"
        );
    }
}

#[tokio::test]
async fn row_20_issuer_and_audience_count_when_configured() {
    let mut config = lenient();
    config.auth.issuer = Some("https://id.example.com".to_owned());
    config.auth.audience = Some("holdspace".to_owned());
    let house = House::with(config).await;
    let good = json!({"iss": "https://id.example.com", "aud": ["x", "holdspace"]});
    for (change, expected) in [
        (good, 200),
        (
            json!({"iss": "https://id.example.com", "aud": "holdspace"}),
            200,
        ),
        (json!({"iss": "https://id.example.com"}), 401),
        (json!({"aud": "holdspace"}), 401),
        (
            json!({"iss": "https://evil.example.com", "aud": "holdspace"}),
            401,
        ),
        (
            json!({"iss": "https://id.example.com", "aud": "other"}),
            401,
        ),
    ] {
        assert_eq!(
            status(&house, &hs256(&claims(&change))).await,
            expected,
            "{change}"
        );
    }
}

#[tokio::test]
async fn row_20_a_token_comes_in_one_of_two_headers() {
    let house = House::open().await;
    let token = house.token(CLIENT);
    for (header, value, expected) in [
        ("x-auth-token", token.clone(), 200),
        ("authorization", format!("Bearer {token}"), 200),
        ("authorization", format!("bearer {token}"), 200),
        ("authorization", format!("Basic {token}"), 401),
        ("authorization", token.clone(), 401),
        ("cookie", format!("token={token}"), 401),
        ("x-access-token", token.clone(), 401),
    ] {
        let answer = house.get("/auth/me").header(header, &value).send().await;
        assert_eq!(answer.status, expected, "{header}");
    }
    let twice = house
        .get("/auth/me")
        .token(&token)
        .token(&token)
        .send()
        .await;
    twice.assert_refused(401, "AUTHENTICATION_FAILED");
    let both = house
        .get("/auth/me")
        .token("bad")
        .header("authorization", &format!("Bearer {token}"));
    both.send()
        .await
        .assert_refused(401, "AUTHENTICATION_FAILED");
}

fn pinned(algorithms: &[Algorithm]) -> Config {
    let mut config = lenient();
    config.auth.algorithms = algorithms.to_vec();
    config
}

#[tokio::test]
async fn row_20_a_public_key_file_serves_its_algorithm_alone() {
    let directory = tempfile::tempdir().unwrap();
    let pairs = Pair::all();
    for own in &pairs {
        let path = directory.path().join("key.pem");
        std::fs::write(&path, own.pem()).unwrap();
        let mut config = pinned(&[Algorithm::Hs256, own.algorithm()]);
        config.auth.public_key_file = Some(path);
        let house = House::with(config).await;
        assert_eq!(
            status(&house, &own.token(None)).await,
            200,
            "{:?}",
            own.algorithm()
        );
        // A second look comes from the cache, and still knows the time.
        assert_eq!(status(&house, &own.token(None)).await, 200);
        house.set_clock(3600 + 60);
        assert_eq!(status(&house, &own.token(None)).await, 401);
        house.set_clock(0);
        for other in pairs
            .iter()
            .filter(|other| other.algorithm() != own.algorithm())
        {
            assert_eq!(status(&house, &other.token(None)).await, 401);
        }
        // RS/HS confusion: the public key as the secret of an HMAC.
        let public = hmac_by(own.pem().as_bytes());
        let confused = token_by(&json!({"alg": "HS256"}), &claims(&json!({})), public);
        assert_eq!(status(&house, &confused).await, 401);
        // Another pair's signature under this one's algorithm.
        let stolen = match own {
            Pair::Rsa(_) => token_by(&json!({"alg": "RS256"}), &claims(&json!({})), |_| {
                vec![0; 256]
            }),
            Pair::P256(_) => Pair::p256().token(None),
            Pair::Ed25519(_) => Pair::ed25519().token(None),
        };
        assert_eq!(status(&house, &stolen).await, 401);
    }
}

async fn with_keys_of(publisher: &Publisher) -> House {
    let mut config = pinned(&[
        Algorithm::Hs256,
        Algorithm::Rs256,
        Algorithm::Es256,
        Algorithm::EdDsa,
    ]);
    config.auth.jwks_url = Some(publisher.url.clone());
    House::with(config).await
}

#[tokio::test]
async fn row_20_published_keys_are_fetched_once_and_again_for_an_unknown_kid() {
    let [rsa, p256, ed25519] = Pair::all();
    let unusable = json!({"kty": "oct", "kid": "secret", "k": encode("secret"), "alg": "HS256"});
    let publisher = Publisher::open(vec![rsa.jwk("a"), json!(42), unusable, p256.jwk("b")]).await;
    let house = with_keys_of(&publisher).await;
    for token in [
        rsa.token(Some("a")),
        p256.token(Some("b")),
        p256.token(None),
    ] {
        assert_eq!(status(&house, &token).await, 200);
    }
    assert_eq!(publisher.visits(), 1);
    // A published `oct` key is no secret of ours.
    let header = json!({"alg": "HS256", "kid": "secret"});
    let forged = token_by(&header, &claims(&json!({})), hmac_by(b"secret"));
    assert_eq!(status(&house, &forged).await, 401);
    // The issuer rotates; an unknown kid is looked up, but not more than once in 30 s.
    publisher.publish(&[p256.jwk("b"), ed25519.jwk("c")]);
    assert_eq!(status(&house, &ed25519.token(Some("c"))).await, 401);
    assert_eq!(publisher.visits(), 1);
    house.set_clock(30);
    assert_eq!(status(&house, &ed25519.token(Some("c"))).await, 200);
    assert_eq!(publisher.visits(), 2);
    for _ in 0..10 {
        assert_eq!(
            status(&house, &Pair::p256().token(Some("unknown"))).await,
            401
        );
    }
    assert_eq!(publisher.visits(), 2);
    // The withdrawn key counts no more, although its token was found good before.
    assert_eq!(status(&house, &rsa.token(Some("a"))).await, 401);
    assert_eq!(status(&house, &p256.token(Some("b"))).await, 200);
}

#[tokio::test]
async fn row_20_published_keys_survive_an_outage() {
    let key = Pair::ed25519();
    let publisher = Publisher::open(vec![key.jwk("a")]).await;
    let house = with_keys_of(&publisher).await;
    assert_eq!(status(&house, &key.token(Some("a"))).await, 200);
    *publisher.document.lock() = None;
    house.set_clock(3000);
    assert_eq!(status(&house, &Pair::ed25519().token(Some("b"))).await, 401);
    assert_eq!(publisher.visits(), 2);
    assert_eq!(status(&house, &key.token(Some("a"))).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_20_many_at_once_cause_one_fetch() {
    let key = Pair::ed25519();
    let publisher = Publisher::open(vec![key.jwk("a")]).await;
    let house = Arc::new(with_keys_of(&publisher).await);
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (house, token) = (Arc::clone(&house), key.token(Some("a")));
        racers.spawn(async move { status(&house, &token).await });
    }
    assert!(racers.join_all().await.iter().all(|&status| status == 200));
    assert_eq!(publisher.visits(), 1);
}
