//! Everything that must not pass for a token.

use serde_json::{Value, json};

use super::forge::{claims, encode, hmac_by, hs256, token_by};
use super::pair::RSA_PUBLIC;
use crate::rest::house::{ADMIN, CLIENT, SECRET, at};

/// What it is, and the token.
pub fn hostile() -> Vec<(&'static str, String)> {
    let good = hs256(&claims(&json!({})));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let secret = || hmac_by(SECRET.as_bytes());
    let with_header = |header: Value| token_by(&header, &claims(&json!({})), secret());
    let now = at(0).as_unix_seconds();
    let public = hmac_by(RSA_PUBLIC.as_bytes());
    let none = encode(r#"{"alg":"none"}"#);
    let own_key = json!({"kty": "oct", "k": encode("mine"), "alg": "HS256"});
    vec![
        ("alg none", format!("{none}.{payload}.")),
        ("alg none, signed", with_header(json!({"alg": "none"}))),
        ("alg None", with_header(json!({"alg": "None"}))),
        (
            "alg nonE",
            format!("{}.{payload}.", encode(r#"{"alg":"nonE"}"#)),
        ),
        ("no alg", with_header(json!({"typ": "JWT"}))),
        (
            "alg of a wrong type",
            with_header(json!({"alg": ["HS256"]})),
        ),
        ("HS384", with_header(json!({"alg": "HS384"}))),
        ("hs256", with_header(json!({"alg": "hs256"}))),
        ("RS256 with HMAC", with_header(json!({"alg": "RS256"}))),
        (
            "HMAC by a public key",
            token_by(&json!({"alg": "HS256"}), &claims(&json!({})), public),
        ),
        (
            "embedded jwk",
            token_by(
                &json!({"alg": "HS256", "jwk": own_key}),
                &claims(&json!({})),
                hmac_by(b"mine"),
            ),
        ),
        (
            "embedded jku",
            token_by(
                &json!({"alg": "HS256", "jku": "http://127.0.0.1:9/"}),
                &claims(&json!({})),
                hmac_by(b"mine"),
            ),
        ),
        (
            "embedded x5c",
            token_by(
                &json!({"alg": "HS256", "x5c": ["AA=="]}),
                &claims(&json!({})),
                hmac_by(b"mine"),
            ),
        ),
        (
            "kid as a path",
            token_by(
                &json!({"alg": "HS256", "kid": "../../dev/null"}),
                &claims(&json!({})),
                hmac_by(b""),
            ),
        ),
        (
            "crit",
            with_header(json!({"alg": "HS256", "crit": ["b64"], "b64": false})),
        ),
        (
            "alg twice",
            format!(
                "{}.{payload}.{signature}",
                encode(r#"{"alg":"none","alg":"HS256"}"#)
            ),
        ),
        (
            "another secret",
            token_by(
                &json!({"alg": "HS256"}),
                &claims(&json!({})),
                hmac_by(b"another"),
            ),
        ),
        ("no signature", format!("{message}.")),
        ("no signature part", message.to_owned()),
        ("truncated signature", good[..good.len() - 4].to_owned()),
        ("longer signature", format!("{good}AAAA")),
        ("padded signature", format!("{good}=")),
        (
            "signature of another token",
            format!(
                "{header}.{}.{signature}",
                encode(claims(&json!({"role": "admin"})))
            ),
        ),
        ("four parts", format!("{good}.{signature}")),
        ("an empty part", format!("{header}..{signature}")),
        ("dots", "..".to_owned()),
        ("nothing", String::new()),
        ("words", "not a token".to_owned()),
        ("not base64", format!("{header}.{payload}.!!!!")),
        ("payload is no JSON", hs256("claims")),
        ("payload is a list", hs256("[]")),
        ("payload is deep", hs256(&"[".repeat(4000))),
        ("expired", hs256(&claims(&json!({"exp": now - 60})))),
        ("not yet valid", hs256(&claims(&json!({"nbf": now + 61})))),
        (
            "no exp",
            hs256(&json!({"sub": CLIENT, "role": "client"}).to_string()),
        ),
        ("exp as text", hs256(&claims(&json!({"exp": "9999999999"})))),
        ("exp null", hs256(&claims(&json!({"exp": null})))),
        (
            "exp as a list",
            hs256(&claims(&json!({"exp": [9_999_999_999_u64]}))),
        ),
        ("nbf as text", hs256(&claims(&json!({"nbf": "0"})))),
        ("iat as text", hs256(&claims(&json!({"iat": "0"})))),
        (
            "sub a number",
            hs256(&claims(&json!({"sub": 12, "id": CLIENT}))),
        ),
        (
            "sub null",
            hs256(&claims(&json!({"sub": null, "id": CLIENT}))),
        ),
        (
            "sub an object",
            hs256(&claims(&json!({"sub": {"id": CLIENT}}))),
        ),
        ("sub a list", hs256(&claims(&json!({"sub": [CLIENT]})))),
        (
            "sub no id",
            hs256(&claims(&json!({"sub": "somebody", "id": CLIENT}))),
        ),
        (
            "sub empty",
            hs256(&claims(&json!({"sub": "", "id": CLIENT}))),
        ),
        ("user a text", hs256(&claims(&json!({"user": CLIENT})))),
        (
            "user.id a number",
            hs256(&claims(&json!({"user": {"id": 1}}))),
        ),
        ("userId a number", hs256(&claims(&json!({"userId": 1})))),
        ("id a list", hs256(&claims(&json!({"id": [CLIENT]})))),
        ("role a list", hs256(&claims(&json!({"role": ["admin"]})))),
        ("role a number", hs256(&claims(&json!({"role": 1})))),
        ("role null", hs256(&claims(&json!({"role": null})))),
        ("role unknown", hs256(&claims(&json!({"role": "root"})))),
        ("name a number", hs256(&claims(&json!({"name": 1})))),
        ("iss a number", hs256(&claims(&json!({"iss": 1})))),
        ("aud a number", hs256(&claims(&json!({"aud": 1})))),
        (
            "sub twice",
            hs256(&format!(
                r#"{{"sub":"{CLIENT}","sub":"{ADMIN}","role":"client","exp":9999999999}}"#
            )),
        ),
        (
            "role twice",
            hs256(&format!(
                r#"{{"sub":"{CLIENT}","role":"client","role":"admin","exp":9999999999}}"#
            )),
        ),
        (
            "exp twice",
            hs256(&format!(
                r#"{{"sub":"{CLIENT}","role":"client","exp":1,"exp":9999999999}}"#
            )),
        ),
        (
            "nobody",
            hs256(&json!({"role": "client", "exp": now + 60}).to_string()),
        ),
        (
            "no role, not stored",
            hs256(&json!({"sub": "f".repeat(24), "exp": now + 60}).to_string()),
        ),
        ("8 KiB", hs256(&claims(&json!({"x": "x".repeat(8 * 1024)})))),
    ]
}
