//! The way of datagrams through the system: the fast one where there is one, else the plain one.
use std::io;

use mio::net::UdpSocket;

use super::features::Features;
use super::outbox::{Memory, Message, Part};
use super::plain::Plain;
use super::slots::{Arrival, Slots};
#[cfg(target_os = "linux")]
use super::system::Batches;

/// What a call to `receive` has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    /// Nothing is left: the poll tells when there is more.
    Yes,
    /// There may be more.
    No,
}

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
        socket: &UdpSocket,
        messages: &[Message],
        parts: &[Part],
        memory: Memory<'_>,
    ) -> usize {
        match self {
            #[cfg(target_os = "linux")]
            Self::Batched(batches) => batches.send(socket, messages, parts, memory),
            Self::Plain(plain) => plain.send(socket, messages, parts, memory),
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
