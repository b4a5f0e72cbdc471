//! The line of every refusal.

use std::path::Path;

use super::load;
use crate::config::Config;

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
