//! Connections that are slow, large, endless or no HTTP at all: each is answered or closed, others are
//! served meanwhile, and memory stays bounded.

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use rustix::process::Pid;
use serde_json::json;

use crate::plain_client::Client;
use crate::practice::Practice;
use crate::process::{Server, header, read_all};

const MIB: u64 = 1024 * 1024;
/// The longest body that is read.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// What the process holds in memory.
fn resident_bytes(pid: Pid) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

/// Sends everything, as far as the server takes it, and reads until it closes.
fn exchange(server: &Server, bytes: &[u8]) -> String {
    let mut stream = server.connect();
    // What has been closed or reset meanwhile may still have been answered.
    let _ = stream.write_all(bytes);
    drain(&mut stream)
}

fn drain(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "it was left open"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn assert_serves(server: &Server, practice: &Practice) {
    assert!(server.get("/healthz", &[]).starts_with("HTTP/1.1 200"));
    let mut client = Client::connect(server.address, &practice.client).unwrap();
    let answer = client
        .call("GET", "/video-calls/config", None, None)
        .unwrap();
    assert_eq!(answer.status, 200);
}

#[test]
fn what_is_no_http_is_answered_or_closed() {
    let practice = Practice::open();
    let server = practice.serve();
    let many_headers = "x: y\r\n".repeat(2000);
    let long = "x".repeat(40_000);
    for (what, bytes, statuses) in [
        ("nonsense", "\0\x01\x02 nonsense\r\n\r\n".to_owned(), "400"),
        (
            "TLS",
            "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03".to_owned() + &"a".repeat(600),
            "400",
        ),
        ("HTTP/0.9", "GET /\r\n\r\n".to_owned(), "400"),
        (
            "HTTP/2",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            "400 505",
        ),
        (
            "HTTP/9",
            "GET /healthz HTTP/9.9\r\n\r\n".to_owned(),
            "400 505",
        ),
        (
            "HTTP/1.0",
            "GET /healthz HTTP/1.0\r\n\r\n".to_owned(),
            "200",
        ),
        (
            "no colon",
            "GET /healthz HTTP/1.1\r\nhost test\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "a space before the colon",
            "GET /healthz HTTP/1.1\r\nhost : test\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "NUL in a header",
            "GET /healthz HTTP/1.1\r\nhost: a\0b\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "a folded header",
            "GET /healthz HTTP/1.1\r\nx: a\r\n b\r\nhost: a\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "many headers",
            format!("GET /healthz HTTP/1.1\r\n{many_headers}\r\n"),
            "400 431",
        ),
        (
            "a long header",
            format!("GET /healthz HTTP/1.1\r\nx: {long}\r\n\r\n"),
            "431",
        ),
        (
            "a long path",
            format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"),
            "414 431",
        ),
        ("an endless line", "G".repeat(200_000), "400 431"),
        (
            "lengths that differ",
            length("2\r\ncontent-length: 3"),
            "400",
        ),
        ("a length below zero", length("-1"), "400"),
        ("a length with a sign", length("+2"), "400"),
        ("a length that is none", length("two"), "400"),
        ("a huge length", length("99999999999999999999"), "400"),
        ("an unknown coding", coding("gzip", "{}"), "400 501"),
        (
            "a chunk that is none",
            coding("chunked", "zz\r\n{}\r\n0\r\n\r\n"),
            "400 401",
        ),
        (
            "a huge chunk",
            coding("chunked", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
            "400 401",
        ),
        (
            "endless chunk extensions",
            coding("chunked", &format!("2;{long}{long}")),
            "400 401",
        ),
    ] {
        let answer = exchange(&server, bytes.as_bytes());
        let status = answer.get(9..12).unwrap_or("closed");
        let is_fine = answer.is_empty() || statuses.contains(status);
        assert!(is_fine, "{what}: {status} {answer}");
        assert!(
            answer.matches("HTTP/1.").count() <= 1,
            "{what} was read as two: {answer}"
        );
    }
    assert_serves(&server, &practice);
}

fn length(value: &str) -> String {
    format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {value}\r\n\r\n{{}}"
    )
}

fn coding(value: &str, body: &str) -> String {
    format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         connection: close\r\ntransfer-encoding: {value}\r\n\r\n{body}"
    )
}

#[test]
fn a_length_and_chunks_together_are_never_read_as_two_requests() {
    let practice = Practice::open();
    let server = practice.serve();
    let smuggled = "0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let head = format!(
        "content-length: {}\r\ntransfer-encoding: chunked",
        smuggled.len()
    );
    let request =
        format!("POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\n{smuggled}");
    let answer = exchange(&server, request.as_bytes());
    // RFC 9112 §6.3: an error, or chunks alone count and the connection ends with the answer.
    assert!(!answer.contains(r#"{"status":"ok"}"#), "{answer}");
}

#[test]
fn odd_paths_are_answered_in_the_shape_of_all_answers() {
    let practice = Practice::open();
    let server = practice.serve();
    let long = "a".repeat(20_000);
    for path in [
        "/api/v1/sessions/%00",
        "/api/v1/sessions/%ff%fe",
        "/api/v1/sessions/%",
        "/api/v1/sessions/..%2f..%2fetc%2fpasswd",
        "/api/v1/../../etc/passwd",
        "//api/v1/sessions",
        "/api/v1//sessions",
        "/api/v1/sessions/",
        "/api/v1/sessions?limit=%00&limit=1&cursor=%ff",
        "/api/v1/sessions?status=%F0%9F%92%A9",
        "http://elsewhere.example/api/v1/sessions/x",
        &format!("/api/v1/sessions/{long}"),
        &format!("/api/v1/sessions?cursor={long}"),
    ] {
        let answer = server.get(path, &[("x-auth-token", &practice.client)]);
        let status: u16 = answer[9..12].parse().unwrap();
        assert!((400..500).contains(&status), "{path} {answer}");
        if path.starts_with("/api") {
            assert!(
                answer.contains(r#"{"success":false,"error":{"code":""#),
                "{path} {answer}"
            );
        }
    }
}

#[test]
fn bodies_over_the_limit_are_refused_with_and_without_a_length() {
    let practice = Practice::open();
    let server = practice.serve();
    let token = &practice.admin;
    let head = |rest: &str| {
        format!(
            "POST /api/v1/sessions HTTP/1.1\r\nhost: a\r\nx-auth-token: {token}\r\n\
             content-type: application/json\r\nconnection: close\r\n{rest}\r\n\r\n"
        )
    };
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    let over = BODY_BYTES_MAX + 1;
    for key in ["", "idempotency-key: k\r\n"] {
        // It is refused by its length alone, before it is sent.
        let announced = head(&format!("{key}content-length: {over}"));
        // Of this one, the first part is there when it turns out to be too long.
        let endless = head(&format!("{key}transfer-encoding: chunked")) + &chunk.repeat(40);
        for request in [announced, endless] {
            let answer = exchange(&server, request.as_bytes());
            let refused =
                answer.starts_with("HTTP/1.1 413") && answer.contains("PAYLOAD_TOO_LARGE");
            // The reset of a connection with unread bytes may overtake the answer.
            assert!(
                refused || (answer.is_empty() && request.len() > over),
                "{key:?} {answer}"
            );
        }
    }
    // The same length in spaces is no harm, up to the limit, and in chunks of one byte.
    let body = format!("{{}}{}", " ".repeat(BODY_BYTES_MAX - 2));
    let whole = head(&format!("content-length: {BODY_BYTES_MAX}")) + &body;
    let mut trickle = head("transfer-encoding: chunked");
    for byte in body[..4000].chars() {
        write!(trickle, "1\r\n{byte}\r\n").unwrap();
    }
    trickle.push_str("0\r\n\r\n");
    for request in [whole, trickle] {
        let answer = exchange(&server, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains("client is missing"), "{answer}");
    }
}

#[test]
fn a_refusal_waits_for_the_body_and_leaves_the_connection_open() {
    let practice = Practice::open();
    let server = practice.serve();
    let id = "507f1f77bcf86cd7994390ff";
    for (method, path, token, key, refusal) in [
        ("POST", "sessions".to_owned(), "nonsense", "", "401"),
        ("POST", "sessions".to_owned(), &practice.client, "", "403"),
        (
            "PATCH",
            format!("sessions/{id}"),
            &practice.client,
            "",
            "403",
        ),
        (
            "POST",
            "sessions".to_owned(),
            &practice.admin,
            "idempotency-key: \r\n",
            "400",
        ),
        (
            "POST",
            "video-calls/start/x".to_owned(),
            &practice.client,
            "",
            "400",
        ),
        (
            "POST",
            format!("video-calls/start/{id}"),
            &practice.client,
            "",
            "404",
        ),
        (
            "POST",
            format!("video-calls/end/{id}"),
            "nonsense",
            "idempotency-key: k\r\n",
            "401",
        ),
    ] {
        let mut stream = server.connect();
        let head = format!(
            "{method} /api/v1/{path} HTTP/1.1\r\nhost: a\r\nx-auth-token: {token}\r\n{key}\
             content-type: application/json\r\ncontent-length: 2\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        // Answered after the head has arrived.
        server.get("/healthz", &[]);
        stream.write_all(b"{}").unwrap();
        let last = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        stream.write_all(last.as_bytes()).unwrap();
        let answers = read_all(&mut stream);
        assert!(
            answers.starts_with(&format!("HTTP/1.1 {refusal}")),
            "{path} {answers}"
        );
        assert!(answers.ends_with(r#"{"status":"ok"}"#), "{path} {answers}");
    }
}

#[test]
fn requests_in_a_row_are_answered_in_their_order() {
    const COUNT: usize = 200;
    let practice = Practice::open();
    let server = practice.serve();
    let mut stream = server.connect();
    let mut requests = String::new();
    for number in 0..COUNT {
        let close = if number + 1 == COUNT {
            "connection: close\r\n"
        } else {
            ""
        };
        let head = format!("host: a\r\nx-request-id: number-{number}\r\n{close}");
        write!(requests, "GET /healthz HTTP/1.1\r\n{head}\r\n").unwrap();
    }
    stream.write_all(requests.as_bytes()).unwrap();
    let answers = read_all(&mut stream);
    let answers: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).collect();
    assert_eq!(answers.len(), COUNT);
    for (number, answer) in answers.iter().enumerate() {
        let expected = format!("number-{number}");
        assert_eq!(header(answer, "x-request-id"), Some(expected.as_str()));
    }
}

#[test]
fn others_are_served_while_hundreds_of_connections_hang() {
    let practice = Practice::open();
    let server = practice.serve();
    let half_a_body = "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: \
        application/json\r\ncontent-length: 60000\r\n\r\n{";
    let half_a_chunk = "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: \
        application/json\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{";
    let half_an_upgrade = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: a\r\n\
        upgrade: websocket\r\nconnection: upgrade\r\n";
    let beginnings = [
        "",
        "G",
        "GET / HTTP/1.1\r\nhost:",
        half_a_body,
        half_a_chunk,
        half_an_upgrade,
    ];
    let mut hanging = Vec::new();
    for number in 0..240 {
        let mut stream = server.connect();
        let beginning = beginnings[number % beginnings.len()];
        stream.write_all(beginning.as_bytes()).unwrap();
        // Some have said all that they will.
        if number.is_multiple_of(4) {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        hanging.push(stream);
    }
    for _ in 0..20 {
        assert_serves(&server, &practice);
    }
    drop(hanging);
    assert_serves(&server, &practice);
}

#[test]
fn thousands_of_bad_connections_leave_nothing_behind() {
    let practice = Practice::open();
    let server = practice.serve();
    let polling = "/socket.io/?EIO=4&transport=polling";
    let large = "x".repeat(60_000);
    let attacks = [
        "GET / HTTP/1.1\r\nhost:".to_owned(),
        length("60000"),
        format!("GET /healthz HTTP/1.1\r\nx: {}", &large[..30_000]),
        "\0\0\0\0".to_owned(),
        format!("GET {polling} HTTP/1.1\r\nhost: a\r\n\r\n"),
        format!("POST {polling}&sid=nobody HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n4{{}}"),
        format!("{}{}", length("60000"), &large[..50_000]),
    ];
    let attack = |times: usize| {
        for number in 0..times {
            let mut stream = server.connect();
            let _ = stream.write_all(attacks[number % attacks.len()].as_bytes());
        }
        // Taken up after all of them.
        assert_serves(&server, &practice);
    };
    attack(700);
    let before = resident_bytes(server.pid());
    attack(4200);
    let after = resident_bytes(server.pid());
    let grown = after.saturating_sub(before);
    assert!(grown < 16 * MIB, "{} KiB more", grown / 1024);
}

#[test]
fn a_client_that_reads_no_answers_is_read_no_further() {
    let practice = Practice::open();
    let server = practice.serve();
    let before = resident_bytes(server.pid());
    let request = "GET /api/openapi.json HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100);
    let mut sent = 0;
    let mut streams: Vec<TcpStream> = (0..10).map(|_| server.connect()).collect();
    for stream in &mut streams {
        stream.set_nonblocking(true).unwrap();
        // Ten times what it would take to fill every buffer with answers.
        for _ in 0..200 {
            match stream.write(request.as_bytes()) {
                Ok(written) => sent += written,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    break;
                }
            }
        }
    }
    assert_serves(&server, &practice);
    let grown = resident_bytes(server.pid()).saturating_sub(before);
    assert!(
        grown < 32 * MIB,
        "{sent} bytes of requests took {} KiB",
        grown / 1024
    );
}

#[test]
fn polling_bodies_over_the_limit_close_the_connection() {
    let practice = Practice::open();
    let server = practice.serve();
    let path = "/socket.io/?EIO=4&transport=polling";
    let opened = server.get(path, &[]);
    let sid = opened
        .split(r#""sid":""#)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let post = |rest: &str| {
        format!("POST {path}&sid={sid} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{rest}\r\n\r\n")
    };
    let connect = json!({"token": practice.client});
    let small = format!("40{connect}");
    let accepted = post(&format!("content-length: {}", small.len())) + &small;
    assert!(exchange(&server, accepted.as_bytes()).starts_with("HTTP/1.1 200"));
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    let endless = post("transfer-encoding: chunked") + &chunk.repeat(8);
    let answer = exchange(&server, endless.as_bytes());
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 413"),
        "{answer}"
    );
    let poll = server.get(&format!("{path}&sid={sid}"), &[]);
    assert!(
        poll.starts_with("HTTP/1.1 400") && poll.contains("Session ID unknown"),
        "{poll}"
    );
    assert_serves(&server, &practice);
}
