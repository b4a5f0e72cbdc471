//! A server's life: what it answers by itself, what it writes to its log, how it stops.

use std::io::{Read, Write};

use rustix::process::Signal;
use tempfile::tempdir;

use crate::process::{Server, body, header, printed, read_all};

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

#[test]
fn the_log_knows_requests_and_no_secrets() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let environment = [
        ("HOLDSPACE_LOG__LEVEL", "trace"),
        ("HOLDSPACE_LOG__FORMAT", "json"),
    ];
    let server = Server::start(folder, "serve", &environment);
    let add = [
        "user",
        "add",
        "--name",
        "Zaphod",
        "--email",
        "zaphod@a.example",
        "--role",
        "client",
    ];
    let user = printed(folder, &add);
    let token = printed(
        folder,
        &[
            "token", "--user", &user, "--role", "client", "--name", "Zaphod",
        ],
    );
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
    let log = lines.join("\n");
    for secret in [token.as_str(), "Zaphod", "zaphod"] {
        assert!(!log.contains(secret), "{log}");
    }
}
