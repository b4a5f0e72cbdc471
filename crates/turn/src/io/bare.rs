//! A forwarder with the relay's own ways of reading and writing and nothing else: what a packet costs without TURN.
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket as StdUdpSocket};

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll};

use super::features::Features;
use super::outbox::{Outbox, Socket};
use super::path::{Destination, Drained, FEW, MANY, Way};
use super::relayed::{Inlet, Opener, Relayed, Side};
use super::slots::{Arrival, Slots};
use crate::config::Path;
use crate::core::{RelayId, Sockets};

const LISTENER: mio::Token = mio::Token(0);

fn token(inlet: Inlet) -> mio::Token {
    mio::Token(2 * inlet.relay.0 as usize + 1 + usize::from(inlet.side == Side::Connected))
}

fn inlet(token: mio::Token) -> Inlet {
    let number = token.0 - 1;
    let side = if number.is_multiple_of(2) {
        Side::Open
    } else {
        Side::Connected
    };
    Inlet {
        relay: RelayId(u32::try_from(number / 2).unwrap_or(u32::MAX)),
        side,
    }
}

struct Forwarder {
    listener: UdpSocket,
    peer: SocketAddr,
    poll: Poll,
    way: Way,
    slots: Slots,
    outbox: Outbox,
    relayed: Relayed,
    by_client: HashMap<SocketAddr, RelayId, foldhash::fast::RandomState>,
    clients: Vec<SocketAddr>,
    arrivals: Vec<Arrival>,
}

/// Sends what comes to `listener` on to `peer`, from a socket for each client, and what comes back to the client.
///
/// # Errors
/// When the system refuses what it needs. It has no other end.
pub fn forward(listener: StdUdpSocket, peer: SocketAddr) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let features = Features::detect(Path::Fastest);
    let way = Way::new(features);
    let mut forwarder = Forwarder {
        listener: UdpSocket::from_std(listener),
        peer,
        poll: Poll::new()?,
        slots: Slots::new(),
        outbox: Outbox::new(features.has_gso),
        relayed: Relayed::new(way.connected_max()),
        way,
        by_client: HashMap::default(),
        clients: Vec::new(),
        arrivals: Vec::new(),
    };
    forwarder.way.prepare(&forwarder.listener)?;
    forwarder
        .poll
        .registry()
        .register(&mut forwarder.listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut is_listener_ready = false;
    loop {
        let is_busy = is_listener_ready || forwarder.relayed.ready_count() > 0;
        forwarder
            .poll
            .poll(&mut events, is_busy.then_some(std::time::Duration::ZERO))?;
        for event in &events {
            match event.token() {
                LISTENER => is_listener_ready = true,
                other => forwarder.relayed.mark_ready(inlet(other)),
            }
        }
        for messages_max in [FEW, MANY, MANY, MANY] {
            is_listener_ready = is_listener_ready && forwarder.up(messages_max)?;
        }
        for _ in 0..forwarder.relayed.ready_count() {
            forwarder.down();
        }
        forwarder.flush();
        forwarder.opener().connect_favourites();
    }
}

impl Forwarder {
    /// True when there may be more.
    fn up(&mut self, messages_max: usize) -> io::Result<bool> {
        self.make_room();
        let drained = self.way.receive(
            &self.listener,
            &mut self.slots,
            messages_max,
            &mut self.arrivals,
        );
        let mut arrivals = std::mem::take(&mut self.arrivals);
        for arrival in &arrivals {
            let relay = self.relay(arrival.from)?;
            for body in arrival.datagrams() {
                self.outbox.push(
                    Socket::Relay(relay),
                    self.peer,
                    self.outbox.heads_bytes(),
                    body,
                    0,
                );
            }
        }
        arrivals.clear();
        self.arrivals = arrivals;
        Ok(drained == Drained::No)
    }

    fn down(&mut self) {
        let Some(inlet) = self.relayed.next_ready() else {
            return;
        };
        self.make_room();
        let messages_max = self.relayed.messages_max(inlet);
        let Some(socket) = self.relayed.get(inlet) else {
            return;
        };
        let drained = self
            .way
            .receive(socket, &mut self.slots, messages_max, &mut self.arrivals);
        let client = self.clients[inlet.relay.0 as usize];
        for arrival in self.arrivals.drain(..) {
            for body in arrival.datagrams() {
                self.outbox.push(
                    Socket::Listener(0),
                    client,
                    self.outbox.heads_bytes(),
                    body,
                    0,
                );
            }
        }
        self.relayed.note(inlet, drained);
    }

    fn relay(&mut self, client: SocketAddr) -> io::Result<RelayId> {
        if let Some(relay) = self.by_client.get(&client) {
            return Ok(*relay);
        }
        let relay = RelayId(u32::try_from(self.clients.len()).unwrap_or(u32::MAX));
        let address = SocketAddr::new(self.peer.ip(), 0);
        self.opener().open(relay, address)?;
        self.clients.push(client);
        self.by_client.insert(client, relay);
        Ok(relay)
    }

    fn opener(&mut self) -> Opener<'_> {
        Opener {
            relayed: &mut self.relayed,
            registry: self.poll.registry(),
            way: &self.way,
            token,
        }
    }

    fn make_room(&mut self) {
        if self.slots.is_full() {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let Self {
            outbox,
            slots,
            way,
            relayed,
            listener,
            ..
        } = self;
        outbox.flush(slots, |socket, messages, parts, memory| {
            let outlet = match socket {
                Socket::Listener(_) => Some((&*listener, Destination::Each)),
                Socket::Relay(relay) => relayed.outlet(relay, messages),
            };
            if let Some(outlet) = outlet {
                way.send(outlet, messages, parts, memory);
            }
        });
        slots.clear();
    }
}
