//! A server's life: what it answers by itself, what it writes to its log, how it stops.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::process::{Server, body, command, header, printed, read_all};
use crate::socket_client::SocketClient;

/// The head of a request whose body is yet to come.
const HALF_A_REQUEST: &str = "POST /api/v1/auth/login HTTP/1.1\r\nhost: test\r\n\
    content-type: application/json\r\ncontent-length: 2\r\n\r\n{";

#[test]
fn it_tells_how_it_is() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    for (path, expected) in [
        ("/healthz", r#"{"status":"ok"}"#),
        ("/readyz", r#"{"status":"ok","store":"ok"}"#),
    ] {
        let answer = server.get(path, &[]);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_eq!(body(&answer), expected);
    }
}

#[test]
fn every_answer_carries_the_id_of_its_request() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    for path in [
        "/healthz",
        "/",
        "/nowhere",
        "/api/v1/sessions",
        "/socket.io/?EIO=3",
        "/call/",
    ] {
        let answer = server.get(path, &[("x-request-id", "given-1")]);
        assert_eq!(header(&answer, "x-request-id"), Some("given-1"), "{path}");
        let made = server.get(path, &[("x-request-id", "not sane")]);
        let made = header(&made, "x-request-id").unwrap();
        assert!(!made.is_empty() && made != "not sane", "{path}");
    }
}

#[test]
fn polling_follows_the_cross_origin_rules() {
    let folder = tempdir().unwrap();
    let environment = [("CORS_ORIGIN", "https://app.example")];
    let server = Server::start(folder.path(), "serve", &environment);
    let path = "/socket.io/?EIO=4&transport=polling";
    for (origin, allowed) in [
        ("https://app.example", Some("https://app.example")),
        ("https://x.example", None),
    ] {
        let answer = server.get(path, &[("origin", origin)]);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(header(&answer, "access-control-allow-origin"), allowed);
    }
}

#[test]
fn a_signal_ends_it_once_requests_in_flight_are_answered() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = tempdir().unwrap();
        let server = Server::start(folder.path(), "serve", &[]);
        let mut idle = server.connect();
        let mut busy = server.connect();
        busy.write_all(HALF_A_REQUEST.as_bytes()).unwrap();
        // Answered after the busy one was accepted.
        server.get("/healthz", &[]);
        server.signal(signal);
        server.line_with("stopping");
        busy.write_all(b"}").unwrap();
        assert!(read_all(&mut busy).starts_with("HTTP/1.1 400"));
        assert_eq!(read_all(&mut idle), "");
        let (status, _) = server.end();
        assert_eq!(status.code(), Some(0), "{signal:?}");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let mut busy = server.connect();
    busy.write_all(HALF_A_REQUEST.as_bytes()).unwrap();
    server.get("/healthz", &[]);
    server.signal(Signal::TERM);
    server.line_with("stopping");
    server.signal(Signal::TERM);
    let (status, rest) = server.end();
    assert_eq!(status.code(), Some(1));
    assert!(rest.concat().contains("second signal"), "{rest:?}");
}

#[test]
fn slow_heads_and_slow_bodies_are_cut_off() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let mut head = server.connect();
    head.write_all(b"GET / HTTP/1.1\r\nhost:").unwrap();
    let mut body = server.connect();
    body.write_all(HALF_A_REQUEST.as_bytes()).unwrap();
    let answer = read_all(&mut body);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(header(&answer, "connection"), Some("close"));
    let mut rest = Vec::new();
    // Closed without an answer, or reset.
    let _ = head.read_to_end(&mut rest);
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let mut stream = server.connect();
    let head = format!(
        "GET /healthz HTTP/1.1\r\nhost: test\r\nx-auth-token: {}\r\n\r\n",
        "x".repeat(40_000)
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 431");
}

/// Says everything there is to say.
const TRACE: [(&str, &str); 2] = [
    ("HOLDSPACE_LOG__LEVEL", "trace"),
    ("HOLDSPACE_LOG__FORMAT", "json"),
];

#[test]
fn the_log_knows_requests_and_no_secrets() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(folder, "serve", &TRACE);
    let user = printed(folder, &add_zaphod(false));
    let token = token_of(folder, &user);
    server.get(
        &format!("/api/v1/users/{user}"),
        &[("x-auth-token", &token), ("x-request-id", "req-1")],
    );
    server.get(
        "/api/v1/auth/me",
        &[("authorization", &format!("Bearer {token}"))],
    );
    server.signal(Signal::TERM);
    let (_, lines) = server.end();
    let access = lines
        .iter()
        .find(|line| line.contains(r#""request":"req-1""#))
        .unwrap();
    assert!(
        access.contains(r#""route":"/api/v1/users/:id","status":200"#),
        "{access}"
    );
    assert_secret(&lines, &[&token, "Zaphod", "zaphod"]);
}

#[test]
fn the_log_knows_no_passwords_and_nothing_that_they_are_traded_for() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(folder, "serve", &TRACE);
    let mut adding = command(folder, &add_zaphod(true), &[]);
    let mut adding = adding
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = adding.stdin.take().unwrap();
    input.write_all(b"Heart-of-Gold-42\n").unwrap();
    drop(input);
    assert!(adding.wait().unwrap().success());

    let login = |password| json!({"email": "zaphod@a.example", "password": password});
    let refused = server.post("/api/v1/auth/login", &login("Vogon-poetry-7"));
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    let first = pair(&server.post("/api/v1/auth/login", &login("Heart-of-Gold-42")));
    let refresh = json!({"refreshToken": first[1]});
    let second = pair(&server.post("/api/v1/auth/refresh", &refresh));
    let again = server.post("/api/v1/auth/refresh", &refresh);
    assert!(again.starts_with("HTTP/1.1 401"), "{again}");

    server.signal(Signal::TERM);
    let (_, lines) = server.end();
    let mut secrets = vec!["Heart-of-Gold-42", "Vogon-poetry-7", "zaphod"];
    secrets.extend(first.iter().chain(&second).map(String::as_str));
    assert_secret(&lines, &secrets);
}

#[tokio::test]
async fn the_log_knows_sockets_by_their_request_and_nothing_that_they_say() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(folder, "serve", &TRACE);
    let user = printed(folder, &add_zaphod(false));
    let token = token_of(folder, &user);
    let wrong = format!("{token}x");
    assert!(
        SocketClient::connect(server.address, json!({"token": wrong}))
            .await
            .is_err()
    );
    let auth = json!({"token": token, "resumeToken": "babel-fish"});
    let mut socket = SocketClient::connect(server.address, auth).await.unwrap();
    let candidate =
        json!({"candidate": {"candidate": "candidate:1 1 udp 1 198.51.100.7 9 typ host"}});
    for (event, payload) in [
        ("join-room", json!({"roomId": "room-of-marvin"})),
        ("ice-candidate", candidate),
        (
            "offer",
            json!({"offer": {"type": "offer", "sdp": "v=0 marvin"}}),
        ),
    ] {
        socket.emit(event, &payload).await;
        socket.expect_error().await;
    }
    server.signal(Signal::TERM);
    let (_, lines) = server.end();
    let refusals = lines
        .iter()
        .filter(|line| line.contains("an event was refused"));
    let ids: Vec<Value> = refusals
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["request"].clone())
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(
        ids[0].is_string() && ids.iter().all(|id| *id == ids[0]),
        "{ids:?}"
    );
    let secrets = [
        &token,
        "Zaphod",
        "zaphod",
        "babel-fish",
        "marvin",
        "198.51.100.7",
    ];
    assert_secret(&lines, &secrets);
}

fn add_zaphod(has_password: bool) -> Vec<&'static str> {
    let mut add = vec![
        "user",
        "add",
        "--name",
        "Zaphod",
        "--email",
        "zaphod@a.example",
    ];
    add.extend(["--role", "client"]);
    add.extend(has_password.then_some("--password-stdin"));
    add
}

fn token_of(folder: &Path, user: &str) -> String {
    let arguments = [
        "token", "--user", user, "--role", "client", "--name", "Zaphod",
    ];
    printed(folder, &arguments)
}

/// The access token and the refresh token of an answer.
fn pair(answer: &str) -> [String; 2] {
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer: Value = serde_json::from_str(body(answer)).unwrap();
    ["token", "refreshToken"].map(|name| answer["data"][name].as_str().unwrap().to_owned())
}

fn assert_secret(lines: &[String], secrets: &[&str]) {
    let log = lines.join("\n");
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}
