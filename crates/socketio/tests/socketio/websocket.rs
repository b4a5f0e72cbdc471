//! Websockets: handshake, frames, heartbeats, limits.
use std::convert::Infallible;
use std::time::Duration;

use holdspace_socketio::{Config, DisconnectReason};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::client::{Frame, Http, KEY, Websocket, frame};
use crate::lab::{Lab, Note};

#[tokio::test]
async fn a_connection_opens_and_joins() {
    let mut lab = Lab::start().await;
    let mut client = Websocket::open(lab.address, "EIO=4&transport=websocket").await;
    let open = client.text().await;
    assert!(
        open.ends_with(
            r#","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        ),
        "{open}"
    );
    client.send("40{\"token\":\"123\"}").await;
    let joined = client.text().await;
    assert!(
        joined.starts_with("40{\"sid\":\"") && joined.len() == "40{\"sid\":\"\"}".len() + 20,
        "{joined}"
    );
    assert_eq!(lab.note().await, Note::Connected("/".into()));
    client.send("42[\"echo\",1,\"2\",{\"3\":[true]}]").await;
    assert_eq!(client.text().await, "42[\"echo\",1,\"2\",{\"3\":[true]}]");
    client.send("4212[\"echo\",null]").await;
    assert_eq!(client.text().await, "42[\"echo\",null]");
    assert_eq!(client.text().await, "4312[null]");
}

#[tokio::test]
async fn binaries_travel_as_they_are() {
    let lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    let packet =
        "452-789[\"echo\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]";
    let (args, data) = (
        "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}",
        [vec![0, 255], vec![]],
    );
    client.send(packet).await;
    for part in &data {
        client.send_binary(part).await;
    }
    for text in [format!("452-[\"echo\",{args}]"), format!("462-789[{args}]")] {
        assert_eq!(client.next().await, Frame::Text(text));
        for part in &data {
            assert_eq!(client.next().await, Frame::Binary(part.clone()));
        }
    }
}

#[tokio::test]
async fn requests_that_are_no_websocket_are_refused() {
    let lab = Lab::start().await;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    let cases = [
        (
            format!(
                "{upgrade}Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            ),
            "3",
        ),
        (
            format!("{upgrade}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n"),
            "3",
        ),
        (format!("{upgrade}Sec-WebSocket-Version: 13\r\n"), "3"),
        (format!("Connection: Upgrade\r\nUpgrade: h2c\r\n{KEY}"), "3"),
        (KEY.to_owned(), "3"),
    ];
    for (headers, code) in cases {
        let mut http = Http::open(lab.address).await;
        http.write(format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n{headers}\r\n"
        ))
        .await;
        let answer = http.answer().await;
        assert_eq!(answer.status, 400, "{headers}");
        assert!(
            answer.body.starts_with(&format!("{{\"code\":{code},")),
            "{headers}"
        );
    }
    for (query, code) in [
        ("EIO=3&transport=websocket", "5"),
        ("EIO=4&transport=websocket&sid=unknown", "1"),
    ] {
        let mut http = Http::open(lab.address).await;
        http.write(format!(
            "GET /socket.io/?{query} HTTP/1.1\r\nHost: x\r\n{upgrade}{KEY}\r\n"
        ))
        .await;
        let answer = http.answer().await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(
            answer.body.starts_with(&format!("{{\"code\":{code},")),
            "{query}"
        );
    }
    assert_eq!(lab.server.connections(), 0);
}

#[tokio::test]
async fn fragments_are_joined_and_control_frames_pass_between() {
    let lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    let bytes = [
        frame(0x01, b"42[\"ec"),
        frame(0x89, b"are you there"),
        frame(0x00, b"ho\","),
        frame(0x8a, b"unasked"),
        frame(0x80, b"1]"),
    ]
    .concat();
    for byte in bytes {
        client.http.write([byte]).await;
    }
    assert_eq!(client.next().await, Frame::Pong(b"are you there".to_vec()));
    assert_eq!(client.next().await, Frame::Text("42[\"echo\",1]".into()));
}

#[tokio::test]
async fn a_message_larger_than_any_buffer_arrives_whole() {
    let lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    let packet = format!("42[\"echo\",\"{}\"]", "ž".repeat(400_000));
    client.send(&packet).await;
    assert_eq!(client.text().await, packet);
}

#[tokio::test]
async fn broken_frames_end_the_connection_with_their_status() {
    let mut lab = Lab::with(Config {
        payload_bytes_max: 1000,
        ..Config::default()
    })
    .await;
    let cases = [
        (
            "no mask",
            vec![0x81, 2, b'4', b'2'],
            1002,
            DisconnectReason::ParseError,
        ),
        (
            "a reserved bit",
            frame(0xc1, b"42[\"a\"]"),
            1002,
            DisconnectReason::ParseError,
        ),
        (
            "an unknown opcode",
            frame(0x83, b""),
            1002,
            DisconnectReason::ParseError,
        ),
        (
            "a long ping",
            frame(0x89, &[0; 126]),
            1002,
            DisconnectReason::ParseError,
        ),
        (
            "a stray continuation",
            frame(0x80, b"x"),
            1002,
            DisconnectReason::ParseError,
        ),
        (
            "a bad status",
            frame(0x88, &[0, 1]),
            1002,
            DisconnectReason::ParseError,
        ),
        (
            "no UTF-8",
            frame(0x81, b"4\xff"),
            1007,
            DisconnectReason::ParseError,
        ),
        (
            "a large message",
            frame(0x81, &[b'4'; 1001]),
            1009,
            DisconnectReason::PayloadTooLarge,
        ),
        (
            "a large declaration",
            frame(0x82, &vec![0; 70_000])[..14].to_vec(),
            1009,
            DisconnectReason::PayloadTooLarge,
        ),
        (
            "many fragments",
            [frame(0x01, &[b'4'; 600]), frame(0x00, &[b'4'; 401])].concat(),
            1009,
            DisconnectReason::PayloadTooLarge,
        ),
    ];
    for (name, bytes, status, reason) in cases {
        let (mut client, _) = Websocket::join(lab.address).await;
        client.http.write(bytes).await;
        assert_eq!(client.rest().await, [Frame::Close(status)], "{name}");
        drop(client);
        assert_eq!(lab.end().await, reason, "{name}");
    }
}

#[tokio::test]
async fn a_close_is_answered_with_its_own_status() {
    let mut lab = Lab::start().await;
    for (payload, status) in [
        (&[][..], 1000),
        (&[3, 233][..], 1001),
        (&[15, 160, b'b', b'y', b'e'][..], 4000),
    ] {
        let (mut client, _) = Websocket::join(lab.address).await;
        client.http.write(frame(0x88, payload)).await;
        assert_eq!(client.rest().await, [Frame::Close(status)]);
        assert_eq!(lab.end().await, DisconnectReason::TransportClose);
    }
}

#[tokio::test]
async fn what_was_sent_before_a_disconnect_still_arrives() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("42[\"echo\",1]").await;
    client.send("42[\"kick\"]").await;
    client.send("42[\"unheard\"]").await;
    let rest = client.rest().await;
    assert_eq!(
        rest,
        [
            Frame::Text("42[\"echo\",1]".into()),
            Frame::Text("41".into()),
            Frame::Close(1000)
        ]
    );
    assert_eq!(lab.end().await, DisconnectReason::ServerDisconnect);
    assert_eq!(lab.unread(), []);
}

#[tokio::test]
async fn closing_the_transport_is_no_disconnect_to_the_client() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("42[\"drop\"]").await;
    assert_eq!(client.rest().await, [Frame::Close(1000)]);
    assert_eq!(lab.end().await, DisconnectReason::TransportClose);
}

#[tokio::test]
async fn a_client_that_vanishes_is_gone() {
    let mut lab = Lab::start().await;
    let (client, _) = Websocket::join(lab.address).await;
    drop(client);
    assert_eq!(lab.end().await, DisconnectReason::TransportClose);
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("1").await;
    assert_eq!(client.rest().await, [Frame::Close(1000)]);
    assert_eq!(lab.end().await, DisconnectReason::TransportClose);
    lab.server.close().await;
    assert_eq!(lab.server.connections(), 0);
}

#[tokio::test]
async fn a_client_that_answers_pings_stays_and_a_half_open_one_goes() {
    let config = Config {
        ping_interval: Duration::from_millis(40),
        ping_timeout: Duration::from_millis(400),
        ..Config::default()
    };
    let mut lab = Lab::with(config).await;
    let (mut client, _) = Websocket::join(lab.address).await;
    for _ in 0..3 {
        assert_eq!(client.next().await, Frame::Text("2".into()));
        client.send("3").await;
    }
    // From here on the client keeps its connection and says nothing.
    assert_eq!(client.rest().await, []);
    assert_eq!(lab.end().await, DisconnectReason::PingTimeout);
}

#[tokio::test]
async fn a_connection_that_joins_nothing_is_closed() {
    let lab = Lab::with(Config {
        connect_timeout: Duration::from_millis(30),
        ..Config::default()
    })
    .await;
    let (mut client, _) = Websocket::connect(lab.address).await;
    assert_eq!(client.rest().await, [Frame::Close(1000)]);
    // A refusal does not extend the time, and the last one to leave begins it anew.
    let (mut client, _) = Websocket::connect(lab.address).await;
    client.send("40/unknown").await;
    assert_eq!(
        client.text().await,
        "44/unknown,{\"message\":\"Invalid namespace\"}"
    );
    assert_eq!(client.rest().await, [Frame::Close(1000)]);
    let (mut client, _) = Websocket::join(lab.address).await;
    client.send("41").await;
    assert_eq!(client.rest().await, [Frame::Close(1000)]);
}

#[tokio::test]
async fn frames_that_come_with_the_request_are_not_lost() {
    let lab = Lab::start().await;
    let mut http = Http::open(lab.address).await;
    let head = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    let request = format!("{head}{KEY}\r\n");
    http.write(
        [
            request.as_bytes(),
            &frame(0x81, b"40"),
            &frame(0x81, b"42[\"echo\",1]"),
        ]
        .concat(),
    )
    .await;
    assert_eq!(http.answer().await.status, 101);
    let mut client = Websocket { http };
    assert!(client.text().await.starts_with("0{"));
    assert!(client.text().await.starts_with("40{"));
    assert_eq!(client.text().await, "42[\"echo\",1]");
}

#[tokio::test]
async fn a_stream_that_is_no_tcp_will_do() {
    let lab = Lab::start().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = lab.server.clone();
    tokio::spawn(async move {
        let (mut outside, _) = listener.accept().await.unwrap();
        // As it is with TLS: what hyper serves is not the socket itself.
        let (mut pipe, inside) = tokio::io::duplex(1000);
        let service = service_fn(move |request| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.handle(request).await) }
        });
        tokio::spawn(
            http1::Builder::new()
                .serve_connection(TokioIo::new(inside), service)
                .with_upgrades(),
        );
        tokio::io::copy_bidirectional(&mut outside, &mut pipe).await
    });
    let (mut client, _) = Websocket::join(address).await;
    let packet = format!("42[\"echo\",\"{}\"]", "x".repeat(100_000));
    client.send(&packet).await;
    assert_eq!(client.text().await, packet);
}

#[tokio::test]
async fn a_connection_that_hyper_served_by_detection_will_do() {
    let lab = Lab::start().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = lab.server.clone();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let service = service_fn(move |request| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.handle(request).await) }
        });
        let builder = auto::Builder::new(TokioExecutor::new());
        builder
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .await
    });
    let (mut client, _) = Websocket::join(address).await;
    client.send("42[\"echo\",1]").await;
    assert_eq!(client.text().await, "42[\"echo\",1]");
}
