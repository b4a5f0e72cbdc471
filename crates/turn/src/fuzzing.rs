//! What fuzzing checks: a script of bytes drives the core on a network that is made of lists, and whatever it does, some
//! things never happen.
mod surroundings;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use self::surroundings::{Network, People, Script};

use crate::stun::{Algorithm, Attribute, Class, Message, Method, Seal, TransactionId};
use crate::{
    Action, Caller, Client, Core, Count, Frame, Icmp, Moment, NotTurn, RelayAddress, RelayId,
    Rules, Shared, Transport, next_frame,
};

const CLIENTS: usize = 4;
const METHODS: [Method; 6] = [
    Method::Allocate,
    Method::Refresh,
    Method::CreatePermission,
    Method::ChannelBind,
    Method::Binding,
    Method::Send,
];
/// Where peers are: public, the relay itself, and inside, of IPv4 and then of IPv6.
const PEERS: [(&str, u16); 8] = [
    ("8.8.8.8", 4000),
    ("192.0.2.10", 50000),
    ("127.0.0.1", 4000),
    ("9.9.9.9", 1),
    ("2a00::8", 4000),
    ("2001:db8::1", 50000),
    ("::ffff:127.0.0.1", 4000),
    ("64:ff9b::7f00:1", 1),
];

struct Machine {
    core: Core,
    shared: Arc<Shared>,
    people: Arc<People>,
    /// How many allocations there had been when nobody new was let in any more.
    allocated_max: Option<u64>,
    network: Network,
    now: Moment,
    nonces: [Vec<u8>; CLIENTS],
    transactions: u64,
}

/// Runs a script against the core.
///
/// # Panics
/// When a promise is broken.
pub fn core(data: &[u8]) {
    let mut machine = Machine::new();
    let mut script = Script(data);
    while machine.step(&mut script).is_some() {
        machine.check();
    }
    // Whoever does nothing is forgotten.
    machine.wait(Duration::from_secs(4000));
    assert!(machine.network.open.is_empty(), "nothing stays open");
    assert_eq!(machine.core.counters().allocations(), 0);
}

fn client(index: usize) -> Client {
    let transport = [
        Transport::Udp,
        Transport::Udp,
        Transport::Tcp,
        Transport::Tls,
    ][index];
    let number = u8::try_from(index).unwrap_or(u8::MAX);
    let ip = match transport {
        Transport::Tls => Ipv6Addr::new(0x2A00, 1, 0, 0, 0, 0, 0, 1).into(),
        _ => IpAddr::from([203, 0, 113, number]),
    };
    Client {
        transport,
        link: u32::from(number),
        address: SocketAddr::new(ip, 5000),
    }
}

fn peer(index: usize) -> SocketAddr {
    let (ip, port) = PEERS[index];
    SocketAddr::new(ip.parse().expect("an address"), port)
}

impl Machine {
    fn new() -> Self {
        let address = |octets: [u8; 16]| RelayAddress::from(std::net::IpAddr::from(octets));
        let rules = Rules {
            relay_ipv4: Some(RelayAddress::from(std::net::IpAddr::from([192, 0, 2, 10]))),
            relay_ipv6: Some(address([
                0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
            ])),
            ports: 50000..=50015,
            allocations_max: 3,
            permissions_max: 3,
            channels_max: 2,
            bytes_per_second_per_user_max: Some(1_000_000),
            alternates: vec![SocketAddr::from(([198, 51, 100, 1], 3478))],
            ..Rules::default()
        };
        let people = Arc::new(People::default());
        let shared = Arc::new(Shared::new(rules, people.clone(), &[1; 32]));
        Self {
            core: Core::new(shared.clone(), &[2; 32]),
            shared,
            people,
            allocated_max: None,
            network: Network::default(),
            now: Moment::from_millis(5_000_000),
            nonces: std::array::from_fn(|_| Vec::new()),
            transactions: 0,
        }
    }

    /// Does what comes next; `None` at the end.
    fn step(&mut self, script: &mut Script<'_>) -> Option<()> {
        match script.byte()? % 16 {
            0 | 11 => {
                let from = script.index(CLIENTS)?;
                self.handle_client(from, script.bytes()?);
            }
            1 | 2 | 12 | 13 => self.request(script)?,
            3 => self.handle_peer(script)?,
            4 => self.wait(Duration::from_secs(u64::from(script.byte()?) * 4)),
            5 => self.channel_data(script)?,
            6 => {
                self.core.disconnected(
                    &client(script.index(CLIENTS)?),
                    self.now,
                    &mut self.network,
                );
            }
            8 => {
                let is_over = &self.people.is_over[script.index(2)?];
                is_over.fetch_not(Ordering::Relaxed);
            }
            9 => self.drain(),
            10 => self.send(script)?,
            _ => frames(script.bytes()?),
        }
        Some(())
    }

    fn drain(&mut self) {
        self.shared.drain();
        let allocated = self.core.counters().get(Count::Allocated);
        self.allocated_max.get_or_insert(allocated);
    }

    fn send(&mut self, script: &mut Script<'_>) -> Option<()> {
        let from = script.index(CLIENTS)?;
        let to = peer(script.index(PEERS.len())?);
        let data = script.bytes()?;
        let bytes = Caller::new("", "").send(to, data);
        self.handle_client(from, &bytes);
        Some(())
    }

    fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
        self.core.tick(self.now, &mut self.network);
    }

    fn check(&self) {
        let (open, allocations) = (
            self.network.open.len() as u64,
            self.core.counters().allocations(),
        );
        assert!(
            allocations <= open && open <= 2 * allocations,
            "an allocation has one address or two"
        );
        assert!(allocations <= 3, "the quota holds");
        let allocated = self.core.counters().get(Count::Allocated);
        assert!(
            self.allocated_max.is_none_or(|max| allocated <= max),
            "nobody new comes in"
        );
    }

    /// A request with credentials, right or nearly so, and attributes of the script.
    fn request(&mut self, script: &mut Script<'_>) -> Option<()> {
        let (from, what, flags) = (
            script.index(CLIENTS)?,
            usize::from(script.byte()?),
            script.byte()?,
        );
        let method = METHODS[what % METHODS.len()];
        let peer = peer((from + what / METHODS.len()) % PEERS.len());
        let attributes = script.bytes()?;
        if self.nonces[from].is_empty() {
            self.learn_nonce(from);
        }
        self.transactions += u64::from(flags & 1 == 0);
        let mut id = [0; 12];
        id[..8].copy_from_slice(&self.transactions.to_be_bytes());
        let username = if flags & 16 == 0 { "user-1" } else { "user-2" };
        let password = if flags & 128 == 0 { "secret" } else { "wrong" };
        let mut caller = Caller::new(username, password);
        caller.nonce.clone_from(&self.nonces[from]);
        caller.algorithm = (flags & 32 != 0).then_some(Algorithm::Sha256);
        if flags & 64 != 0 {
            caller.seal = Seal::Sha256;
        }
        let bytes = caller.sealed_as(TransactionId(id), method, |writer| {
            if flags & 2 != 0 {
                writer.xor_address(Attribute::XOR_PEER_ADDRESS, peer);
            }
            if flags & 4 != 0 {
                writer.attribute(Attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
            }
            if flags & 8 != 0 {
                writer.attribute(Attribute::CHANNEL_NUMBER, &[0x40, 0, 0, 0]);
            }
            let mut rest = Script(attributes);
            while let (Some(high), Some(low), Some(value)) =
                (rest.byte(), rest.byte(), rest.bytes())
            {
                writer.attribute(Attribute(u16::from_be_bytes([high, low])), value);
            }
        });
        self.handle_client(from, &bytes);
        Some(())
    }

    fn learn_nonce(&mut self, from: usize) {
        let request = Caller::new("", "").plain(Method::Allocate, |_| {});
        self.handle_client(from, &request);
    }

    fn handle_client(&mut self, from: usize, bytes: &[u8]) {
        let client = client(from);
        let mut out = b"before".to_vec();
        match self
            .core
            .handle_client(&client, bytes, self.now, &mut self.network, &mut out)
        {
            Action::Nothing => assert_eq!(out, b"before", "nothing is nothing"),
            Action::Reply => self.check_reply(from, bytes, &out[6..]),
            Action::Relay {
                relay, to, data, ..
            } => {
                assert!(self.core.has_allocation(&client));
                assert!(
                    bytes.as_ptr_range().contains(&data.as_ptr()) || data.is_empty(),
                    "only its own bytes"
                );
                let source = self.network.open.get(&relay).expect("an open socket");
                assert_eq!(source.is_ipv4(), to.is_ipv4());
                let is_own = self.network.open.values().any(|open| *open == to)
                    || self.shared.is_reserved(to);
                assert!(
                    is_own || Rules::default().policy.is_open(to.ip()),
                    "{to} is closed"
                );
            }
        }
    }

    fn check_reply(&mut self, from: usize, request: &[u8], reply: &[u8]) {
        let (request, message) = (
            Message::parse(request).expect("asked"),
            Message::parse(reply).expect("answered"),
        );
        assert_eq!(
            (request.class(), request.method()),
            (Class::Request, message.method())
        );
        assert_eq!(request.transaction(), message.transaction());
        assert!(matches!(message.class(), Class::Success | Class::Error));
        if message.method() != Method::Binding && message.class() == Class::Success {
            assert!(
                message.seal().is_some(),
                "a success is sealed as its request was"
            );
            let username = request.get(Attribute::USERNAME).unwrap_or_default();
            let username = std::str::from_utf8(username).expect("a name");
            assert!(!self.people.is_over(username), "what is over is refused");
        }
        if let Some(nonce) = message.get(Attribute::NONCE) {
            assert!(reply.len() <= 180, "a challenge is short");
            self.nonces[from] = nonce.to_vec();
        }
    }

    fn handle_peer(&mut self, script: &mut Script<'_>) -> Option<()> {
        let relay = RelayId(u32::from(script.byte()? % 8));
        let from = peer(script.index(PEERS.len())?);
        let data = script.bytes()?;
        self.handle_icmp(relay, from, data);
        let mut out = Vec::new();
        let Some(delivery) = self.core.handle_peer(relay, from, data, self.now, &mut out) else {
            assert!(out.is_empty());
            return Some(());
        };
        assert!(self.core.has_allocation(&delivery.client));
        out.extend(data);
        out.resize(out.len() + delivery.padding_bytes, 0);
        match next_frame(&out) {
            Ok(Frame::Whole { message, taken }) => {
                assert!(taken == out.len() || delivery.client.transport == Transport::Udp);
                assert!(message.ends_with(data) || Message::parse(message).is_ok());
            }
            // Over UDP there is no padding.
            Ok(Frame::Partial { bytes }) => assert!(bytes - out.len() < 4),
            Err(NotTurn) => panic!("what is delivered is no message"),
        }
        Some(())
    }

    /// The beginning of the peer's data, taken for an ICMP message about the way to it.
    fn handle_icmp(&mut self, relay: RelayId, to: SocketAddr, data: &[u8]) {
        let &[kind, code, ref rest @ ..] = data else {
            return;
        };
        let mtu = u32::try_from(rest.len()).unwrap_or(u32::MAX);
        let icmp = Icmp { kind, code, mtu };
        let mut out = Vec::new();
        match self.core.handle_icmp(relay, to, icmp, self.now, &mut out) {
            None => assert!(out.is_empty()),
            Some(client) => {
                assert!(self.core.has_allocation(&client));
                let message = Message::parse(&out).expect("an indication");
                assert_eq!(message.get(Attribute::ICMP).map(<[u8]>::len), Some(8));
            }
        }
    }

    fn channel_data(&mut self, script: &mut Script<'_>) -> Option<()> {
        let from = script.index(CLIENTS)?;
        let length = u16::from(script.byte()?);
        let data = script.bytes()?;
        let message = [&crate::channel_data::header(0x4000, length)[..], data].concat();
        self.handle_client(from, &message);
        Some(())
    }
}

/// Bytes of a stream: every message lies within them, and none is empty.
fn frames(mut bytes: &[u8]) {
    while let Ok(Frame::Whole { message, taken }) = next_frame(bytes) {
        assert!(message.len() <= taken && message.len() >= 4);
        bytes = &bytes[taken..];
    }
}
