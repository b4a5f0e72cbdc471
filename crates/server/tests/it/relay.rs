//! The relay as the server runs it: what clients are told of it, who may use it, until when.

mod said;
mod stopping;
mod told;

use rustix::process::Signal;
use serde_json::json;

use self::told::{Allocation, Told};
use crate::plain_client::Client;
use crate::practice::{
    self, CLIENT, LENIENT, PSYCHOLOGIST, Practice, STRANGER, book, booking, text,
};
use crate::process::{Server, body, refusal};
use crate::socket_client::SocketClient;

fn end(server: &Server, token: &str, session: &str) {
    let mut client = Client::connect(server.address, token).unwrap();
    for act in ["start", "end"] {
        let path = format!("/video-calls/{act}/{session}");
        let answer = client.call("POST", &path, None, Some(&json!({})));
        assert_eq!(answer.unwrap().status, 200, "{act}");
    }
}

#[test]
fn clients_are_told_of_ours_and_of_no_other_and_it_relays() {
    let practice = Practice::open();
    let server = practice.serve();
    let told = Told::of(&server, &practice.client);
    let (udp, tcp) = (told.port("udp"), told.port("tcp"));
    assert_eq!(
        told.urls,
        [
            format!("stun:127.0.0.1:{udp}"),
            format!("turn:127.0.0.1:{udp}?transport=udp"),
            format!("turn:127.0.0.1:{tcp}?transport=tcp"),
        ]
    );
    assert!(told.relays("udp"));
    assert!(told.relays("tcp"));
    let forged = Told {
        credential: "Zm9yZ2Vk".to_owned(),
        ..told
    };
    assert!(!forged.relays("udp"));
}

#[test]
fn with_the_visit_ends_the_use_of_the_relay() {
    let practice = Practice::open();
    let server = practice.serve();
    let mut admin = Client::connect(server.address, &practice.admin).unwrap();
    let (first, second) = (book(&mut admin, "first"), book(&mut admin, "second"));
    let told = Told::of(&server, &practice.client);
    end(&server, &practice.psychologist, &first);
    assert!(told.relays("udp"), "the second visit is still to come");
    end(&server, &practice.psychologist, &second);
    assert!(!told.relays("udp"));
}

#[test]
fn what_ended_before_a_restart_stays_ended() {
    for (status, closed) in [
        ("Confirmed", "Completed"),
        ("Confirmed", "Cancelled"),
        ("Pending", "Declined"),
    ] {
        let practice = Practice::open();
        let server = practice.serve();
        let mut admin = Client::connect(server.address, &practice.admin).unwrap();
        let mut first = booking("first");
        first["status"] = json!(status);
        let answer = admin.call("POST", "/sessions", None, Some(&first)).unwrap();
        let id = text(&answer.body["data"]["session"]["id"]);
        // The psychologist has another visit now.
        let mut another = booking("second");
        another["client"]["id"] = json!(STRANGER);
        another["client"]["email"] = json!("stranger@example.com");
        let answer = admin
            .call("POST", "/sessions", None, Some(&another))
            .unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
        let people = [&practice.client, &practice.psychologist];
        let told = people.map(|token| Told::of(&server, token));
        if closed == "Completed" {
            end(&server, &practice.psychologist, &id);
        } else {
            let path = format!("/sessions/{id}");
            let change = json!({"status": closed});
            let answer = admin.call("PATCH", &path, None, Some(&change)).unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        server.signal(Signal::TERM);
        server.end();

        let again = practice.serve();
        let urls = Told::of(&again, &practice.client).urls;
        let [client, psychologist] = told.map(|told| Told {
            urls: urls.clone(),
            ..told
        });
        assert!(!client.relays("udp"), "{closed}");
        assert!(psychologist.relays("udp"), "{closed}");
    }
}

#[tokio::test]
async fn a_line_a_visit_says_who_was_relayed_by_what() {
    let practice = Practice::open();
    let server = practice.serve();
    let mut admin = Client::connect(server.address, &practice.admin).unwrap();
    let (session, room) = practice::book_with_room(&mut admin, "relayed");
    let mut sockets = Vec::new();
    let people = [&practice.client, &practice.psychologist];
    for token in people {
        let auth = json!({"token": token});
        let mut socket = SocketClient::connect(server.address, auth).await.unwrap();
        socket.emit("join-room", &json!({"roomId": room})).await;
        socket.expect("room-joined").await;
        sockets.push(socket);
    }
    let [client, psychologist] = people.map(|token| Told::of(&server, token));
    let mut udp = Allocation::open(&client, "udp");
    let mut tcp = Allocation::open(&psychologist, "tcp");
    udp.bind(tcp.relayed);
    tcp.bind(udp.relayed);
    udp.send(&[1; 100]);
    assert_eq!(tcp.receive(100), [1; 100]);
    tcp.send(&[2; 40]);
    assert_eq!(udp.receive(40), [2; 40]);
    // One that is not used, as browsers have them.
    Allocation::open(&client, "tcp").release();
    for socket in sockets {
        socket.disconnect().await;
    }
    udp.release();
    tcp.release();
    let line = server.line_with("relayed");
    let people = format!("{CLIENT} udp 100/40, {PSYCHOLOGIST} tcp 40/100");
    for part in ["a visit was relayed", &session, &people, "sent_bytes=140"] {
        assert!(line.contains(part), "{part} in {line}");
    }
    server.signal(Signal::TERM);
    let (_, rest) = server.end();
    assert!(
        !rest.iter().any(|line| line.contains("relayed")),
        "{rest:?}"
    );
}

#[test]
fn what_is_relayed_outside_a_visit_has_a_line_of_its_own() {
    let practice = Practice::open();
    let server = practice.serve();
    assert!(Told::of(&server, &practice.client).relays("udp"));
    let line = server.line_with("relayed outside a visit");
    assert!(line.contains(CLIENT), "{line}");
}

#[test]
fn a_taken_port_is_one_line_that_says_what_to_do() {
    let practice = Practice::open();
    let server = practice.serve();
    let port = Told::of(&server, &practice.client).port("udp").to_owned();
    let other = tempfile::tempdir().unwrap();
    let environment = [
        ("PORT", "0"),
        ("HOLDSPACE_TURN__LISTEN", "127.0.0.1"),
        ("HOLDSPACE_TURN__PORT", &port),
    ];
    let said = refusal(other.path(), &["serve"], &environment);
    let expected = format!(
        "1 holdspace: the TURN relay cannot listen at 127.0.0.1:{port} (udp): Address already in use (os error 98); \
         set turn.port, or turn.enabled = false\n"
    );
    assert_eq!(said, expected);
    // A demo runs anywhere.
    Server::start(other.path(), "demo", &environment[2..]);
}

#[test]
fn without_the_relay_it_is_not_spoken_of() {
    let practice = Practice::open();
    let off = [
        ("HOLDSPACE_TURN__ENABLED", "false"),
        ("HOLDSPACE_ICE__STUN_URLS", "stun:s.example"),
    ];
    let server = Server::start(practice.folder(), "serve", &off);
    assert_eq!(Told::of(&server, &practice.client).urls, ["stun:s.example"]);
    let outside = [
        ("HOLDSPACE_ICE__TURN_URLS", "turn:t.example?transport=udp"),
        ("HOLDSPACE_ICE__TURN_SECRET", "shared"),
        ("HOLDSPACE_ICE__STUN_URLS", ""),
    ];
    let server = Server::start(practice.folder(), "serve", &outside);
    let told = Told::of(&server, &practice.client);
    assert_eq!(told.urls, ["turn:t.example?transport=udp"]);
    assert!(told.username.ends_with(":507f1f77bcf86cd799439012"));
}

#[test]
fn it_is_counted() {
    let practice = Practice::open();
    let server = practice.serve();
    assert!(Told::of(&server, &practice.client).relays("udp"));
    let answer = server.get("/metrics", &[]);
    let number = |name: &str| -> u64 {
        let line = body(&answer)
            .lines()
            .find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} in {answer}"))
            .trim()
            .parse()
            .unwrap()
    };
    assert!(number("holdspace_turn_allocated_total ") >= 2);
    assert!(number("holdspace_turn_sent_packets_total ") >= 5);
    assert!(number("holdspace_turn_shards ") >= 1);
    assert_eq!(
        number("holdspace_turn_shards "),
        number("holdspace_turn_shards_running ")
    );
    // Others, also through a proxy on this machine, are told nothing.
    let passed_on = server.get("/metrics", &[("x-forwarded-for", "203.0.113.9")]);
    assert!(passed_on.starts_with("HTTP/1.1 404"), "{passed_on}");
}

#[test]
fn counters_behind_a_token_are_for_who_bears_it() {
    let practice = Practice::open();
    let mut environment = LENIENT.to_vec();
    environment.push(("HOLDSPACE_METRICS__TOKEN", "open sesame"));
    let server = Server::start(practice.folder(), "serve", &environment);
    for (headers, status) in [
        (&[][..], "404"),
        (&[("authorization", "Bearer open")], "404"),
        (&[("authorization", "Bearer open sesame")], "200"),
        (
            &[
                ("authorization", "Bearer open sesame"),
                ("x-forwarded-for", "203.0.113.9"),
            ],
            "200",
        ),
    ] {
        let answer = server.get("/metrics", headers);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
}
