//! How a shard gets rid of what waits: datagrams from the outbox, bytes of connections.
use std::net::SocketAddr;

use super::Shard;
use crate::core::RelayId;
use crate::counters::Count;
use crate::io::outbox::Socket;
use crate::io::path::Destination;
use crate::io::relayed::{Inlet, Side};

impl Shard {
    pub(super) fn send_unfragmented(&mut self, relay: RelayId, to: SocketAddr, data: &[u8]) {
        let side = Side::Open;
        let Some(socket) = self.relayed.get(Inlet { relay, side }) else {
            return;
        };
        #[cfg(target_os = "linux")]
        let sent = crate::io::one_by_one::send_unfragmented(socket, data, to);
        // The rules of a relay elsewhere refuse DONT-FRAGMENT.
        #[cfg(not(target_os = "linux"))]
        let sent = socket.send_to(data, to).map(drop);
        if sent.is_err() {
            self.core.tally().add(Count::DroppedSend, 1);
        }
    }

    /// What waited for a socket must not leave by the next one that has its number.
    pub(super) fn forget_closed(&mut self) {
        while let Some(relay) = self.relayed.next_closed() {
            self.outbox.forget(Socket::Relay(relay));
        }
    }

    /// Makes sure that something can be received.
    pub(super) fn make_room(&mut self) {
        if self.slots.is_full() {
            self.flush_datagrams();
        }
    }

    pub(super) fn flush(&mut self) {
        self.flush_datagrams();
        while let Some(index) = self.connections.next_dirty() {
            if let Some(connection) = self.connections.open.get_mut(index)
                && connection.flush().is_err()
            {
                self.hang_up(index);
            }
        }
    }

    /// Sends what waits, after which the slots are free.
    fn flush_datagrams(&mut self) {
        self.send_waiting();
        self.slots.clear();
    }

    pub(super) fn send_waiting(&mut self) {
        if !self.outbox.is_empty() {
            let mut dropped = 0;
            let Self {
                outbox,
                slots,
                way,
                relayed,
                listeners,
                ..
            } = self;
            outbox.flush(slots, |socket, messages, parts, memory| {
                let outlet = match socket {
                    Socket::Listener(index) => (listeners.get(index as usize))
                        .map(|listener| (listener, Destination::Each)),
                    Socket::Relay(relay) => relayed.outlet(relay, messages),
                };
                if let Some(outlet) = outlet {
                    dropped += way.send(outlet, messages, parts, memory);
                }
            });
            if dropped > 0 {
                self.core.tally().add(Count::DroppedSend, dropped as u64);
            }
        }
    }
}
