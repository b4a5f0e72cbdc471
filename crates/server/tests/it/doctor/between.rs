//! What stands beside the server: a proxy that forgets, a network that loses, a publisher of keys.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;

use tempfile::tempdir;

use super::{Said, relay_port};
use crate::practice::{LENIENT, Practice};
use crate::process::Server;

/// A proxy that passes everything on but the wish to upgrade.
fn forgetful_proxy(server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(mut client) = client else { return };
            thread::spawn(move || {
                let mut head = Vec::new();
                let mut buffer = [0; 4096];
                while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                    match client.read(&mut buffer) {
                        Ok(length @ 1..) => head.extend_from_slice(&buffer[..length]),
                        _ => return,
                    }
                }
                let head = String::from_utf8(head).unwrap();
                let head = head
                    .replace("connection: Upgrade", "connection: close")
                    .replace("upgrade: websocket", "x-upgrade: forgotten");
                let mut upstream = TcpStream::connect(server).unwrap();
                upstream.write_all(head.as_bytes()).unwrap();
                // Its end is the client's too.
                let _ = std::io::copy(&mut upstream, &mut client);
            });
        }
    });
    address
}

#[test]
fn a_proxy_that_does_not_upgrade_is_a_warning() {
    let practice = Practice::open();
    let server = practice.serve();
    let proxy = format!("http://{}", forgetful_proxy(server.address));
    let arguments = ["--url", &proxy, "--token", &practice.client];
    let said = Said::of(practice.folder(), &arguments, &[]);
    assert_eq!(said.code, 0, "{}", said.all);
    said.assert("signaling", "ok", "answer");
    said.assert("websocket", "warning", "clients stay with long-polling");
}

/// Publishes `keys` to one visitor; without them nobody is there. The URL.
pub(super) fn publisher(keys: Option<&str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let Some(keys) = keys else { return url };
    let document = format!("{{\"keys\": [{keys}]}}");
    let length = document.len();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{document}");
    thread::spawn(move || {
        let (mut visitor, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        assert!(visitor.read(&mut head).unwrap() > 0);
        visitor.write_all(answer.as_bytes()).unwrap();
    });
    url
}

/// A way for datagrams on which the first of each is lost on its way there. Everybody has a socket of his own beyond.
fn lossy_way(server: SocketAddr) -> SocketAddr {
    let front = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = front.local_addr().unwrap();
    thread::spawn(move || {
        let mut seen = HashSet::new();
        let mut beyond: Vec<(SocketAddr, UdpSocket)> = Vec::new();
        let mut buffer = [0; 2048];
        while let Ok((length, client)) = front.recv_from(&mut buffer) {
            if seen.insert((client, buffer[..length].to_vec())) {
                continue;
            }
            if !beyond.iter().any(|(known, _)| *known == client) {
                beyond.push((client, way_back(&front, client, server)));
            }
            let known = beyond.iter().find(|(known, _)| *known == client);
            known.unwrap().1.send(&buffer[..length]).unwrap();
        }
    });
    address
}

/// A socket towards the server; what comes to it goes to `client`.
fn way_back(front: &UdpSocket, client: SocketAddr, server: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server).unwrap();
    let (receiving, front) = (socket.try_clone().unwrap(), front.try_clone().unwrap());
    thread::spawn(move || {
        let mut buffer = [0; 2048];
        while let Ok(length) = receiving.recv(&mut buffer) {
            // Who does not listen any more is done.
            let _ = front.send_to(&buffer[..length], client);
        }
    });
    socket
}

#[test]
fn datagrams_that_are_lost_are_sent_again() {
    let practice = Practice::open();
    let mut environment = LENIENT.to_vec();
    environment.push(("HOLDSPACE_TURN__SECRET", "shared"));
    let server = Server::start(practice.folder(), "serve", &environment);
    let port = relay_port(&server, &practice.client, "udp");
    let way = lossy_way(format!("127.0.0.1:{port}").parse().unwrap());
    let folder = tempdir().unwrap();
    let environment = [
        ("PORT", "0"),
        (
            "HOLDSPACE_ICE__TURN_URLS",
            &format!("turn:{way}?transport=udp"),
        ),
        ("HOLDSPACE_ICE__TURN_SECRET", "shared"),
        ("HOLDSPACE_ICE__STUN_URLS", &format!("stun:{way}")),
    ];
    let said = Said::of(folder.path(), &[], &environment);
    assert_eq!(said.code, 0, "{}", said.all);
    said.assert("stun", "ok", "answers");
    said.assert("turn udp", "ok", "relays data both ways");
}
