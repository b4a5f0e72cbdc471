//! The relay of a server that stops.

use std::io::{Read, Write};

use holdspace_turn::stun::{Attribute, Message};
use rustix::process::Signal;
use serde_json::json;

use super::told::{Allocation, Told, ask_for_one};
use crate::plain_client::Client;
use crate::practice::{self, LENIENT, Practice};
use crate::process::{Server, read_all};
use crate::socket_client::SocketClient;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newcomers_are_sent_elsewhere_while_those_who_are_there_stay() {
    let practice = Practice::open();
    let elsewhere = [("HOLDSPACE_TURN__ALTERNATE_SERVERS", "203.0.113.7:3478")];
    let environment = [&LENIENT[..], &elsewhere].concat();
    let server = Server::start(practice.folder(), "serve", &environment);
    let mut admin = Client::connect(server.address, &practice.admin).unwrap();
    let (session, room) = practice::book_with_room(&mut admin, "relayed");
    let auth = json!({"token": practice.client});
    let mut socket = SocketClient::connect(server.address, auth).await.unwrap();
    socket.emit("join-room", &json!({"roomId": room})).await;
    socket.expect("room-joined").await;
    let told = Told::of(&server, &practice.client);
    let [mut first, mut second] = ["udp", "tcp"].map(|by| Allocation::open(&told, by));
    first.bind(second.relayed);
    second.bind(first.relayed);

    // A request that is being read keeps the server from ending.
    let mut held = server.connect();
    let request = format!(
        "POST /api/v1/video-calls/start/{session} HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        practice.psychologist
    );
    held.write_all(request.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    held.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.signal(Signal::TERM);
    // Sockets are told after the relay is.
    socket.closed().await;

    for by in ["udp", "tcp"] {
        let (_, _, answer) = ask_for_one(&told, by);
        let message = Message::parse(&answer).unwrap();
        assert_eq!(message.get(Attribute::ERROR_CODE).unwrap()[2..4], [3, 0]);
        let alternate = message.get(Attribute::ALTERNATE_SERVER).unwrap();
        assert_eq!(alternate, [0, 1, 13, 150, 203, 0, 113, 7]);
    }
    first.send(&[1; 100]);
    assert_eq!(second.receive(100), [1; 100]);
    second.send(&[2; 40]);
    assert_eq!(first.receive(40), [2; 40]);

    held.write_all(b"{}").unwrap();
    let answer = read_all(&mut held);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (status, lines) = server.end();
    assert!(status.success(), "{lines:?}");
}
