//! A packet that is relayed allocates nothing: a program of its own, since its allocator counts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use holdspace_turn::stun::{Attribute, Class, Message, Method};
use holdspace_turn::{
    Caller, Config, Credentials, Path, Policy, RelayAddress, Rules, SharedSecrets, Stepped,
    channel_data,
};

const SECRET: &str = "secret";
const CHANNEL: u16 = 0x4000;
const DATA: [u8; 1200] = [7; 1200];
/// Enough for every buffer to have its length, and for a socket of the peer's own.
const WARM_UP: usize = 500;
const PACKETS: usize = 500;

/// A client with an allocation and a channel, and its peer; the relay does a turn when it is told to.
struct Street {
    relay: Stepped,
    caller: Caller,
    client: UdpSocket,
    peer: UdpSocket,
    relayed: SocketAddr,
    buffer: [u8; 2048],
}

impl Street {
    fn open(path: Path) -> Self {
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        let config = Config {
            rules: Rules {
                relay_ipv4: Some(RelayAddress::from(here)),
                policy: Policy {
                    allow: vec!["127.0.0.0/8".parse().unwrap()],
                    deny: vec![],
                },
                ..Rules::default()
            },
            udp: vec![(here, 0).into()],
            path,
            ..Config::default()
        };
        let secrets = SharedSecrets::new([SECRET]);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let username = format!("{}:alice", now.as_secs() + 3600);
        let password = secrets.find(&username).unwrap().passwords.remove(0);
        let relay = Stepped::start(&config, Arc::new(secrets)).unwrap();
        let [client, peer] = [(); 2].map(|()| {
            let socket = UdpSocket::bind((here, 0)).unwrap();
            let patience = Some(Duration::from_secs(10));
            socket.set_read_timeout(patience).unwrap();
            socket
        });
        client.connect(relay.addresses().udp[0]).unwrap();
        let mut street = Self {
            relay,
            caller: Caller::new(&username, &password),
            client,
            peer,
            relayed: (here, 0).into(),
            buffer: [0; 2048],
        };
        street.move_in();
        street
    }

    fn move_in(&mut self) {
        let first = self.caller.plain(Method::Allocate, |writer| {
            writer.attribute(Attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        });
        let challenge = self.ask(&first);
        self.caller.learn(&Message::parse(&challenge).unwrap());
        let request = self.caller.allocate();
        let answer = self.ask(&request);
        let message = Message::parse(&answer).unwrap();
        self.relayed = message.xor_address(Attribute::XOR_RELAYED_ADDRESS).unwrap();
    }

    fn bind(&mut self) {
        let request = (self.caller).channel_bind(CHANNEL, self.peer.local_addr().unwrap());
        self.succeed(&request);
    }

    fn permit(&mut self) {
        let peer = self.peer.local_addr().unwrap();
        let request = self.caller.create_permission(&[peer]);
        self.succeed(&request);
    }

    fn succeed(&mut self, request: &[u8]) {
        let answer = self.ask(request);
        assert_eq!(Message::parse(&answer).unwrap().class(), Class::Success);
    }

    fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        self.client.send(request).unwrap();
        self.relay.round().unwrap();
        let bytes = self.client.recv(&mut self.buffer).unwrap();
        self.buffer[..bytes].to_vec()
    }

    /// A message to the peer, and data from there, so many times.
    fn exchange(&mut self, message: &[u8], times: usize) {
        for _ in 0..times {
            self.client.send(message).unwrap();
            self.relay.round().unwrap();
            assert_eq!(self.peer.recv(&mut self.buffer).unwrap(), DATA.len());
            self.peer.send_to(&DATA, self.relayed).unwrap();
            self.relay.round().unwrap();
            assert!(self.client.recv(&mut self.buffer).unwrap() > DATA.len());
        }
    }
}

/// Allocations by this thread while so many packets go each way, once everything is warm.
fn allocations(street: &mut Street, message: &[u8]) -> u64 {
    street.exchange(message, WARM_UP);
    let counted = allocation_counter::measure(|| street.exchange(message, PACKETS));
    counted.count_total
}

#[test]
fn what_allocates_is_counted() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![7; 1200])));
    assert_eq!(counted.count_total, 1);
}

#[test]
fn a_packet_by_a_channel_allocates_nothing() {
    for path in [Path::Fastest, Path::Portable] {
        let mut street = Street::open(path);
        street.bind();
        let header = channel_data::header(CHANNEL, u16::try_from(DATA.len()).unwrap());
        let message = [&header[..], &DATA].concat();
        assert_eq!(allocations(&mut street, &message), 0, "{path:?}");
    }
}

#[test]
fn a_packet_by_an_indication_allocates_nothing() {
    for path in [Path::Fastest, Path::Portable] {
        let mut street = Street::open(path);
        street.permit();
        let peer = street.peer.local_addr().unwrap();
        let message = street.caller.send(peer, &DATA);
        assert_eq!(allocations(&mut street, &message), 0, "{path:?}");
    }
}
