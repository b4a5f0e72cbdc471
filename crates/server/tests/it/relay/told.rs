//! What people are told of the relay, and what they do with it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use holdspace_turn::stun::{Attribute, Message, Method};
use holdspace_turn::{Caller, Frame, channel_data, next_frame};
use serde_json::Value;

use crate::plain_client::Client;
use crate::process::Server;

const PATIENCE: Duration = Duration::from_secs(10);
const CHANNEL: u16 = 0x4000;

/// What config tells this person.
pub(super) struct Told {
    pub(super) urls: Vec<String>,
    pub(super) username: String,
    pub(super) credential: String,
}

impl Told {
    pub(super) fn of(server: &Server, token: &str) -> Self {
        let mut client = Client::connect(server.address, token).unwrap();
        let answer = client.call("GET", "/video-calls/config", None, None);
        let data = &answer.unwrap().body["data"];
        let servers = data["iceServers"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let relay = servers.last().unwrap();
        Self {
            urls: servers.iter().map(|server| text(&server["urls"])).collect(),
            username: text(&relay["username"]),
            credential: text(&relay["credential"]),
        }
    }

    pub(super) fn port(&self, transport: &str) -> &str {
        let ends = format!("?transport={transport}");
        let turn = self.urls.iter().find_map(|url| url.strip_suffix(&ends));
        turn.unwrap().rsplit(':').next().unwrap()
    }

    /// Two clients of coturn's send each other messages through two allocations. Whether all arrived.
    pub(super) fn relays(&self, transport: &str) -> bool {
        let flags: &[&str] = if transport == "tcp" { &["-t"] } else { &[] };
        let output = Command::new("timeout")
            .args([
                "30",
                "turnutils_uclient",
                "-y",
                "-n",
                "5",
                "-m",
                "1",
                "-z",
                "5",
            ])
            .args(["-u", &self.username, "-w", &self.credential])
            .args(["-p", self.port(transport)])
            .args(flags)
            .arg("127.0.0.1")
            .output()
            .expect("turnutils_uclient, of the package coturn");
        let text = String::from_utf8_lossy(&output.stdout);
        output.status.success() && text.contains("Total lost packets 0")
    }
}

/// An allocation with a channel.
pub(super) struct Allocation {
    caller: Caller,
    wire: Wire,
    pub(super) relayed: SocketAddr,
}

/// Asks for an allocation as clients do; who asks by what, and the answer.
pub(super) fn ask_for_one(told: &Told, transport: &str) -> (Caller, Wire, Vec<u8>) {
    let server: SocketAddr = format!("127.0.0.1:{}", told.port(transport))
        .parse()
        .unwrap();
    let mut wire = Wire::connect(server, transport);
    let mut caller = Caller::new(&told.username, &told.credential);
    let first = caller.plain(Method::Allocate, |writer| {
        writer.attribute(Attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    });
    let challenge = wire.ask(&first);
    caller.learn(&Message::parse(&challenge).unwrap());
    let answer = wire.ask(&caller.allocate());
    (caller, wire, answer)
}

pub(super) enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
}

impl Allocation {
    pub(super) fn open(told: &Told, transport: &str) -> Self {
        let (caller, wire, answer) = ask_for_one(told, transport);
        let relayed = Message::parse(&answer)
            .unwrap()
            .xor_address(Attribute::XOR_RELAYED_ADDRESS);
        Self {
            caller,
            wire,
            relayed: relayed.unwrap(),
        }
    }

    pub(super) fn bind(&mut self, peer: SocketAddr) {
        let request = self.caller.channel_bind(CHANNEL, peer);
        self.succeed(&request);
    }

    /// Sends data whose length is a multiple of four: nothing is padded.
    pub(super) fn send(&mut self, data: &[u8]) {
        let header = channel_data::header(CHANNEL, u16::try_from(data.len()).unwrap());
        self.wire.send(&[&header[..], data].concat());
    }

    pub(super) fn receive(&mut self, bytes: usize) -> Vec<u8> {
        let mut message = self.wire.receive();
        assert_eq!(message.len(), channel_data::HEADER_BYTES + bytes);
        message.split_off(channel_data::HEADER_BYTES)
    }

    pub(super) fn release(mut self) {
        let request = self.caller.refresh(0);
        self.succeed(&request);
    }

    fn succeed(&mut self, request: &[u8]) {
        let answer = self.wire.ask(request);
        let class = Message::parse(&answer).unwrap().class();
        assert_eq!(class, holdspace_turn::stun::Class::Success);
    }
}

impl Wire {
    fn connect(server: SocketAddr, transport: &str) -> Self {
        if transport == "tcp" {
            let stream = TcpStream::connect(server).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            return Self::Tcp(stream, Vec::new());
        }
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(server).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::Udp(socket)
    }

    fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        self.send(request);
        self.receive()
    }

    fn send(&mut self, bytes: &[u8]) {
        match self {
            Self::Udp(socket) => assert_eq!(socket.send(bytes).unwrap(), bytes.len()),
            Self::Tcp(stream, _) => stream.write_all(bytes).unwrap(),
        }
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut buffer = [0; 2048];
        match self {
            Self::Udp(socket) => {
                let bytes = socket.recv(&mut buffer).unwrap();
                buffer[..bytes].to_vec()
            }
            Self::Tcp(stream, input) => loop {
                if let Frame::Whole { message, taken } = next_frame(input).unwrap() {
                    let message = message.to_vec();
                    input.drain(..taken);
                    return message;
                }
                let bytes = stream.read(&mut buffer).unwrap();
                assert!(bytes > 0, "closed");
                input.extend(&buffer[..bytes]);
            },
        }
    }
}
