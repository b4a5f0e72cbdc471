//! Every key through file and variable, precedence, and the line of every refusal.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

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

type Show = fn(&Config) -> String;

/// Key, value as TOML, value as variable, what becomes of it.
const KEYS: &[(&str, &str, &str, Show, &str)] = &[
    (
        "http.host",
        r#""::1""#,
        "::1",
        |c| c.http.host.clone(),
        "::1",
    ),
    (
        "http.port",
        "8080",
        "8080",
        |c| c.http.port.to_string(),
        "8080",
    ),
    (
        "http.cors_origins",
        r#"["https://A.example/", "*"]"#,
        "https://A.example/,*",
        |c| c.http.cors_origins.join(" "),
        "https://a.example *",
    ),
    (
        "http.trusted_proxies",
        r#"["10.0.0.0/8", "::1"]"#,
        "10.0.0.0/8, ::1",
        |c| {
            format!(
                "{} {}",
                c.http.trusted_proxies[0], c.http.trusted_proxies[1]
            )
        },
        "10.0.0.0/8 ::1/128",
    ),
    (
        "http.base_path",
        r#""/video/""#,
        "/video",
        |c| c.http.base_path.clone(),
        "/video",
    ),
    (
        "page.name",
        r#""Praxis am Park""#,
        " Praxis am Park ",
        |c| c.page.name.clone().unwrap(),
        "Praxis am Park",
    ),
    (
        "page.accent",
        r##""#2F6F62""##,
        "#2f6f62",
        |c| format!("{:?}", c.page.colours),
        r##"[("accent", "#2f6f62")]"##,
    ),
    (
        "page.on_accent",
        r##""#ffffff""##,
        "#ffffff",
        |c| format!("{:?}", c.page.colours),
        r##"[("onAccent", "#ffffff")]"##,
    ),
    (
        "page.danger",
        r##""#aa0000""##,
        "#aa0000",
        |c| format!("{:?}", c.page.colours),
        r##"[("danger", "#aa0000")]"##,
    ),
    (
        "page.on_danger",
        r##""#ffffff""##,
        "#ffffff",
        |c| format!("{:?}", c.page.colours),
        r##"[("onDanger", "#ffffff")]"##,
    ),
    (
        "page.background",
        r##""#fafafa""##,
        "#fafafa",
        |c| format!("{:?}", c.page.colours),
        r##"[("background", "#fafafa")]"##,
    ),
    (
        "page.surface",
        r##""#ffffff""##,
        "#ffffff",
        |c| format!("{:?}", c.page.colours),
        r##"[("surface", "#ffffff")]"##,
    ),
    (
        "page.text",
        r##""#111111""##,
        "#111111",
        |c| format!("{:?}", c.page.colours),
        r##"[("text", "#111111")]"##,
    ),
    (
        "page.text_soft",
        r##""#555555""##,
        "#555555",
        |c| format!("{:?}", c.page.colours),
        r##"[("textSoft", "#555555")]"##,
    ),
    (
        "page.line",
        r##""#dddddd""##,
        "#dddddd",
        |c| format!("{:?}", c.page.colours),
        r##"[("line", "#dddddd")]"##,
    ),
    (
        "page.edge",
        r##""#888888""##,
        "#888888",
        |c| format!("{:?}", c.page.colours),
        r##"[("edge", "#888888")]"##,
    ),
    (
        "page.tile",
        r##""#222222""##,
        "#222222",
        |c| format!("{:?}", c.page.colours),
        r##"[("tile", "#222222")]"##,
    ),
    (
        "page.support_phone",
        r#""+49 (30) 123-456""#,
        "+49 (30) 123-456",
        |c| c.page.support_phone.clone().unwrap(),
        "+49 (30) 123-456",
    ),
    (
        "page.languages",
        r#"["de", "en"]"#,
        "de, en",
        |c| c.page.languages.join(" "),
        "de en",
    ),
    (
        "page.frame_ancestors",
        r#"["https://App.example", "http://127.0.0.1:8080"]"#,
        "https://app.example,http://127.0.0.1:8080",
        |c| {
            format!(
                "{} {}",
                c.page.frame_ancestors[0], c.page.frame_ancestors[1]
            )
        },
        "https://app.example http://127.0.0.1:8080",
    ),
    (
        "page.public_url",
        r#""https://Visits.example/Video/""#,
        "https://visits.example/Video",
        |c| c.page.public_url.as_ref().unwrap().to_string(),
        "https://visits.example/Video",
    ),
    (
        "page.api_url",
        r#""https://api.example:8443/""#,
        "https://api.example:8443",
        |c| c.page.api_url.as_ref().unwrap().to_string(),
        "https://api.example:8443",
    ),
    (
        "store.url",
        r#""sqlite://data/visits.db""#,
        "sqlite:data/visits.db",
        |c| c.store.path.display().to_string(),
        "data/visits.db",
    ),
    (
        "auth.jwt_secret",
        r#""s3cret, with a comma""#,
        "s3cret, with a comma",
        |c| String::from_utf8(c.auth.jwt_secret.as_ref().unwrap().expose().to_vec()).unwrap(),
        "s3cret, with a comma",
    ),
    (
        "auth.issuer",
        r#""https://login.example""#,
        "https://login.example",
        |c| c.auth.issuer.clone().unwrap(),
        "https://login.example",
    ),
    (
        "auth.audience",
        r#""holdspace""#,
        "holdspace",
        |c| c.auth.audience.clone().unwrap(),
        "holdspace",
    ),
    (
        "auth.leeway_seconds",
        "5",
        "5",
        |c| format!("{:?}", c.auth.leeway),
        "5s",
    ),
    (
        "auth.access_token_ttl_seconds",
        "90",
        "90",
        |c| format!("{:?}", c.auth.access_token_ttl),
        "90s",
    ),
    (
        "auth.refresh_token_ttl_seconds",
        "91",
        "91",
        |c| format!("{:?}", c.auth.refresh_token_ttl),
        "91s",
    ),
    (
        "join_window.minutes_before",
        "5",
        "5",
        |c| format!("{:?}", c.join_window.before),
        "300s",
    ),
    (
        "join_window.minutes_after",
        "0",
        "0",
        |c| format!("{:?}", c.join_window.after),
        "0ns",
    ),
    (
        "rate_limit.auth_per_minute",
        "0",
        "0",
        |c| c.rate_limit.auth_per_minute.to_string(),
        "0",
    ),
    (
        "rate_limit.video_calls_per_minute",
        "7",
        "7",
        |c| c.rate_limit.video_calls_per_minute.to_string(),
        "7",
    ),
    (
        "rate_limit.connections_per_minute",
        "9",
        "9",
        |c| c.rate_limit.connections_per_minute.to_string(),
        "9",
    ),
    (
        "signaling.ping_interval_ms",
        "300",
        "300",
        |c| format!("{:?}", c.signaling.ping_interval),
        "300ms",
    ),
    (
        "signaling.ping_timeout_ms",
        "200",
        "200",
        |c| format!("{:?}", c.signaling.ping_timeout),
        "200ms",
    ),
    (
        "signaling.connect_timeout_ms",
        "1000",
        "1000",
        |c| format!("{:?}", c.signaling.connect_timeout),
        "1s",
    ),
    (
        "signaling.join_timeout_seconds",
        "2",
        "2",
        |c| format!("{:?}", c.signaling.join_timeout),
        "2s",
    ),
    (
        "signaling.reconnect_grace_seconds",
        "0",
        "0",
        |c| format!("{:?}", c.signaling.reconnect_grace),
        "0ns",
    ),
    (
        "signaling.max_payload_bytes",
        "65_536",
        "65536",
        |c| c.signaling.max_payload_bytes.to_string(),
        "65536",
    ),
    (
        "signaling.events_per_second",
        "0",
        "0",
        |c| c.signaling.events_per_second.to_string(),
        "0",
    ),
    (
        "signaling.events_burst",
        "0xff",
        "255",
        |c| c.signaling.events_burst.to_string(),
        "255",
    ),
    (
        "room.max_participants",
        "4",
        "4",
        |c| c.room.max_participants.to_string(),
        "4",
    ),
    (
        "room.auto_end_seconds",
        "2",
        "2",
        |c| format!("{:?}", c.room.auto_end),
        "2s",
    ),
    (
        "ice.stun_urls",
        "[]",
        "",
        |c| c.ice.stun_urls.len().to_string(),
        "0",
    ),
    (
        "ice.turn_secret",
        r#""shared""#,
        "shared",
        |c| format!("{:?}", c.ice.turn_secret),
        "Some(Secret(…))",
    ),
    (
        "ice.credential_ttl_seconds",
        "60",
        "60",
        |c| format!("{:?}", c.ice.credential_ttl),
        "60s",
    ),
    (
        "compat.flat_responses",
        "true",
        "true",
        |c| c.compat.flat_responses.to_string(),
        "true",
    ),
    (
        "log.format",
        r#""json""#,
        "json",
        |c| format!("{:?}", c.log.format),
        "Json",
    ),
    (
        "log.level",
        r#""debug""#,
        "debug",
        |c| c.log.level.to_string(),
        "DEBUG",
    ),
];

#[test]
fn every_key_is_read_from_file_and_variable() {
    for (key, toml, variable, show, expected) in KEYS {
        let (section, name) = key.split_once('.').unwrap();
        let file = format!("[{section}]\n{name} = {toml}\n");
        let loaded = load(Some(&file), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(show(&loaded.config), *expected, "{key} in the file");
        let long = super::values::variable_name(key);
        let loaded = load(None, &[(&long, variable)]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(show(&loaded.config), *expected, "{long}");
    }
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

const BAD_FILES: &[&str] = &[
    "http = 5",
    "port = 80",
    "[htp]\nport = 80",
    "[htp]",
    "[http.tls]\ncert = 'x'",
    "\n[http]\n\nporrt = 80",
    "[http]\nport = 65536",
    "[http]\nport = '80'",
    "[http]\nport = 8.5",
    "[http]\nhost = 'http://x'",
    "[http]\nhost = ''",
    "[http]\ncors_origins = 'x'",
    "[http]\ncors_origins = ['app.example']",
    "[http]\ncors_origins = ['https://app.example/path']",
    "[http]\ncors_origins = ['']",
    "[http]\ncors_origins = [1]",
    "[http]\ntrusted_proxies = ['10.0.0.0/33']",
    "[http]\nbase_path = 'video'",
    "[http]\nbase_path = '/video call'",
    "[http]\ntls_cert_file = 'Cargo.toml'",
    "[http]\ntls_key_file = 'Cargo.toml'",
    "[http]\ntls_cert_file = 'no/such.pem'\ntls_key_file = 'Cargo.toml'",
    "[http]\ntls_cert_file = 'Cargo.toml'\ntls_key_file = 'Cargo.toml'",
    "[page]\nname = \"two\\nlines\"",
    "[page]\nlogo_file = 'no/such.svg'",
    "[page]\nlogo_file = 'Cargo.toml'",
    "[page]\naccent = 'red'",
    "[page]\naccent = '#12345g'",
    "[page]\nsupport_phone = 'javascript:1'",
    "[page]\nsupport_text = 'Call us'",
    "[page]\nlanguages = ['de', 'de']",
    "[page]\nlanguages = ['tlh']",
    "[page]\nlanguages = []",
    "[page]\nframe_ancestors = ['*']",
    "[page]\nframe_ancestors = ['https://a.example/path']",
    "[page]\nframe_ancestors = ['https://a.example; script-src *']",
    "[page]\npublic_url = 'visits.example'",
    "[page]\napi_url = 'https://user@api.example'",
    "[store]\nurl = 'postgres://user:pass@host/db'",
    "[store]\nurl = 'sqlite::memory:'",
    "[store]\nurl = 'sqlite:x.db?mode=ro'",
    "[store]\nurl = 'holdspace.db'",
    "[redis]\nurl = 'redis://user:pass@host'",
    "[auth]\njwt_secret = ''",
    "[auth]\njwt_secret = 12345",
    "[auth]\njwt_secrett = 'abc'",
    "[auth]\nalgorithms = []",
    "[auth]\nalgorithms = ['none']",
    "[auth]\nalgorithms = ['HS256', 'HS256']",
    "[auth]\nalgorithms = ['RS256']",
    "[auth]\npublic_key_file = 'Cargo.toml'",
    "[auth]\npublic_key_file = 'no/such/file.pem'",
    "[auth]\njwks_url = 'http://keys.example'",
    "[auth]\nleeway_seconds = 601",
    "[auth]\naccess_token_ttl_seconds = 0",
    "[join_window]\nminutes_before = -1",
    "[rate_limit]\nauth_per_minute = -1",
    "[signaling]\nping_interval_ms = 0",
    "[signaling]\nmax_payload_bytes = 100",
    "[signaling]\nevents_burst = 10",
    "[signaling]\nreconnect_grace_seconds = 99999",
    "[room]\nmax_participants = 1",
    "[room]\nauto_end_seconds = 0",
    "[ice]\nstun_urls = ['stun.example']",
    "[ice]\nturn_urls = ['turn:relay.example']",
    "[ice]\nturn_urls = ['turn:relay.example?x']\nturn_secret = 's'",
    "[ice]\nturn_username = 'x'",
    "[ice]\nturn_credential = 'x'",
    "[ice]\nturn_credential = 'x'\nturn_secret = 'y'",
    "[compat]\nflat_responses = 'yes'",
    "[log]\nlevel = 'loud'",
    "[log]\nformat = 'xml'",
    "[log]\nlevel = 1979-05-27",
    "[http]\nport = ",
    "[http]\nport = 1\nport = 2",
    "[http\n",
];

#[test]
fn a_bad_file_is_one_line() {
    let lines: Vec<String> = BAD_FILES
        .iter()
        .map(|text| load(Some(text), &[]).unwrap_err())
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r##"
    http = 5 (holdspace.toml:1): unknown key
    port = 80 (holdspace.toml:1): unknown key
    htp.port = 80 (holdspace.toml:2): unknown key; did you mean http.port?
    htp = (an empty section) (holdspace.toml:1): unknown key
    http.tls = (a table) (holdspace.toml:1): unknown key; did you mean http.host?
    http.porrt = 80 (holdspace.toml:4): unknown key; did you mean http.port?
    http.port = 65536 (holdspace.toml:2): must be a whole number from 0 to 65535
    http.port = "80" (holdspace.toml:2): must be a whole number from 0 to 65535
    http.port = (a fraction) (holdspace.toml:2): must be a whole number from 0 to 65535
    http.host = "http://x" (holdspace.toml:2): must be an address or a host name, without scheme and port
    http.host = "" (holdspace.toml:2): must be a text that is not empty
    http.cors_origins = "x" (holdspace.toml:2): must be a list of texts
    http.cors_origins = ["app.example"] (holdspace.toml:2): must be a list of origins like https://app.example.org, or *
    http.cors_origins = ["https://app.example/path"] (holdspace.toml:2): must be a list of origins like https://app.example.org, or *
    http.cors_origins = [""] (holdspace.toml:2): must not have empty items
    http.cors_origins = (a list of mixed things) (holdspace.toml:2): must be a list of texts
    http.trusted_proxies = ["10.0.0.0/33"] (holdspace.toml:2): must be a list of addresses or blocks like 10.0.0.0/8
    http.base_path = "video" (holdspace.toml:2): must be a path like /video, of letters, digits and -._~
    http.base_path = "/video call" (holdspace.toml:2): must be a path like /video, of letters, digits and -._~
    http.tls_cert_file = "Cargo.toml" (holdspace.toml:2): needs http.tls_key_file
    http.tls_key_file = "Cargo.toml" (holdspace.toml:2): needs http.tls_cert_file
    http.tls_cert_file = "no/such.pem" (holdspace.toml:2): cannot be read: No such file or directory (os error 2)
    http.tls_cert_file = "Cargo.toml" (holdspace.toml:2): holds no certificate in PEM
    page.name = "two\nlines" (holdspace.toml:2): must be one line of at most 60 letters
    page.logo_file = "no/such.svg" (holdspace.toml:2): cannot be read: No such file or directory (os error 2)
    page.logo_file = "Cargo.toml" (holdspace.toml:2): must be an SVG or a PNG file
    page.accent = "red" (holdspace.toml:2): must be a colour like #2f6f62
    page.accent = "#12345g" (holdspace.toml:2): must be a colour like #2f6f62
    page.support_phone = "javascript:1" (holdspace.toml:2): must be a number like +49 30 1234567
    page.support_text = "Call us" (holdspace.toml:2): needs page.support_phone
    page.languages = ["de", "de"] (holdspace.toml:2): must be a list of en, de, fr, es, pt, ar, each once
    page.languages = ["tlh"] (holdspace.toml:2): must be a list of en, de, fr, es, pt, ar, each once
    page.languages = [] (holdspace.toml:2): must be a list of en, de, fr, es, pt, ar, each once
    page.frame_ancestors = ["*"] (holdspace.toml:2): must be a list of origins like https://app.example.org
    page.frame_ancestors = ["https://a.example/path"] (holdspace.toml:2): must be a list of origins like https://app.example.org
    page.frame_ancestors = ["https://a.example; script-src *"] (holdspace.toml:2): must be a list of origins like https://app.example.org
    page.public_url = "visits.example" (holdspace.toml:2): must be an address like https://visits.example.org/video
    page.api_url = "https://…@api.example" (holdspace.toml:2): must be an address like https://visits.example.org/video
    store.url = "postgres://…@host/db" (holdspace.toml:2): must be sqlite:PATH; this version knows no other database
    store.url = "sqlite::memory:" (holdspace.toml:2): must name a file, as in sqlite:PATH, without parameters
    store.url = "sqlite:x.db?mode=ro" (holdspace.toml:2): must name a file, as in sqlite:PATH, without parameters
    store.url = "holdspace.db" (holdspace.toml:2): must be sqlite:PATH; this version knows no other database
    redis.url = "redis://…@host" (holdspace.toml:2): Redis is not supported by this version, which runs as a single node
    auth.jwt_secret = (hidden) (holdspace.toml:2): must be a text that is not empty
    auth.jwt_secret = (hidden) (holdspace.toml:2): must be a text that is not empty
    auth.jwt_secrett = (hidden) (holdspace.toml:2): unknown key; did you mean auth.jwt_secret?
    auth.algorithms = [] (holdspace.toml:2): must be a list of HS256, RS256, ES256 and EdDSA, each once
    auth.algorithms = ["none"] (holdspace.toml:2): must be a list of HS256, RS256, ES256 and EdDSA, each once
    auth.algorithms = ["HS256", "HS256"] (holdspace.toml:2): must be a list of HS256, RS256, ES256 and EdDSA, each once
    auth.algorithms = ["RS256"] (holdspace.toml:2): needs a public key: auth.public_key_file or auth.jwks_url
    auth.public_key_file = "Cargo.toml" (holdspace.toml:2): is of no use: auth.algorithms has none of RS256, ES256 and EdDSA
    auth.public_key_file = "no/such/file.pem" (holdspace.toml:2): cannot be read: No such file or directory (os error 2)
    auth.jwks_url = "http://keys.example" (holdspace.toml:2): must be an https:// URL, or http:// on the loopback, without a password
    auth.leeway_seconds = 601 (holdspace.toml:2): must be a whole number from 0 to 600
    auth.access_token_ttl_seconds = 0 (holdspace.toml:2): must be a whole number from 1 to 31622400
    join_window.minutes_before = -1 (holdspace.toml:2): must be a whole number from 0 to 10080
    rate_limit.auth_per_minute = -1 (holdspace.toml:2): must be a whole number from 0 to 1000000
    signaling.ping_interval_ms = 0 (holdspace.toml:2): must be a whole number from 10 to 3600000
    signaling.max_payload_bytes = 100 (holdspace.toml:2): must be a whole number from 1024 to 16777216
    signaling.events_burst = 10 (holdspace.toml:2): must not be less than signaling.events_per_second
    signaling.reconnect_grace_seconds = 99999 (holdspace.toml:2): must be a whole number from 0 to 3600
    room.max_participants = 1 (holdspace.toml:2): must be a whole number from 2 to 50
    room.auto_end_seconds = 0 (holdspace.toml:2): must be a whole number from 1 to 86400
    ice.stun_urls = ["stun.example"] (holdspace.toml:2): must be a list of URLs like stun:host:3478
    ice.turn_urls = ["turn:relay.example"] (holdspace.toml:2): needs ice.turn_secret, or ice.turn_username and ice.turn_credential
    ice.turn_urls = ["turn:relay.example?x"] (holdspace.toml:2): must be a list of URLs like turn:host:3478?transport=udp
    ice.turn_username = "x" (holdspace.toml:2): needs ice.turn_credential
    ice.turn_credential = (hidden) (holdspace.toml:2): needs ice.turn_username
    ice.turn_credential = (hidden) (holdspace.toml:2): cannot be used with ice.turn_secret
    compat.flat_responses = "yes" (holdspace.toml:2): must be true or false
    log.level = "loud" (holdspace.toml:2): must be error, warn, info, debug or trace
    log.format = "xml" (holdspace.toml:2): must be text or json
    log.level = (a date) (holdspace.toml:2): must be error, warn, info, debug or trace
    holdspace.toml:2: string values must be quoted, expected literal string
    holdspace.toml:3: duplicate key
    holdspace.toml:1: unclosed table, expected `]`
    "##);
}

#[test]
fn a_bad_variable_is_one_line() {
    let long = "x".repeat(500);
    let lines: Vec<String> = [
        ("PORT", "eighty"),
        ("HOLDSPACE_HTTP__PORT", ""),
        ("HOLDSPACE_HTTP_PORT", "80"),
        ("HOLDSPACE_HTTP__PRT", "80"),
        ("HOLDSPACE_NO__SUCH", "1"),
        ("HOLDSPACE_SIGNALING__PING__INTERVAL", "1"),
        ("REDIS_URL", "redis://:pass@host:6379"),
        ("DATABASE_URL", "mongodb://user:pass@host/db"),
        ("HOLDSPACE_COMPAT__FLAT_RESPONSES", "1"),
        ("CORS_ORIGIN", "https://a.example,,"),
        ("HOLDSPACE_ICE__TURN_SECRETS", "abc"),
        ("HOLDSPACE_LOG__LEVEL", "two\nlines"),
        ("HOLDSPACE_LOG__LEVEL", &long),
    ]
    .into_iter()
    .map(|variable| load(None, &[variable]).unwrap_err())
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    http.port = "eighty" (PORT): must be a whole number from 0 to 65535
    http.port = "" (HOLDSPACE_HTTP__PORT): must be a whole number from 0 to 65535
    HOLDSPACE_HTTP_PORT: unknown variable; did you mean HOLDSPACE_HTTP__PORT?
    http.prt = "80" (HOLDSPACE_HTTP__PRT): unknown key; did you mean http.port?
    no.such = "1" (HOLDSPACE_NO__SUCH): unknown key
    signaling.ping__interval = "1" (HOLDSPACE_SIGNALING__PING__INTERVAL): unknown key
    redis.url = "redis://…@host:6379" (REDIS_URL): Redis is not supported by this version, which runs as a single node
    store.url = "mongodb://…@host/db" (DATABASE_URL): must be sqlite:PATH; this version knows no other database
    compat.flat_responses = "1" (HOLDSPACE_COMPAT__FLAT_RESPONSES): must be true or false
    http.cors_origins = "https://a.example,," (CORS_ORIGIN): must not have empty items
    ice.turn_secrets = (hidden) (HOLDSPACE_ICE__TURN_SECRETS): unknown key; did you mean ice.turn_secret?
    log.level = "two\nlines" (HOLDSPACE_LOG__LEVEL): must be error, warn, info, debug or trace
    log.level = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" (HOLDSPACE_LOG__LEVEL): must be error, warn, info, debug or trace
    "#);
}

#[test]
fn a_named_file_must_be_there_and_be_small() {
    let missing = Config::load(Some(Path::new("no-such.toml")), []).unwrap_err();
    insta::assert_snapshot!(missing, @r#"no-such.toml: cannot be read: No such file or directory (os error 2)"#);
    let large = format!("#{}", " ".repeat(1024 * 1024));
    insta::assert_snapshot!(load(Some(&large), &[]).unwrap_err(), @r#"holdspace.toml: cannot be read: it is larger than 1 MiB"#);
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

#[test]
fn the_documentation_has_every_key_and_no_other() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let text = std::fs::read_to_string(path).unwrap();
    let documented: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let mut values = super::values::Values::default();
    Config::from_values(&mut values).unwrap();
    assert_eq!(documented, values.known());
}
