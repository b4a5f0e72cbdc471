//! Long-polling.
use std::time::Duration;

use holdspace_socketio::{Config, DisconnectReason};

use crate::client::{Http, Polling, get, post, sid_of};
use crate::lab::{Lab, Note};

#[tokio::test]
async fn a_session_opens_as_the_protocol_says() {
    let lab = Lab::start().await;
    let answer = get(lab.address, "EIO=4&transport=polling").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .head
            .contains("content-type: text/plain; charset=UTF-8")
    );
    assert!(answer.head.contains("cache-control: no-store"));
    let sid = sid_of(&answer.body);
    assert_eq!(sid.len(), 22);
    let expected = format!(
        r#"0{{"sid":"{sid}","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}"#
    );
    assert_eq!(answer.body, expected);
    assert_eq!(lab.server.connections(), 1);
}

#[tokio::test]
async fn refusals_have_the_codes_and_words_of_node() {
    let lab = Lab::start().await;
    let unsupported = r#"{"code":5,"message":"Unsupported protocol version"}"#;
    let cases = [
        ("EIO=4", r#"{"code":0,"message":"Transport unknown"}"#),
        (
            "EIO=4&transport=webtransport",
            r#"{"code":0,"message":"Transport unknown"}"#,
        ),
        (
            "EIO=4&transport=polling&sid=unknown",
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        (
            "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAAAA",
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        (
            "EIO=4&transport=websocket",
            r#"{"code":3,"message":"Bad request"}"#,
        ),
        ("EIO=3&transport=polling", unsupported),
        ("transport=polling", unsupported),
    ];
    for (query, body) in cases {
        let answer = get(lab.address, query).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (400, body),
            "{query}"
        );
        assert!(
            answer.head.contains("content-type: application/json"),
            "{query}"
        );
    }
    let answer = post(lab.address, "EIO=4&transport=polling", "40").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (400, r#"{"code":2,"message":"Bad handshake method"}"#)
    );
    assert_eq!(lab.server.connections(), 0);
}

#[tokio::test]
async fn the_application_may_refuse_the_request() {
    let lab = Lab::start().await;
    let mut http = Http::open(lab.address).await;
    http.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n\r\n").await;
    let answer = http.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (403, "not you"));
    assert_eq!(lab.server.connections(), 0);
}

#[tokio::test]
async fn packets_go_both_ways_also_several_at_once() {
    let lab = Lab::start().await;
    let (client, id) = Polling::join(lab.address).await;
    assert_eq!(id.len(), 20);
    let answer = client.post("42[\"echo\",1]\x1e420[\"echo\",\"ž\"]").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    assert_eq!(
        client.poll().await.body,
        "42[\"echo\",1]\x1e42[\"echo\",\"ž\"]\x1e430[\"ž\"]"
    );
}

#[tokio::test]
async fn binaries_travel_in_base64() {
    let lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    let packet =
        "452-7[\"echo\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]";
    let placeholders = "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}";
    client
        .post(&format!("{packet}\x1ebAQIDBA==\x1eb/w=="))
        .await;
    assert_eq!(
        client.poll().await.body,
        format!(
            "452-[\"echo\",{placeholders}]\x1ebAQIDBA==\x1eb/w==\x1e462-7[{placeholders}]\x1ebAQIDBA==\x1eb/w=="
        )
    );
}

#[tokio::test]
async fn attachments_may_come_with_later_requests() {
    let lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    client
        .post("451-[\"echo\",{\"_placeholder\":true,\"num\":0}]")
        .await;
    client.post("bAQIDBA==").await;
    assert_eq!(
        client.poll().await.body,
        "451-[\"echo\",{\"_placeholder\":true,\"num\":0}]\x1ebAQIDBA=="
    );
}

#[tokio::test]
async fn a_poll_waits_for_what_comes() {
    let lab = Lab::start().await;
    let (client, id) = Polling::join(lab.address).await;
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.poll().await.body }
    });
    let (sender, _) = Polling::join(lab.address).await;
    sender
        .post(&format!("42[\"relay\",{{\"to\":\"{id}\",\"data\":[1]}}]"))
        .await;
    assert!(
        waiting
            .await
            .unwrap()
            .starts_with("42[\"relay\",{\"data\":[1],\"from\":\"")
    );
}

#[tokio::test]
async fn a_public_id_is_no_session_id() {
    let mut lab = Lab::start().await;
    let (client, id) = Polling::join(lab.address).await;
    assert_eq!(lab.note().await, Note::Connected("/".into()));
    let query = format!("EIO=4&transport=polling&sid={id}");
    for answer in [
        post(lab.address, &query, "42[\"forged\"]").await,
        get(lab.address, &query).await,
    ] {
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (400, r#"{"code":1,"message":"Session ID unknown"}"#)
        );
    }
    assert_eq!(client.post("42[\"mine\"]").await.status, 200);
    assert_eq!(lab.note().await, Note::Event("mine".into()));
    assert!(!client.sid.contains(&id) && !id.contains(&client.sid));
}

#[tokio::test]
async fn a_second_poll_ends_the_session() {
    let mut lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    let mut first = Http::open(lab.address).await;
    first.get(&client.query()).await;
    // Whichever comes second is refused.
    let mut second = Http::open(lab.address).await;
    second.get(&client.query()).await;
    let (first, second) = (first.answer().await, second.answer().await);
    let mut answers = [
        (first.status, first.body.as_str()),
        (second.status, second.body.as_str()),
    ];
    answers.sort_unstable();
    assert_eq!(answers, [(200, "1"), (400, "")]);
    assert_eq!(lab.end().await, DisconnectReason::TransportError);
    assert_eq!(client.poll().await.status, 400);
}

#[tokio::test]
async fn a_second_post_ends_the_session() {
    let mut lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    assert_eq!(lab.note().await, Note::Connected("/".into()));
    client.post("42[\"first\"]").await;
    assert_eq!(lab.note().await, Note::Event("first".into()));
    let mut slow = Http::open(lab.address).await;
    slow.post(&client.query(), "42[\"wait\"]").await;
    // The server's answer to the second shows that the first was there, or that it came later: then it is the second.
    let mut second = Http::open(lab.address).await;
    second.post(&client.query(), "42[\"second\"]").await;
    let refused = tokio::select! {
        answer = slow.answer() => answer,
        answer = second.answer() => answer,
    };
    assert_eq!(refused.status, 400);
    lab.app.gate.notify_one();
    assert_eq!(lab.end().await, DisconnectReason::TransportError);
    assert_eq!(client.poll().await.status, 400);
}

#[tokio::test]
async fn malformed_payloads_end_the_session() {
    let mut lab = Lab::start().await;
    for body in [
        "abc",
        "",
        "\x1e",
        "42[\"a\"]\x1e",
        "4",
        "b!",
        "bAQI",
        "2",
        "2probe",
        "5",
        "0",
        "4\u{1e}4",
        "bAQIDBA==",
    ] {
        let (client, _) = Polling::join(lab.address).await;
        assert_eq!(client.post(body).await.status, 400, "{body:?}");
        assert_eq!(lab.end().await, DisconnectReason::ParseError, "{body:?}");
        assert_eq!(client.poll().await.status, 400, "{body:?}");
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_ends_the_session() {
    let mut lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    let mut http = Http::open(lab.address).await;
    let head = format!(
        "POST /socket.io/?{} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n",
        client.query()
    );
    http.write([head.as_bytes(), b"4\xff\xfe"].concat()).await;
    assert_eq!(http.answer().await.status, 400);
    assert_eq!(lab.end().await, DisconnectReason::ParseError);
}

#[tokio::test]
async fn bodies_are_limited_by_what_they_declare() {
    let mut lab = Lab::with(Config {
        payload_bytes_max: 1000,
        ..Config::default()
    })
    .await;
    let (client, _) = Polling::join(lab.address).await;
    let exact = format!("42[\"{}\"]", "x".repeat(1000 - 6));
    assert_eq!(client.post(&exact).await.status, 200);
    let mut http = Http::open(lab.address).await;
    // Nothing of the body is sent, or waited for.
    http.write(format!(
        "POST /socket.io/?{} HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n",
        client.query()
    ))
    .await;
    assert_eq!(http.answer().await.status, 413);
    assert_eq!(lab.end().await, DisconnectReason::PayloadTooLarge);
    assert_eq!(client.poll().await.status, 400);
}

#[tokio::test]
async fn bodies_are_limited_while_they_stream() {
    let mut lab = Lab::with(Config {
        payload_bytes_max: 1000,
        ..Config::default()
    })
    .await;
    let (client, _) = Polling::join(lab.address).await;
    let mut http = Http::open(lab.address).await;
    let head = format!(
        "POST /socket.io/?{} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        client.query()
    );
    http.write(format!(
        "{head}258\r\n{}\r\n191\r\n{}\r\n",
        "x".repeat(600),
        "x".repeat(401)
    ))
    .await;
    assert_eq!(http.answer().await.status, 413);
    assert_eq!(lab.end().await, DisconnectReason::PayloadTooLarge);
}

#[tokio::test]
async fn a_slow_body_is_not_waited_for() {
    let mut lab = Lab::with(Config {
        body_timeout: Duration::from_millis(30),
        ..Config::default()
    })
    .await;
    let (client, _) = Polling::join(lab.address).await;
    let mut http = Http::open(lab.address).await;
    http.write(format!(
        "POST /socket.io/?{} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n42[",
        client.query()
    ))
    .await;
    assert_eq!(http.answer().await.status, 408);
    assert_eq!(lab.end().await, DisconnectReason::TransportError);
}

#[tokio::test]
async fn a_binary_content_type_is_refused() {
    let mut lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    let mut http = Http::open(lab.address).await;
    let kind = "Content-Type: application/octet-stream\r\nContent-Length: 2\r\n\r\n40";
    http.write(format!(
        "POST /socket.io/?{} HTTP/1.1\r\nHost: x\r\n{kind}",
        client.query()
    ))
    .await;
    assert_eq!(http.answer().await.status, 400);
    assert_eq!(lab.end().await, DisconnectReason::TransportError);
}

#[tokio::test]
async fn a_client_that_vanishes_in_a_poll_is_gone() {
    let mut lab = Lab::start().await;
    let (client, id) = Polling::join(lab.address).await;
    let mut http = Http::open(lab.address).await;
    http.get(&client.query()).await;
    lab.socket(&id).emit("hello", &[]);
    assert_eq!(http.answer().await.body, "42[\"hello\"]");
    http.get(&client.query()).await;
    // On the one thread of this test the poll has been seen once a later request on a new connection is answered.
    assert_eq!(client.post("6").await.body, "ok");
    drop(http);
    assert_eq!(lab.end().await, DisconnectReason::TransportClose);
    assert_eq!(client.poll().await.status, 400);
}

#[tokio::test]
async fn a_client_that_closes_gets_its_poll_back() {
    let mut lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    let mut http = Http::open(lab.address).await;
    http.get(&client.query()).await;
    assert_eq!(client.post("1").await.status, 400);
    assert_eq!(http.answer().await.body, "6");
    assert_eq!(lab.end().await, DisconnectReason::TransportClose);
    assert_eq!(client.poll().await.status, 400);
}

#[tokio::test]
async fn what_was_sent_before_a_disconnect_still_arrives() {
    let mut lab = Lab::start().await;
    let (client, _) = Polling::join(lab.address).await;
    client.post("42[\"echo\",1]\x1e42[\"kick\"]").await;
    assert_eq!(lab.end().await, DisconnectReason::ServerDisconnect);
    assert_eq!(client.poll().await.body, "42[\"echo\",1]\x1e41\x1e1");
    assert_eq!(client.poll().await.status, 400);
}

#[tokio::test]
async fn a_client_that_answers_pings_stays_and_another_goes() {
    let config = Config {
        ping_interval: Duration::from_millis(40),
        ping_timeout: Duration::from_millis(400),
        ..Config::default()
    };
    let mut lab = Lab::with(config).await;
    let (client, _) = Polling::join(lab.address).await;
    for _ in 0..3 {
        assert_eq!(client.poll().await.body, "2");
        assert_eq!(client.post("3").await.body, "ok");
    }
    assert_eq!(client.poll().await.body, "2");
    assert_eq!(lab.end().await, DisconnectReason::PingTimeout);
    assert_eq!(client.poll().await.status, 400);
}

#[tokio::test]
async fn a_session_that_joins_nothing_is_closed() {
    let lab = Lab::with(Config {
        connect_timeout: Duration::from_millis(30),
        ..Config::default()
    })
    .await;
    let client = Polling::open(lab.address).await;
    assert_eq!(client.poll().await.body, "1");
    assert_eq!(client.poll().await.status, 400);
}

#[tokio::test]
async fn headers_that_never_end_cost_nobody_else_anything() {
    let lab = Lab::start().await;
    let mut slow = Http::open(lab.address).await;
    slow.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .await;
    let (client, _) = Polling::join(lab.address).await;
    client.post("42[\"echo\"]").await;
    assert_eq!(client.poll().await.body, "42[\"echo\"]");
    assert_eq!(lab.server.connections(), 1);
    drop(slow);
}

#[tokio::test]
async fn a_websocket_session_cannot_be_polled() {
    let lab = Lab::start().await;
    let (mut websocket, sid) = crate::client::Websocket::connect(lab.address).await;
    let query = format!("EIO=4&transport=polling&sid={sid}");
    for answer in [
        get(lab.address, &query).await,
        post(lab.address, &query, "40").await,
    ] {
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (400, r#"{"code":3,"message":"Bad request"}"#)
        );
    }
    websocket.send("40").await;
    assert!(websocket.text().await.starts_with("40{"));
}

#[tokio::test]
async fn only_so_many_may_open_without_being_let_in_and_nobody_inside_notices() {
    let config = Config {
        openings_max: 3,
        ..Config::default()
    };
    let lab = Lab::with(config).await;
    let (inside, _) = Polling::join(lab.address).await;
    // All over one connection, as a flood would come.
    let mut http = Http::open(lab.address).await;
    let mut statuses = Vec::new();
    let mut last = String::new();
    for _ in 0..5 {
        http.get("EIO=4&transport=polling").await;
        let answer = http.answer().await;
        statuses.push(answer.status);
        if answer.status == 200 {
            last = sid_of(&answer.body);
        }
    }
    assert_eq!(statuses, [200, 200, 200, 503, 503]);
    assert_eq!(lab.server.connections(), 4);
    assert_eq!(inside.post("42[\"hello\"]").await.body, "ok");

    // Whoever is let in makes room.
    let waiting = Polling {
        address: lab.address,
        sid: last,
    };
    assert_eq!(waiting.post("40").await.body, "ok");
    Polling::open(lab.address).await;
    assert_eq!(
        get(lab.address, "EIO=4&transport=polling").await.status,
        503
    );
}
