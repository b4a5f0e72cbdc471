//! A shard's datagrams: what clients and peers send by UDP, and whom it goes to.
use std::net::SocketAddr;

use super::{Shard, opener};
use crate::core::{Action, Client, Icmp, RelayId, Transport};
use crate::counters::Count;
use crate::io::outbox::Socket;
use crate::io::path::{Drained, FEW, MANY};
use crate::io::relayed::Inlet;

/// Calls to receive from one listener before others have their turn.
const LISTENER_TURNS_MAX: usize = 4;
/// Failures of one socket before others have their turn.
const FAILURES_MAX: usize = 16;

impl Shard {
    pub(super) fn receive_from_clients(&mut self, index: usize) {
        let link = u32::try_from(index).unwrap_or(u32::MAX);
        // Preparing for many costs, and mostly few have come: many are asked for once there were few.
        let mut messages_max = FEW;
        for _ in 0..LISTENER_TURNS_MAX {
            self.make_room();
            let drained = self.way.receive(
                &self.listeners[index],
                &mut self.slots,
                messages_max,
                &mut self.arrivals,
            );
            self.hear(index);
            self.each_arrival(|shard, from, start, bytes| {
                let client = Client {
                    transport: Transport::Udp,
                    link,
                    address: from,
                };
                shard.datagram_from_client(client, start, bytes);
            });
            if drained == Drained::Yes {
                self.ready_listeners[index] = false;
                self.floods[index].note_drained();
                return;
            }
            messages_max = MANY;
            // Much waits: whether it came while the shard was held up is seen by the time.
            self.set_now();
        }
    }

    /// Takes out of the arrivals what came from clients who are not heard.
    fn hear(&mut self, index: usize) {
        let floods = &mut self.floods[index];
        if floods.note(&self.arrivals, self.now) {
            self.core.tally().add(Count::Silenced, 1);
            self.drop_floods(index);
        }
        let floods = &self.floods[index];
        if floods.next_release().is_some() {
            let mut dropped = 0;
            self.arrivals.retain(|arrival| {
                let is_heard = !floods.is_silenced(arrival.from);
                if !is_heard {
                    dropped += arrival.datagrams().count();
                }
                is_heard
            });
            self.core.tally().add(Count::DroppedFlood, dropped as u64);
        }
    }

    /// Has the system drop what would be dropped once it is read. Where it cannot, reading costs the others a little.
    pub(super) fn drop_floods(&self, index: usize) {
        let (listener, silenced) = (&self.listeners[index], self.floods[index].silenced());
        #[cfg(target_os = "linux")]
        drop(crate::io::filter::drop_sources(listener, silenced));
        #[cfg(not(target_os = "linux"))]
        let _ = (listener, silenced);
    }

    pub(super) fn receive_from_peers(&mut self, inlet: Inlet) {
        if self.relayed.take_failed(inlet) {
            self.hear_of_failures(inlet);
        }
        self.make_room();
        let messages_max = self.relayed.messages_max(inlet);
        let Some(socket) = self.relayed.get(inlet) else {
            return;
        };
        let drained = self
            .way
            .receive(socket, &mut self.slots, messages_max, &mut self.arrivals);
        self.each_arrival(|shard, from, start, bytes| {
            shard.datagram_from_peer(inlet.relay, from, start, bytes);
        });
        self.relayed.note(inlet, drained);
    }

    /// Tells the client what became of what it sent.
    fn hear_of_failures(&mut self, inlet: Inlet) {
        for _ in 0..FAILURES_MAX {
            let Some(socket) = self.relayed.get(inlet) else {
                return;
            };
            match self.way.next_failure(socket) {
                Ok(Some((to, icmp))) => self.tell_of_failure(inlet.relay, to, icmp),
                Ok(None) => {}
                Err(_) => return,
            }
        }
        self.relayed.mark_failed(inlet);
        self.relayed.mark_ready(inlet);
    }

    fn tell_of_failure(&mut self, relay: RelayId, to: SocketAddr, icmp: Icmp) {
        let head = self.outbox.heads_bytes();
        if let Some(client) = self
            .core
            .handle_icmp(relay, to, icmp, self.now, self.outbox.heads())
        {
            self.deliver(client, head, (0, 0), 0);
        }
    }

    /// Hands over every datagram that has arrived, in order: where from, where in the slots, how long.
    fn each_arrival(&mut self, mut handle: impl FnMut(&mut Self, SocketAddr, usize, usize)) {
        let mut arrivals = std::mem::take(&mut self.arrivals);
        for arrival in &arrivals {
            for (start, bytes) in arrival.datagrams() {
                handle(self, arrival.from, start, bytes);
            }
        }
        arrivals.clear();
        self.arrivals = arrivals;
    }

    fn datagram_from_client(&mut self, client: Client, start: usize, bytes: usize) {
        let head = self.outbox.heads_bytes();
        let data = &self.slots.memory()[start..start + bytes];
        let mut opener = opener(&mut self.relayed, &self.poll, &self.way);
        let action =
            self.core
                .handle_client(&client, data, self.now, &mut opener, self.outbox.heads());
        match action {
            Action::Nothing => {}
            Action::Reply => self.outbox.push(
                Socket::Listener(client.link),
                client.address,
                head,
                (0, 0),
                0,
            ),
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment: false,
            } => {
                let body = (self.slots.position(data), data.len());
                self.outbox.push(Socket::Relay(relay), to, head, body, 0);
            }
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment: true,
            } => {
                let data = data.to_vec();
                self.send_waiting();
                self.send_unfragmented(relay, to, &data);
            }
        }
        self.forget_closed();
    }

    fn datagram_from_peer(&mut self, relay: RelayId, from: SocketAddr, start: usize, bytes: usize) {
        let head = self.outbox.heads_bytes();
        let data = &self.slots.memory()[start..start + bytes];
        let Some(delivery) =
            self.core
                .handle_peer(relay, from, data, self.now, self.outbox.heads())
        else {
            return;
        };
        self.deliver(
            delivery.client,
            head,
            (start, bytes),
            delivery.padding_bytes,
        );
    }

    /// Sends a client the heads from `head` on, a body that lies in the slots, and padding.
    fn deliver(
        &mut self,
        client: Client,
        head: usize,
        (start, bytes): (usize, usize),
        padding_bytes: usize,
    ) {
        if client.transport == Transport::Udp {
            let socket = Socket::Listener(client.link);
            self.outbox
                .push(socket, client.address, head, (start, bytes), padding_bytes);
            return;
        }
        let data = &self.slots.memory()[start..start + bytes];
        let index = client.link as usize;
        let is_taken = self
            .connections
            .open
            .get_mut(index)
            .is_some_and(|connection| {
                connection.push([&self.outbox.heads()[head..], data, &[0; 3][..padding_bytes]])
            });
        self.outbox.take_back(head);
        if is_taken {
            self.connections.mark_dirty(index);
        } else {
            self.core.tally().add(Count::DroppedSend, 1);
        }
    }
}
