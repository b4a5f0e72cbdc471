//! The sockets towards peers, by the core's numbers.
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::path::{Drained, FEW, MANY, Way};
use crate::core::{RelayId, Sockets};

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

/// The open sockets, and those that have something.
#[derive(Debug, Default)]
pub(super) struct Relayed {
    entries: Vec<Option<Entry>>,
    ready: VecDeque<RelayId>,
    closed: Vec<RelayId>,
}

impl Relayed {
    pub(super) fn get(&self, relay: RelayId) -> Option<&UdpSocket> {
        Some(&self.entries.get(relay.0 as usize)?.as_ref()?.socket)
    }

    /// How many messages to ask a socket for.
    pub(super) fn messages_max(&self, relay: RelayId) -> usize {
        let entry = self.entries.get(relay.0 as usize).and_then(Option::as_ref);
        if entry.is_some_and(|entry| entry.is_busy) {
            MANY
        } else {
            FEW
        }
    }

    /// Notes what asking has brought; a socket that may have more waits for its next turn.
    pub(super) fn note(&mut self, relay: RelayId, drained: Drained) {
        if let Some(Some(entry)) = self.entries.get_mut(relay.0 as usize) {
            entry.is_busy = drained == Drained::No;
        }
        if drained == Drained::No {
            self.mark_ready(relay);
        }
    }

    /// Puts a socket into the queue, unless it is there.
    pub(super) fn mark_ready(&mut self, relay: RelayId) {
        if let Some(Some(entry)) = self.entries.get_mut(relay.0 as usize)
            && !entry.is_ready
        {
            entry.is_ready = true;
            self.ready.push_back(relay);
        }
    }

    pub(super) fn mark_failed(&mut self, relay: RelayId) {
        if let Some(Some(entry)) = self.entries.get_mut(relay.0 as usize) {
            entry.has_failures = true;
        }
    }

    /// Whether it was marked so since the last call.
    pub(super) fn take_failed(&mut self, relay: RelayId) -> bool {
        let entry = self.entries.get_mut(relay.0 as usize);
        let entry = entry.and_then(Option::as_mut);
        entry.is_some_and(|entry| std::mem::take(&mut entry.has_failures))
    }

    /// The socket whose turn it is.
    pub(super) fn next_ready(&mut self) -> Option<RelayId> {
        let relay = self.ready.pop_front()?;
        if let Some(Some(entry)) = self.entries.get_mut(relay.0 as usize) {
            entry.is_ready = false;
        }
        Some(relay)
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
    pub(super) token: fn(RelayId) -> Token,
}

impl Sockets for Opener<'_> {
    fn open(&mut self, relay: RelayId, address: SocketAddr) -> io::Result<()> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let mut socket = UdpSocket::from_std(socket.into());
        self.way.prepare(&socket)?;
        self.way.watch_failures(&socket)?;
        self.registry
            .register(&mut socket, (self.token)(relay), Interest::READABLE)?;
        let entries = &mut self.relayed.entries;
        let index = relay.0 as usize;
        if index >= entries.len() {
            entries.resize_with(index + 1, || None);
        }
        entries[index] = Some(Entry {
            socket,
            is_ready: false,
            has_failures: false,
            is_busy: false,
        });
        Ok(())
    }

    fn close(&mut self, relay: RelayId) {
        // Dropping the socket closes it, which takes it out of the poll.
        if let Some(entry) = self.relayed.entries.get_mut(relay.0 as usize) {
            *entry = None;
        }
        self.relayed.closed.push(relay);
    }
}
