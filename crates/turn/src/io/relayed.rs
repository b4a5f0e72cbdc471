//! The sockets towards peers, by the core's numbers.
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::favourite::Favourite;
use super::outbox::Message;
use super::path::{Destination, Drained, FEW, MANY, Way};
use crate::core::{RelayId, Sockets};

/// One of the sockets of a relayed address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Hears everybody that the other one does not.
    Open,
    /// Connected to the peer that most goes to, so that the system finds the way once and not for every datagram. There
    /// is none before there is such a peer.
    Connected,
}

/// Where datagrams of peers come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inlet {
    pub(super) relay: RelayId,
    pub(super) side: Side,
}

#[derive(Debug)]
struct Entry {
    socket: UdpSocket,
    /// It is in the queue.
    is_ready: bool,
    /// The system has something to tell about what was sent.
    has_failures: bool,
    /// It had more than it was asked for.
    is_busy: bool,
}

impl From<UdpSocket> for Entry {
    fn from(socket: UdpSocket) -> Self {
        Self {
            socket,
            is_ready: false,
            has_failures: false,
            is_busy: false,
        }
    }
}

#[derive(Debug)]
struct Address {
    open: Entry,
    connected: Option<Box<Connected>>,
    favourite: Favourite,
    /// The system would not connect a second socket.
    is_refused: bool,
}

#[derive(Debug)]
struct Connected {
    entry: Entry,
    peer: SocketAddr,
}

/// The open sockets, and those that have something.
#[derive(Debug)]
pub(super) struct Relayed {
    addresses: Vec<Option<Address>>,
    ready: VecDeque<Inlet>,
    closed: Vec<RelayId>,
    /// Addresses with a peer that a socket should be connected to.
    wishes: Vec<RelayId>,
    connected_count: usize,
    connected_max: usize,
}

impl Relayed {
    /// With so many connected sockets at most.
    pub(super) fn new(connected_max: usize) -> Self {
        Self {
            addresses: Vec::new(),
            ready: VecDeque::new(),
            closed: Vec::new(),
            wishes: Vec::new(),
            connected_count: 0,
            connected_max,
        }
    }

    fn address(&mut self, relay: RelayId) -> Option<&mut Address> {
        self.addresses.get_mut(relay.0 as usize)?.as_mut()
    }

    fn entry(&mut self, inlet: Inlet) -> Option<&mut Entry> {
        let address = self.address(inlet.relay)?;
        match inlet.side {
            Side::Open => Some(&mut address.open),
            Side::Connected => Some(&mut address.connected.as_mut()?.entry),
        }
    }

    pub(super) fn get(&self, inlet: Inlet) -> Option<&UdpSocket> {
        let address = self.addresses.get(inlet.relay.0 as usize)?.as_ref()?;
        match inlet.side {
            Side::Open => Some(&address.open.socket),
            Side::Connected => Some(&address.connected.as_ref()?.entry.socket),
        }
    }

    /// The socket by which messages leave, and how.
    pub(super) fn outlet(
        &mut self,
        relay: RelayId,
        messages: &[Message],
    ) -> Option<(&UdpSocket, Destination)> {
        if self.connected_max > 0 {
            self.note_sent(relay, messages);
        }
        let address = self.address(relay)?;
        let connected = address.connected.as_ref();
        let is_for = |peer| messages.iter().all(|message| message.to == peer);
        Some(match connected.filter(|it| is_for(it.peer)) {
            Some(connected) => (&connected.entry.socket, Destination::Connected),
            None => (&address.open.socket, Destination::Each),
        })
    }

    /// Counts where messages go. A favourite that no socket is connected to is a wish.
    fn note_sent(&mut self, relay: RelayId, messages: &[Message]) {
        let has_room = self.connected_count < self.connected_max;
        let Some(address) = self.address(relay) else {
            return;
        };
        let mut favourite = None;
        for message in messages {
            favourite = address.favourite.note(message.to, message.datagrams);
        }
        let peer = address.connected.as_ref().map(|connected| connected.peer);
        let is_possible = !address.is_refused && (peer.is_some() || has_room);
        if favourite.is_some() && favourite != peer && is_possible {
            self.wishes.push(relay);
        }
    }

    /// How many messages to ask a socket for.
    pub(super) fn messages_max(&mut self, inlet: Inlet) -> usize {
        if self.entry(inlet).is_some_and(|entry| entry.is_busy) {
            MANY
        } else {
            FEW
        }
    }

    /// Notes what asking has brought; a socket that may have more waits for its next turn.
    pub(super) fn note(&mut self, inlet: Inlet, drained: Drained) {
        if let Some(entry) = self.entry(inlet) {
            entry.is_busy = drained == Drained::No;
        }
        if drained == Drained::No {
            self.mark_ready(inlet);
        }
    }

    /// Puts a socket into the queue, unless it is there.
    pub(super) fn mark_ready(&mut self, inlet: Inlet) {
        if let Some(entry) = self.entry(inlet)
            && !entry.is_ready
        {
            entry.is_ready = true;
            self.ready.push_back(inlet);
        }
    }

    pub(super) fn mark_failed(&mut self, inlet: Inlet) {
        if let Some(entry) = self.entry(inlet) {
            entry.has_failures = true;
        }
    }

    /// Whether it was marked so since the last call.
    pub(super) fn take_failed(&mut self, inlet: Inlet) -> bool {
        let entry = self.entry(inlet);
        entry.is_some_and(|entry| std::mem::take(&mut entry.has_failures))
    }

    /// The socket whose turn it is.
    pub(super) fn next_ready(&mut self) -> Option<Inlet> {
        let inlet = self.ready.pop_front()?;
        if let Some(entry) = self.entry(inlet) {
            entry.is_ready = false;
        }
        Some(inlet)
    }

    pub(super) fn ready_count(&self) -> usize {
        self.ready.len()
    }

    /// A socket that was closed since the last call.
    pub(super) fn next_closed(&mut self) -> Option<RelayId> {
        self.closed.pop()
    }
}

/// The core's access to them.
#[derive(Debug)]
pub(super) struct Opener<'a> {
    pub(super) relayed: &'a mut Relayed,
    pub(super) registry: &'a Registry,
    pub(super) way: &'a Way,
    pub(super) token: fn(Inlet) -> Token,
}

impl Opener<'_> {
    /// Connects sockets where there is a peer that most goes to; how many.
    pub(super) fn connect_favourites(&mut self) -> u64 {
        let mut connected = 0;
        while let Some(relay) = self.relayed.wishes.pop() {
            match self.connect(relay) {
                Ok(is_new) => connected += u64::from(is_new),
                Err(_) => {
                    if let Some(address) = self.relayed.address(relay) {
                        // All goes as before.
                        address.is_refused = true;
                    }
                }
            }
        }
        connected
    }

    /// Whether it is connected to another peer than before, or to one at all.
    fn connect(&mut self, relay: RelayId) -> io::Result<bool> {
        let Some(address) = self.relayed.address(relay) else {
            return Ok(false);
        };
        let Some(peer) = address.favourite.peer() else {
            return Ok(false);
        };
        if let Some(connected) = &mut address.connected {
            if connected.peer == peer {
                return Ok(false);
            }
            connected.entry.socket.connect(peer)?;
            connected.peer = peer;
            return Ok(true);
        }
        let local = address.open.socket.local_addr()?;
        let second = bind_beside(&address.open.socket, local)?;
        let mut socket = self.prepared(second)?;
        socket.connect(peer)?;
        let inlet = Inlet {
            relay,
            side: Side::Connected,
        };
        self.registry
            .register(&mut socket, (self.token)(inlet), Interest::READABLE)?;
        if let Some(address) = self.relayed.address(relay) {
            let entry = socket.into();
            address.connected = Some(Box::new(Connected { entry, peer }));
            self.relayed.connected_count += 1;
        }
        Ok(true)
    }

    fn prepared(&self, socket: Socket) -> io::Result<UdpSocket> {
        let socket = UdpSocket::from_std(socket.into());
        self.way.prepare(&socket)?;
        self.way.watch_failures(&socket)?;
        Ok(socket)
    }
}

fn new_socket(address: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// A second socket at the address of `first`. That may be shared for this moment only, and with ourselves only
/// (socket(7), SO_REUSEPORT). What comes to the second one before it is connected carries its sender as always.
#[cfg(unix)]
fn bind_beside(first: &UdpSocket, local: SocketAddr) -> io::Result<Socket> {
    let second = new_socket(local)?;
    let first = SockRef::from(first);
    first.set_reuse_port(true)?;
    let bound = second
        .set_reuse_port(true)
        .and_then(|()| second.bind(&local.into()));
    first.set_reuse_port(false)?;
    bound.and_then(|()| second.set_reuse_port(false))?;
    Ok(second)
}

#[cfg(not(unix))]
fn bind_beside(_: &UdpSocket, _: SocketAddr) -> io::Result<Socket> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Sockets for Opener<'_> {
    fn open(&mut self, relay: RelayId, address: SocketAddr) -> io::Result<()> {
        let socket = new_socket(address)?;
        socket.bind(&address.into())?;
        let mut socket = self.prepared(socket)?;
        let inlet = Inlet {
            relay,
            side: Side::Open,
        };
        self.registry
            .register(&mut socket, (self.token)(inlet), Interest::READABLE)?;
        let addresses = &mut self.relayed.addresses;
        let index = relay.0 as usize;
        if index >= addresses.len() {
            addresses.resize_with(index + 1, || None);
        }
        addresses[index] = Some(Address {
            open: socket.into(),
            connected: None,
            favourite: Favourite::default(),
            is_refused: false,
        });
        Ok(())
    }

    fn close(&mut self, relay: RelayId) {
        // Dropping a socket closes it, which takes it out of the poll.
        let address = self.relayed.addresses.get_mut(relay.0 as usize);
        if let Some(address) = address.and_then(Option::take) {
            self.relayed.connected_count -= usize::from(address.connected.is_some());
        }
        self.relayed.closed.push(relay);
    }
}
