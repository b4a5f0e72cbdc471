//! The core: bytes, the time and a 5-tuple in, at most one thing to send out. It opens no sockets and reads no clock.

mod allocate;
mod allocation;
mod authentication;
mod challenges;
mod data;
mod icmp;
mod nonces;
mod permissions;
mod ports;
mod quotas;
mod random;
mod refresh;
mod relays;
mod reply;
mod reservations;
mod shared;
mod wheel;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use foldhash::fast::RandomState;
use slab::Slab;

use self::allocation::Allocation;
pub use self::icmp::Icmp;
use self::random::Random;
use self::refresh::Farewells;
use self::relays::Relayed;
pub use self::shared::Shared;
use self::wheel::Wheel;
use crate::counters::{Count, Counters, Tally};
use crate::stun::{Class, Message, Method};
use crate::time::Moment;

/// How a client reaches the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    Udp,
    Tcp,
    Tls,
}

impl Transport {
    /// `udp`, `tcp` or `tls`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

/// A client's 5-tuple (RFC 8656 §2.2), with the server's address given by `link`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    pub transport: Transport,
    /// The caller's number for the local socket, or for the connection; never the same for two that are open.
    pub link: u32,
    pub address: SocketAddr,
}

/// The caller's and the core's name for a relayed socket. A number is used again once it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelayId(pub u32);

/// The sockets towards peers, which the caller has.
pub trait Sockets {
    /// Binds a UDP socket to exactly `address`. `AddrInUse` makes the core try another port.
    fn open(&mut self, relay: RelayId, address: SocketAddr) -> io::Result<()>;

    /// Closes it again.
    fn close(&mut self, relay: RelayId);
}

/// What the bytes of a client lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    Nothing,
    /// What was appended to `out` goes back to the client.
    Reply,
    /// `data` goes from a relayed socket to a peer.
    Relay {
        relay: RelayId,
        to: SocketAddr,
        data: &'a [u8],
        dont_fragment: bool,
    },
}

/// What the bytes of a peer lead to: what was appended to `out`, the bytes themselves, and zeros go to `client`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub client: Client,
    /// Zeros to send after the data, below 4.
    pub padding_bytes: usize,
}

/// One shard of the relay.
#[derive(Debug)]
pub struct Core {
    shared: Arc<Shared>,
    allocations: Slab<Allocation>,
    by_client: HashMap<Client, u32, RandomState>,
    relays: Slab<Relayed>,
    wheel: Wheel,
    farewells: Farewells,
    random: Random,
    tally: Tally,
    allocations_made: u32,
    /// The machine's own addresses, as of the last tick.
    inside: Arc<[IpAddr]>,
    /// The client of the datagram before, since they come in bursts.
    latest: Option<(Client, u32)>,
}

impl Core {
    /// A shard that has `shared` in common with others. `seed` decides ports and tokens: it must be unpredictable.
    pub fn new(shared: Arc<Shared>, seed: &[u8; 32]) -> Self {
        Self {
            inside: shared.inside(),
            shared,
            allocations: Slab::new(),
            by_client: HashMap::default(),
            relays: Slab::new(),
            wheel: Wheel::new(),
            farewells: Farewells::default(),
            random: Random::new(seed),
            tally: Tally::new(),
            allocations_made: 0,
            latest: None,
        }
    }

    /// Handles one datagram, or one frame of a stream, from `client`. A reply is appended to `out`.
    pub fn handle_client<'a>(
        &mut self,
        client: &Client,
        bytes: &'a [u8],
        now: Moment,
        sockets: &mut dyn Sockets,
        out: &mut Vec<u8>,
    ) -> Action<'a> {
        if let Some(0x40..=0x7F) = bytes.first() {
            return self.channel_data(client, bytes, now);
        }
        let Ok(message) = Message::parse(bytes) else {
            self.tally.add(Count::DroppedMalformed, 1);
            return Action::Nothing;
        };
        match (message.class(), message.method()) {
            (Class::Indication, Method::Send) => self.send(client, &message, now),
            (Class::Request, Method::Binding) => self.binding(client, &message, now, out),
            (Class::Request, method) => self.request(client, &message, method, now, sockets, out),
            // Binding indications keep a NAT open (RFC 8489 §6.3.2); everything else is not for a server.
            _ => Action::Nothing,
        }
    }

    /// Handles one datagram that `peer` sent to a relayed socket. What goes before it is appended to `out`.
    pub fn handle_peer(
        &mut self,
        relay: RelayId,
        peer: SocketAddr,
        bytes: &[u8],
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Option<Delivery> {
        self.data(relay, peer, bytes, now, out)
    }

    /// Forgets a client whose connection is gone: its allocation ends with it (RFC 8656 §3.1).
    pub fn disconnected(&mut self, client: &Client, now: Moment, sockets: &mut dyn Sockets) {
        if let Some(&index) = self.by_client.get(client) {
            self.release(index, now, sockets);
        }
    }

    /// True when this client has an allocation.
    pub fn has_allocation(&self, client: &Client) -> bool {
        self.by_client.contains_key(client)
    }

    /// Frees what has expired; to be called about once a second.
    pub fn tick(&mut self, now: Moment, sockets: &mut dyn Sockets) {
        for entry in self.wheel.due(now) {
            self.look_at(entry, now, sockets);
        }
        self.farewells.forget(now);
        self.shared.tick(now);
        self.inside = self.shared.inside();
    }

    /// When `tick` has something to do, if ever.
    pub fn next_deadline(&self) -> Option<Moment> {
        self.wheel.next_deadline()
    }

    /// Ends every allocation.
    pub fn clear(&mut self, now: Moment, sockets: &mut dyn Sockets) {
        let all: Vec<u32> = self.by_client.values().copied().collect();
        for index in all {
            self.release(index, now, sockets);
        }
    }

    /// What this shard has counted.
    pub fn counters(&self) -> Counters {
        Counters::of(&self.tally)
    }

    pub(crate) fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// The client's allocation. One that has expired is not there, whether or not it was freed.
    fn find(&mut self, client: &Client, now: Moment) -> Option<u32> {
        let index = match self.latest {
            Some((latest, index)) if latest == *client => index,
            _ => {
                let index = *self.by_client.get(client)?;
                self.latest = Some((*client, index));
                index
            }
        };
        (self.allocations[index as usize].expires() > now).then_some(index)
    }

    fn look_at(&mut self, entry: wheel::Entry, now: Moment, sockets: &mut dyn Sockets) {
        let (index, made) = entry;
        let Some(allocation) = self
            .allocations
            .get_mut(index as usize)
            .filter(|found| found.made == made)
        else {
            return;
        };
        if allocation.looked_at > now {
            // It was put into an earlier slot, and is there again: this entry is of no more use.
            return;
        }
        let expires = allocation.expires();
        if expires > now {
            allocation.looked_at = self.wheel.add(entry, expires);
        } else {
            self.tally.add(Count::Expired, 1);
            self.release(index, now, sockets);
        }
    }

    fn release(&mut self, index: u32, now: Moment, sockets: &mut dyn Sockets) {
        let allocation = self.allocations.remove(index as usize);
        self.latest = None;
        self.by_client.remove(&allocation.client);
        for bound in allocation.relays.into_iter().flatten() {
            self.close_relay(bound, sockets);
        }
        self.shared.quotas.give_back(&allocation.owner);
        self.tally.add(Count::Released, 1);
        self.shared.credentials.released(&allocation.usage(now));
    }
}
