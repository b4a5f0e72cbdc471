//! Every key, through file and variable, and in the documentation.

use std::collections::BTreeSet;

use super::load;
use crate::config::Config;
use crate::config::values::{Values, variable_name};

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
        "turn.enabled",
        "false",
        "false",
        |c| c.turn.enabled.to_string(),
        "false",
    ),
    (
        "turn.listen",
        r#"["::1"]"#,
        "::1",
        |c| format!("{:?}", c.turn.listen),
        "[::1]",
    ),
    ("turn.port", "0", "0", |c| c.turn.port.to_string(), "0"),
    (
        "turn.tls_port",
        "443",
        "443",
        |c| c.turn.tls_port.to_string(),
        "443",
    ),
    (
        "turn.public_address",
        r#"["198.51.100.7", "2001:db8::7"]"#,
        "198.51.100.7, 2001:db8::7",
        |c| format!("{:?}", c.turn.public_addresses),
        "[198.51.100.7, 2001:db8::7]",
    ),
    (
        "turn.public_host",
        r#""Relay.Example.org""#,
        "relay.example.org",
        |c| c.turn.public_host.clone().unwrap(),
        "relay.example.org",
    ),
    (
        "turn.secret",
        r#""shared""#,
        "shared",
        |c| format!("{:?}", c.turn.secret),
        "Some(Secret(…))",
    ),
    (
        "turn.relay_port_min",
        "50000",
        "50000",
        |c| format!("{:?}", c.turn.relay_ports),
        "(50000, 65535)",
    ),
    (
        "turn.relay_port_max",
        "50000",
        "50000",
        |c| format!("{:?}", c.turn.relay_ports),
        "(49152, 50000)",
    ),
    (
        "turn.allocations_max",
        "20",
        "20",
        |c| c.turn.allocations_max.to_string(),
        "20",
    ),
    (
        "turn.allocations_per_user_max",
        "4",
        "4",
        |c| c.turn.allocations_per_user_max.to_string(),
        "4",
    ),
    (
        "turn.kilobits_per_second_per_user_max",
        "8000",
        "8000",
        |c| c.turn.kilobits_per_second_per_user_max.to_string(),
        "8000",
    ),
    (
        "turn.allow_peers",
        r#"["10.0.0.0/8"]"#,
        "10.0.0.0/8",
        |c| c.turn.allow_peers.len().to_string(),
        "1",
    ),
    (
        "turn.deny_peers",
        r#"["10.0.0.0/8"]"#,
        "10.0.0.0/8",
        |c| c.turn.deny_peers.len().to_string(),
        "1",
    ),
    (
        "turn.alternate_servers",
        r#"["198.51.100.7:3478", "[2001:db8::7]:3478"]"#,
        "198.51.100.7:3478, [2001:db8::7]:3478",
        |c| format!("{:?}", c.turn.alternate_servers),
        "[198.51.100.7:3478, [2001:db8::7]:3478]",
    ),
    (
        "metrics.token",
        r#""word""#,
        "word",
        |c| format!("{:?}", c.metrics.token),
        "Some(Secret(…))",
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
        let long = variable_name(key);
        let loaded = load(None, &[(&long, variable)]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(show(&loaded.config), *expected, "{long}");
    }
}

#[test]
fn the_documentation_has_every_key_and_no_other() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let text = std::fs::read_to_string(path).unwrap();
    let documented: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let mut values = Values::default();
    Config::from_values(&mut values).unwrap();
    assert_eq!(documented, values.known());
}
