//! `holdspace doctor` beside real servers and away from them, well and ill.

mod between;

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;
use tempfile::tempdir;

use crate::practice::{LENIENT, Practice};
use crate::process::{Server, command, printed, refusal};

/// What the doctor said: exit code and findings.
struct Said {
    code: i32,
    all: String,
    checks: Vec<Value>,
}

impl Said {
    fn of(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let arguments = [&["doctor", "--json"], arguments].concat();
        let output = command(folder, &arguments, environment).output().unwrap();
        let all = String::from_utf8(output.stdout).unwrap();
        let report: Value = serde_json::from_str(&all)
            .unwrap_or_else(|_| panic!("{all} {}", String::from_utf8_lossy(&output.stderr)));
        let code = output.status.code().unwrap();
        assert_eq!(report["verdict"] == "failed", code == 1, "{all}");
        Self {
            code,
            checks: report["checks"].as_array().unwrap().clone(),
            all,
        }
    }

    /// Verdict and name of each check, but for the clock, which is the machine's.
    fn verdicts(&self) -> String {
        let checks = self.checks.iter().filter(|check| check["check"] != "clock");
        let lines = checks.map(|check| {
            let part = |name: &str| check[name].as_str().unwrap().to_owned();
            format!("{} {}\n", part("verdict"), part("check"))
        });
        lines.collect()
    }

    /// Whether a check had this verdict, and words with this part.
    fn has(&self, check: &str, verdict: &str, part: &str) -> bool {
        self.checks.iter().any(|found| {
            let words = found["words"].as_str().unwrap();
            found["check"] == check && found["verdict"] == verdict && words.contains(part)
        })
    }

    #[track_caller]
    fn assert(&self, check: &str, verdict: &str, part: &str) {
        assert!(
            self.has(check, verdict, part),
            "no {verdict} {check} {part:?}: {}",
            self.all
        );
    }
}

/// The port of the relay, as config tells it.
fn relay_port(server: &Server, token: &str, transport: &str) -> String {
    let answer = server.get("/api/v1/video-calls/config", &[("x-auth-token", token)]);
    let end = answer.find(&format!("?transport={transport}")).unwrap();
    answer[..end].rsplit(':').next().unwrap().to_owned()
}

fn url(server: &Server) -> String {
    format!("http://{}", server.address)
}

const NOWHERE: [(&str, &str); 3] = [
    ("PORT", "0"),
    ("HOLDSPACE_TURN__LISTEN", "127.0.0.1"),
    ("HOLDSPACE_TURN__PORT", "0"),
];

#[test]
fn a_running_server_is_well_from_beside_it_and_from_elsewhere() {
    let practice = Practice::open();
    // Both allocations of a trial are gone before the next one.
    let few = [("HOLDSPACE_TURN__ALLOCATIONS_PER_USER_MAX", "2")];
    let server = Server::start(practice.folder(), "serve", &few);
    let port = server.address.port().to_string();
    let said = Said::of(practice.folder(), &[], &[("PORT", &port)]);
    insta::assert_snapshot!(said.verdicts(), @r"
    ok configuration
    ok store
    ok server
    ok ready
    ok page
    ok signaling
    ok websocket
    ok token
    warning relay address
    ok stun
    ok turn udp
    ok turn tcp
    skipped turn tls
    ");

    let elsewhere = tempdir().unwrap();
    // Which has no part in it.
    fs::write(elsewhere.path().join("holdspace.toml"), "nonsense").unwrap();
    let arguments = ["--url", &url(&server), "--token", &practice.client];
    let said = Said::of(elsewhere.path(), &arguments, &[]);
    insta::assert_snapshot!(said.verdicts(), @r"
    ok name
    ok connection
    skipped https
    ok server
    ok ready
    ok page
    ok signaling
    ok websocket
    ok token
    warning relay address
    ok stun
    ok turn udp
    ok turn tcp
    skipped turn tls
    ");
    said.assert("clock", "ok", "agree");
    assert!(!said.all.contains(&practice.client));

    let arguments = [&["doctor"], &arguments[..]].concat();
    let text = printed(elsewhere.path(), &arguments);
    assert!(
        text.contains("ok       turn udp       turn:127.0.0.1:"),
        "{text}"
    );
    assert!(
        text.ends_with("A visit will work, though not for everybody: 1 warning."),
        "{text}"
    );
}

#[test]
fn without_a_server_its_relay_is_started_for_the_trial_and_nothing_is_left() {
    let folder = tempdir().unwrap();
    let said = Said::of(folder.path(), &[], &NOWHERE);
    assert_eq!(said.code, 0, "{}", said.all);
    said.assert("store", "skipped", "is not there yet");
    said.assert("relay", "ok", "was started for this trial");
    said.assert("turn udp", "ok", "relays data both ways");
    said.assert("turn tcp", "ok", "relays data both ways");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn behind_a_nat_the_relay_is_tried_where_it_listens() {
    let folder = tempdir().unwrap();
    // Nothing is sent there.
    let environment = [
        &NOWHERE[..],
        &[("HOLDSPACE_TURN__PUBLIC_ADDRESS", "8.8.8.8")],
    ]
    .concat();
    let said = Said::of(folder.path(), &[], &environment);
    assert_eq!(said.code, 0, "{}", said.all);
    said.assert(
        "relay address",
        "ok",
        "people are told 8.8.8.8, which is not this machine's own: a NAT must pass it on",
    );
    said.assert("turn udp", "ok", "relays data both ways, at 8.8.8.8");
}

#[test]
fn ports_that_others_have_are_told() {
    let practice = Practice::open();
    let server = practice.serve();
    let tcp = relay_port(&server, &practice.client, "tcp");
    let udp = relay_port(&server, &practice.client, "udp");
    let folder = tempdir().unwrap();
    let environment = [
        ("PORT", tcp.as_str()),
        ("HOLDSPACE_TURN__LISTEN", "127.0.0.1"),
        ("HOLDSPACE_TURN__PORT", &udp),
    ];
    let said = Said::of(folder.path(), &[], &environment);
    assert_eq!(said.code, 1);
    said.assert("server", "failed", "something else has 127.0.0.1:");
    said.assert(
        "relay",
        "failed",
        &format!("cannot listen at 127.0.0.1:{udp} (udp)"),
    );
}

#[test]
fn tokens_that_are_refused_are_told_and_not_shown() {
    let practice = Practice::open();
    let once = [("HOLDSPACE_RATE_LIMIT__VIDEO_CALLS_PER_MINUTE", "1")];
    let server = Server::start(practice.folder(), "serve", &once);
    let url = url(&server);
    let folder = tempdir().unwrap();
    let with = |token: &str| Said::of(folder.path(), &["--url", &url, "--token", token], &[]);
    let said = with("not.a.token");
    assert_eq!(said.code, 1);
    said.assert("token", "failed", "does not take this token (401)");
    assert!(!said.all.contains("not.a.token"));
    assert_eq!(with(&practice.client).code, 0);
    let said = with(&practice.client);
    said.assert("token", "failed", "has asked too often (429)");
    assert!(!said.all.contains(&practice.client));

    let said = Said::of(folder.path(), &["--url", &url], &[]);
    assert_eq!(said.code, 0);
    said.assert("token", "skipped", "without a token");
}

#[test]
fn no_relay_is_a_warning() {
    let practice = Practice::open();
    let off = [
        ("HOLDSPACE_TURN__ENABLED", "false"),
        ("HOLDSPACE_ICE__STUN_URLS", ""),
    ];
    let server = Server::start(practice.folder(), "serve", &off);
    let url = url(&server);
    let arguments = ["--url", &url, "--token", &practice.client];
    let said = Said::of(practice.folder(), &arguments, &[]);
    assert_eq!(said.code, 0, "{}", said.all);
    said.assert("turn", "warning", "no relay is offered");
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let folder = tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let said = Said::of(folder.path(), &["--url", &format!("http://{free}")], &[]);
    assert_eq!(said.code, 1);
    said.assert("connection", "failed", "nothing listens there");

    let practice = Practice::open();
    let server = practice.serve();
    let below = format!("{}/elsewhere", url(&server));
    let said = Said::of(folder.path(), &["--url", &below], &[]);
    said.assert("server", "failed", "something answers 404");
}

#[test]
fn the_relay_of_others_is_tried_with_the_shared_secret() {
    let practice = Practice::open();
    let mut environment = LENIENT.to_vec();
    environment.push(("HOLDSPACE_TURN__SECRET", "the one that is shared"));
    let server = Server::start(practice.folder(), "serve", &environment);
    let port = relay_port(&server, &practice.client, "udp");
    let turn = format!("turn:127.0.0.1:{port}?transport=udp");
    let folder = tempdir().unwrap();
    for (secret, code, verdict, part) in [
        ("the one that is shared", 0, "ok", "relays data both ways"),
        (
            "known to nobody else",
            1,
            "failed",
            "does not accept the credential",
        ),
    ] {
        let environment = [
            ("PORT", "0"),
            ("HOLDSPACE_ICE__TURN_URLS", turn.as_str()),
            ("HOLDSPACE_ICE__TURN_SECRET", secret),
            ("HOLDSPACE_ICE__STUN_URLS", ""),
        ];
        let said = Said::of(folder.path(), &[], &environment);
        assert_eq!(said.code, code, "{}", said.all);
        said.assert("turn udp", verdict, part);
        assert!(!said.all.contains(secret));
    }
}

#[test]
fn what_a_relay_refuses_is_told() {
    let practice = Practice::open();
    for (key, value, part) in [
        (
            "HOLDSPACE_TURN__DENY_PEERS",
            "127.0.0.0/8",
            "does not relay to its own address (403",
        ),
        (
            "HOLDSPACE_TURN__ALLOCATIONS_PER_USER_MAX",
            "1",
            "all the allocations that one may have (486",
        ),
    ] {
        let server = Server::start(practice.folder(), "serve", &[(key, value)]);
        let url = url(&server);
        let arguments = ["--url", &url, "--token", &practice.client];
        let said = Said::of(practice.folder(), &arguments, &[]);
        assert_eq!(said.code, 1);
        said.assert("turn udp", "failed", part);
        said.assert("turn tcp", "failed", part);
        said.assert("stun", "ok", "it sees this machine as 127.0.0.1");
    }
}

/// A certificate for 127.0.0.1 that is good until the end of a year, as files.
fn certificate(folder: &Path, last_year: i32) {
    let mut params =
        CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    params.not_after = date_time_ymd(last_year, 12, 31);
    let key = KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    for (name, label, der) in [
        ("cert.pem", "CERTIFICATE", made.der().to_vec()),
        ("key.pem", "PRIVATE KEY", key.serialize_der()),
    ] {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        let pem = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
        fs::write(folder.join(name), pem).unwrap();
    }
}

/// A certificate, and the name that clients of the relay find in it.
const FILES: [(&str, &str); 3] = [
    ("HOLDSPACE_TURN__PUBLIC_HOST", "localhost"),
    ("HOLDSPACE_HTTP__TLS_CERT_FILE", "cert.pem"),
    ("HOLDSPACE_HTTP__TLS_KEY_FILE", "key.pem"),
];
const TRUST: (&str, &str) = ("SSL_CERT_FILE", "cert.pem");

#[test]
fn https_and_the_relay_over_tls_are_well_with_a_certificate_that_is_trusted() {
    let practice = Practice::open();
    certificate(practice.folder(), 2999);
    let server = Server::start(practice.folder(), "serve", &FILES);
    let port = server.address.port().to_string();
    let here = [FILES[0], FILES[1], FILES[2], TRUST, ("PORT", &port)];
    let said = Said::of(practice.folder(), &[], &here);
    assert_eq!(said.code, 0, "{}", said.all);
    said.assert(
        "certificate",
        "ok",
        "http.tls_cert_file is good until 2999-12-31",
    );
    said.assert("turn tls", "ok", "relays data both ways");

    let url = format!("https://{}", server.address);
    let arguments = ["--url", &url, "--token", &practice.client];
    let said = Said::of(practice.folder(), &arguments, &[TRUST]);
    assert_eq!(said.code, 0, "{}", said.all);
    said.assert(
        "certificate",
        "ok",
        "the certificate is trusted and is good until 2999-12-31",
    );
    said.assert("websocket", "ok", "come through");
    said.assert("turn tls", "ok", "relays data both ways");

    // To browsers that do not know who issued it, all that is over TLS is lost.
    let said = Said::of(
        practice.folder(),
        &[],
        &here[..3]
            .iter()
            .chain(&here[4..])
            .copied()
            .collect::<Vec<_>>(),
    );
    assert_eq!(said.code, 1);
    said.assert(
        "turn tls",
        "failed",
        "browsers do not trust the certificate of the relay",
    );
}

#[test]
fn a_certificate_that_has_expired_is_told() {
    let practice = Practice::open();
    certificate(practice.folder(), 2020);
    let here = [
        &FILES[..],
        &NOWHERE[..],
        &[("HOLDSPACE_TURN__TLS_PORT", "0")],
    ]
    .concat();
    let said = Said::of(practice.folder(), &[], &here);
    assert_eq!(said.code, 1);
    said.assert(
        "certificate",
        "failed",
        "http.tls_cert_file expired on 2020-12-31",
    );
    said.assert("turn tls", "failed", "it has expired");

    let server = Server::start(practice.folder(), "serve", &FILES);
    let url = format!("https://{}", server.address);
    let arguments = ["--url", &url, "--token", &practice.client];
    let said = Said::of(practice.folder(), &arguments, &[TRUST]);
    said.assert("certificate", "failed", "it has expired");
    said.assert("token", "skipped", "was not sent");
}

#[test]
fn a_shared_demo_is_not_trusted_and_gets_no_token() {
    let folder = tempdir().unwrap();
    let server = Server::start_as(command(folder.path(), &["demo", "--share=127.0.0.1"], &[]));
    let url = format!("https://{}", server.address);
    let said = Said::of(
        folder.path(),
        &["--url", &url, "--token", "secret.to.keep"],
        &[],
    );
    assert_eq!(said.code, 1);
    said.assert(
        "certificate",
        "failed",
        "nobody whom this system trusts has issued it",
    );
    said.assert("server", "ok", "answers");
    said.assert("token", "skipped", "since the certificate is not trusted");
    assert!(!said.all.contains("secret.to.keep"));
}

#[test]
fn keys_that_others_publish_are_fetched() {
    let folder = tempdir().unwrap();
    // RFC 8037 appendix A.2.
    let key =
        r#"{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    for (keys, verdict, part) in [
        (Some(key), "ok", "keys of tokens are published: 1"),
        (Some(""), "failed", "no keys of tokens are published"),
        (None, "failed", "cannot be fetched"),
    ] {
        let url = between::publisher(keys);
        let environment = [
            &NOWHERE[..],
            &[
                ("HOLDSPACE_AUTH__ALGORITHMS", "EdDSA"),
                ("HOLDSPACE_AUTH__JWKS_URL", &url),
            ],
        ]
        .concat();
        Said::of(folder.path(), &[], &environment).assert("keys", verdict, part);
    }
}

#[test]
fn its_help_teaches_and_wrong_usage_is_exit_code_2() {
    let folder = tempdir().unwrap();
    let help = printed(folder.path(), &["doctor", "--help"]);
    for word in ["--url", "--token", "--json", "Exit codes:", "Examples:"] {
        assert!(help.contains(word), "{word} in {help}");
    }
    let said = refusal(folder.path(), &["doctor", "--url", "visits.example"], &[]);
    insta::assert_snapshot!(said, @"2 holdspace: --url must be like https://visits.example.org/video");
    let arguments = [
        "doctor",
        "--url",
        "http://127.0.0.1",
        "--token",
        "two words",
    ];
    let said = refusal(folder.path(), &arguments, &[]);
    insta::assert_snapshot!(said, @"2 holdspace: --token is no token");
    fs::write(folder.path().join("key.pem"), "nonsense").unwrap();
    let no_key = [
        ("HOLDSPACE_AUTH__ALGORITHMS", "RS256"),
        ("HOLDSPACE_AUTH__PUBLIC_KEY_FILE", "key.pem"),
    ];
    let said = refusal(folder.path(), &["doctor"], &no_key);
    assert!(
        said.starts_with("2 holdspace: auth.public_key_file key.pem holds no"),
        "{said}"
    );
}
