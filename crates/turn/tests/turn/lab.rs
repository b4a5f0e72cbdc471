//! A core on a network that is made of lists, with a clock that is set by hand.
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use holdspace_turn::stun::{Algorithm, Method};
use holdspace_turn::{
    Action, Client, Core, Credential, Credentials, Icmp, Moment, RelayAddress, RelayId, Rules,
    Shared, Sockets, Standing, Transport, Usage,
};
use parking_lot::Mutex;

use crate::caller::{Caller, Response, channel_data};

/// Alice, and whoever is called `user-<number>`, all with the password `secret`; and what became of them.
pub(crate) struct People {
    pub(crate) standing: Mutex<Standing>,
    pub(crate) passwords: Mutex<Vec<String>>,
    /// How many allocations there were.
    allocated: AtomicU64,
    pub(crate) released: Mutex<Vec<String>>,
}

impl Default for People {
    fn default() -> Self {
        Self {
            standing: Mutex::new(Standing::Valid {
                remaining: Duration::from_hours(24),
            }),
            passwords: Mutex::new(vec!["secret".to_owned()]),
            allocated: AtomicU64::new(0),
            released: Mutex::default(),
        }
    }
}

impl Credentials for People {
    fn find(&self, username: &str) -> Option<Credential> {
        let user = username.split('/').next()?;
        (user == "alice" || user.starts_with("user-")).then(|| Credential {
            user: user.to_owned(),
            passwords: self.passwords.lock().clone(),
            standing: *self.standing.lock(),
        })
    }

    fn allocated(&self, _user: &str) -> u64 {
        self.allocated.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn released(&self, usage: &Usage<'_>) {
        self.released.lock().push(format!(
            "{} {} by {}: {} sent, {} received",
            usage.tag,
            usage.username,
            usage.transport.name(),
            usage.sent_bytes,
            usage.received_bytes
        ));
    }
}

/// Sockets that are open, and ports that other programs hold.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) open: HashMap<RelayId, SocketAddr>,
    numbers: HashMap<SocketAddr, RelayId>,
    pub(crate) busy: Vec<SocketAddr>,
}

impl Sockets for Network {
    fn open(&mut self, relay: RelayId, address: SocketAddr) -> io::Result<()> {
        if self.busy.contains(&address) || self.numbers.contains_key(&address) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        self.numbers.insert(address, relay);
        assert!(
            self.open.insert(relay, address).is_none(),
            "a relay is opened once"
        );
        Ok(())
    }

    fn close(&mut self, relay: RelayId) {
        let address = self.open.remove(&relay).expect("a relay is closed once");
        self.numbers.remove(&address);
    }
}

/// What a client sent to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) data: Vec<u8>,
    pub(crate) dont_fragment: bool,
}

pub(crate) struct Lab {
    pub(crate) core: Core,
    pub(crate) shared: Arc<Shared>,
    pub(crate) people: Arc<People>,
    pub(crate) network: Network,
    pub(crate) now: Moment,
}

pub(crate) const RELAY: &str = "192.0.2.10";
pub(crate) const RELAY_IPV6: &str = "2001:db8::10";

pub(crate) fn rules() -> Rules {
    let address = |text: &str| RelayAddress::from(text.parse::<IpAddr>().unwrap());
    Rules {
        relay_ipv4: Some(address(RELAY)),
        relay_ipv6: Some(address(RELAY_IPV6)),
        ..Rules::default()
    }
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::with(rules())
    }

    pub(crate) fn with(rules: Rules) -> Self {
        let people = Arc::new(People::default());
        let shared = Arc::new(Shared::new(rules, people.clone(), &[1; 32]));
        Self {
            core: Core::new(shared.clone(), &[2; 32]),
            shared,
            people,
            network: Network::default(),
            now: Moment::from_millis(1_000_000),
        }
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        self.core.tick(self.now, &mut self.network);
    }

    /// What a client's bytes are answered with.
    pub(crate) fn ask(&mut self, client: &Client, bytes: &[u8]) -> Option<Response> {
        let mut out = Vec::new();
        match self
            .core
            .handle_client(client, bytes, self.now, &mut self.network, &mut out)
        {
            Action::Reply => Some(Response::read(&out)),
            Action::Nothing => None,
            Action::Relay { .. } => panic!("a request is not relayed"),
        }
    }

    /// The number of the answer's error, 0 for a success.
    pub(crate) fn code(&mut self, client: &Client, bytes: &[u8]) -> u16 {
        self.ask(client, bytes).expect("an answer").code()
    }

    /// What reaches a peer.
    pub(crate) fn sent(&mut self, client: &Client, bytes: &[u8]) -> Option<Sent> {
        let mut out = Vec::new();
        match self
            .core
            .handle_client(client, bytes, self.now, &mut self.network, &mut out)
        {
            Action::Nothing => None,
            Action::Reply => panic!("data is not answered"),
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment,
            } => Some(Sent {
                from: self.network.open[&relay],
                to,
                data: data.to_vec(),
                dont_fragment,
            }),
        }
    }

    /// What reaches a client when a peer sends to a relayed address.
    pub(crate) fn arrive(
        &mut self,
        relayed: SocketAddr,
        peer: SocketAddr,
        data: &[u8],
    ) -> Option<(Client, Vec<u8>)> {
        let relay = *self.network.numbers.get(&relayed)?;
        let mut out = Vec::new();
        let delivery = self
            .core
            .handle_peer(relay, peer, data, self.now, &mut out)?;
        out.extend(data);
        out.resize(out.len() + delivery.padding_bytes, 0);
        Some((delivery.client, out))
    }

    /// What reaches a client when this is said of a packet from a relayed address to a peer.
    pub(crate) fn failed(
        &mut self,
        relayed: SocketAddr,
        peer: SocketAddr,
        icmp: Icmp,
    ) -> Option<(Client, Response)> {
        let relay = *self.network.numbers.get(&relayed)?;
        let mut out = Vec::new();
        let client = self.core.handle_icmp(relay, peer, icmp, self.now, &mut out);
        assert_eq!(out.is_empty(), client.is_none());
        Some((client?, Response::read(&out)))
    }

    /// What the first client holds: addresses, and whether data comes from it to 8.8.8.8:4000 by a permission, and by the
    /// first channel.
    pub(crate) fn holds(&mut self) -> (usize, bool, bool) {
        let data = Caller::new("alice", "secret").send(address("8.8.8.8:4000"), b"hello");
        (
            self.network.open.len(),
            self.sent(&client(1), &data).is_some(),
            self.sent(&client(1), &channel_data(0x4000, b"hello"))
                .is_some(),
        )
    }

    /// A caller who has been challenged.
    pub(crate) fn caller(&mut self, client: &Client, username: &str) -> Caller {
        let mut caller = Caller::new(username, "secret");
        let request = caller.plain(Method::Allocate, |_| {});
        let challenge = self.ask(client, &request).expect("a challenge");
        assert_eq!(challenge.code(), 401);
        caller.learn(&challenge.message());
        caller
    }

    /// A caller with an allocation, and its relayed address.
    pub(crate) fn allocated(&mut self, client: &Client) -> (Caller, SocketAddr) {
        let mut caller = self.caller(client, "alice");
        caller.algorithm = Some(Algorithm::Sha256);
        let request = caller.allocate();
        let response = self.ask(client, &request).unwrap();
        assert_eq!(response.code(), 0);
        (caller, response.relayed())
    }
}

pub(crate) fn client(number: u8) -> Client {
    let address = SocketAddr::from(([203, 0, 113, number], 5000));
    Client {
        transport: Transport::Udp,
        link: 0,
        address,
    }
}

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}
