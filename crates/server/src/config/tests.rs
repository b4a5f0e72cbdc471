//! What is read from where, and how a wrong configuration is refused.

mod keys;
mod refusals;

use std::ffi::OsString;

use super::{Config, Loaded};

fn load(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("holdspace.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    let variables = environment
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let folder = format!("{}/", folder.path().display());
    Config::load(file.map(|_| path.as_path()), variables)
        .map_err(|error| error.to_string().replace(&folder, ""))
}

#[test]
fn keys_that_need_each_other_are_read_together() {
    let loaded = load(
        Some(
            r#"
            [auth]
            algorithms = ["RS256", "EdDSA"]
            public_key_file = "Cargo.toml"
            jwks_url = "http://localhost:9000/keys"
            [ice]
            turn_urls = ["turn:relay.example:3478?transport=tcp", "turns:relay.example"]
            turn_username = "user"
            turn_credential = "pass"
            [page]
            support_phone = "112"
            support_text = "In need, call"
            "#,
        ),
        &[],
    );
    let config = loaded.unwrap().config;
    assert_eq!(config.page.support_text.unwrap(), "In need, call");
    insta::assert_debug_snapshot!((config.auth.algorithms, config.auth.public_key_file, config.auth.jwks_url), @r#"
    (
        [
            Rs256,
            EdDsa,
        ],
        Some(
            "Cargo.toml",
        ),
        Some(
            "http://localhost:9000/keys",
        ),
    )
    "#);
    insta::assert_debug_snapshot!((config.ice.turn_urls, config.ice.turn_username, config.ice.turn_credential), @r#"
    (
        [
            "turn:relay.example:3478?transport=tcp",
            "turns:relay.example",
        ],
        Some(
            "user",
        ),
        Some(
            Secret(…),
        ),
    )
    "#);
}

#[test]
fn short_names_are_read() {
    let loaded = load(
        None,
        &[
            ("HOST", "0.0.0.0"),
            ("PORT", "80"),
            ("DATABASE_URL", "sqlite:x.db"),
            ("REDIS_URL", ""),
            ("JWT_SECRET", "s"),
            ("CORS_ORIGIN", "https://a.example,https://b.example"),
            ("HOME", "/nowhere"),
            ("HOLDSPACE_BIN", "of somebody else"),
        ],
    )
    .unwrap();
    insta::assert_snapshot!(loaded.given.join("\n"), @r#"
    auth.jwt_secret = (hidden) (JWT_SECRET)
    http.cors_origins = "https://a.example,https://b.example" (CORS_ORIGIN)
    http.host = "0.0.0.0" (HOST)
    http.port = "80" (PORT)
    store.url = "sqlite:x.db" (DATABASE_URL)
    "#);
}

#[test]
fn variable_beats_file_and_the_long_name_beats_the_short_one() {
    let file = Some("[http]\nport = 1\n");
    for (environment, port) in [
        (&[][..], 1),
        (&[("PORT", "2")][..], 2),
        (&[("HOLDSPACE_HTTP__PORT", "3")][..], 3),
        (&[("HOLDSPACE_HTTP__PORT", "3"), ("PORT", "2")][..], 3),
        (&[("PORT", ""), ("HOST", "")][..], 1),
    ] {
        let config = load(file, environment).unwrap().config;
        assert_eq!(config.http.port, port, "{environment:?}");
    }
    assert_eq!(load(None, &[]).unwrap().config.http.port, 5000);
}

#[test]
fn empty_sections_and_empty_optional_variables_say_nothing() {
    let loaded = load(
        Some("[http]\n[redis]\n"),
        &[("HOLDSPACE_REDIS__URL", ""), ("HOLDSPACE_AUTH__ISSUER", "")],
    )
    .unwrap();
    assert_eq!(loaded.config.auth.issuer, None);
}

#[test]
fn secrets_are_never_shown() {
    let variables = [
        ("JWT_SECRET", "hush-1"),
        ("HOLDSPACE_ICE__TURN_URLS", "turn:relay.example"),
        ("HOLDSPACE_ICE__TURN_USERNAME", "user"),
        ("HOLDSPACE_ICE__TURN_CREDENTIAL", "hush-2"),
    ];
    let loaded = load(None, &variables).unwrap();
    let everything = format!("{loaded:?}");
    assert!(!everything.contains("hush"), "{everything}");
}
