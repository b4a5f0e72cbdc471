//! The way of datagrams through the system: the fast one where there is one, else the plain one.
use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;

use super::features::Features;
use super::outbox::{Memory, Message, Part};
use super::plain::Plain;
use super::slots::{Arrival, Slots};
#[cfg(target_os = "linux")]
use super::system::Batches;
use crate::core::Icmp;

/// What a call to `receive` has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    /// Nothing is left: the poll tells when there is more.
    Yes,
    /// There may be more.
    No,
}

/// Where the messages of a call go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// Each says it itself.
    Each,
    /// To the peer that the socket is connected to.
    Connected,
}

/// What became of a datagram, and where it was sent to.
pub(super) type Failure = (SocketAddr, Icmp);

/// Messages to receive at once where many are to be expected.
pub(super) const MANY: usize = 32;
/// Where it may be one: preparing for more would cost more than it saves.
pub(super) const FEW: usize = 4;

#[derive(Debug)]
pub(super) enum Way {
    #[cfg(target_os = "linux")]
    Batched(Batches),
    Plain(Plain),
}

impl Way {
    pub(super) fn new(features: Features) -> Self {
        #[cfg(target_os = "linux")]
        if features.has_batches {
            return Self::Batched(Batches::new(features));
        }
        let _ = features;
        Self::Plain(Plain::new())
    }

    /// Receives so many messages at most into free slots; what came is appended to `arrivals`.
    pub(super) fn receive(
        &mut self,
        socket: &UdpSocket,
        slots: &mut Slots,
        messages_max: usize,
        arrivals: &mut Vec<Arrival>,
    ) -> Drained {
        match self {
            #[cfg(target_os = "linux")]
            Self::Batched(batches) => batches.receive(socket, slots, messages_max, arrivals),
            Self::Plain(_) => Plain::receive(socket, slots, messages_max, arrivals),
        }
    }

    /// Sends messages; the number of datagrams that the system did not take.
    pub(super) fn send(
        &mut self,
        (socket, destination): (&UdpSocket, Destination),
        messages: &[Message],
        parts: &[Part],
        memory: Memory<'_>,
    ) -> usize {
        match self {
            #[cfg(target_os = "linux")]
            Self::Batched(batches) => batches.send((socket, destination), messages, parts, memory),
            Self::Plain(plain) => {
                // It connects no sockets.
                let _ = destination;
                plain.send(socket, messages, parts, memory)
            }
        }
    }

    /// How many sockets a shard may connect to single peers besides, at most: a core carries no more calls.
    pub(super) fn connected_max(&self) -> usize {
        match self {
            #[cfg(target_os = "linux")]
            Self::Batched(_) => 1024,
            Self::Plain(_) => 0,
        }
    }

    /// Has what becomes of datagrams from this socket be told by `next_failure`, where the system can.
    pub(super) fn watch_failures(&self, socket: &UdpSocket) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Batched(_) => super::options::watch_failures(socket),
            Self::Plain(_) => {
                let _ = socket;
                Ok(())
            }
        }
    }

    /// An ICMP message about what was sent from this socket, and where that was sent to. Anything else that the system
    /// tells of is `None`.
    ///
    /// # Errors
    /// `WouldBlock` when there are no more.
    pub(super) fn next_failure(&self, socket: &UdpSocket) -> io::Result<Option<Failure>> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Batched(_) => super::system::next_failure(socket),
            Self::Plain(_) => {
                let _ = socket;
                Err(io::ErrorKind::WouldBlock.into())
            }
        }
    }

    /// Prepares a new socket.
    pub(super) fn prepare(&self, socket: &UdpSocket) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Batched(batches) => batches.prepare(socket),
            Self::Plain(_) => {
                let _ = socket;
                Ok(())
            }
        }
    }
}
