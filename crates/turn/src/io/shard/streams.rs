//! A shard's connections: who is let in, what they send, when they end.
use std::io;
use std::net::SocketAddr;

use mio::Interest;
use mio::net::TcpStream;

use super::{CONNECTION, Shard, opener, token};
use crate::core::{Action, Client, Transport};
use crate::counters::Count;
use crate::frames::{Frame, next_frame};
use crate::io::connection::{Connection, Reading};
use crate::io::outbox::Socket;

/// Connections accepted before others have their turn.
const ACCEPTS_MAX: usize = 64;
/// What a client without an allocation may have on its way: no request is longer.
const STRANGER_INPUT_BYTES_MAX: usize = 2048;

impl Shard {
    pub(super) fn accept(&mut self, index: usize) {
        for _ in 0..ACCEPTS_MAX {
            let (listener, transport) = &self.streams[index];
            match listener.accept() {
                Ok((stream, address)) => {
                    let transport = *transport;
                    self.welcome(stream, transport, address);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.ready_streams[index] = false;
                    return;
                }
                // Without descriptors it is tried again at the next turn, not at once.
                Err(_) => return,
            }
        }
    }

    fn welcome(&mut self, stream: TcpStream, transport: Transport, address: SocketAddr) {
        if !self.surroundings.admission.enter(address.ip()) {
            return;
        }
        let entry = self.connections.open.vacant_entry();
        let index = entry.key();
        let client = Client {
            transport,
            link: u32::try_from(index).unwrap_or(u32::MAX),
            address,
        };
        drop(stream.set_nodelay(true));
        let Ok(mut connection) = Connection::new(
            client,
            self.now,
            stream,
            self.surroundings.tls_config.clone(),
        ) else {
            self.surroundings.admission.leave(address.ip());
            return;
        };
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered =
            self.poll
                .registry()
                .register(connection.stream(), token(CONNECTION, index), interest);
        if registered.is_err() {
            self.surroundings.admission.leave(address.ip());
            return;
        }
        entry.insert(connection);
        self.connections.mark_ready(index);
    }

    pub(super) fn receive_from_connection(&mut self, index: usize) {
        let Some(connection) = self.connections.open.get_mut(index) else {
            return;
        };
        let reading = connection.read(&mut self.scratch);
        let client = connection.client;
        let input = std::mem::take(&mut connection.input);
        let Some(taken) = self.frames(client, index, &input) else {
            return self.hang_up(index);
        };
        let is_known = self.core.has_allocation(&client);
        if !is_known && input.len() - taken > STRANGER_INPUT_BYTES_MAX {
            return self.hang_up(index);
        }
        if let Some(connection) = self.connections.open.get_mut(index)
            && taken < input.len()
        {
            connection.input = input[taken..].to_vec();
        }
        // TLS may have something to say although no message came.
        self.connections.mark_dirty(index);
        match reading {
            Reading::Drained => {}
            Reading::More => self.connections.mark_ready(index),
            Reading::Ended => self.hang_up(index),
        }
    }

    /// Handles the messages at the beginning of `input`; how many bytes they take, or `None` when it is no such stream.
    fn frames(&mut self, client: Client, index: usize, input: &[u8]) -> Option<usize> {
        let mut taken = 0;
        loop {
            match next_frame(&input[taken..]).ok()? {
                Frame::Partial { .. } => return Some(taken),
                Frame::Whole {
                    message,
                    taken: bytes,
                } => {
                    taken += bytes;
                    self.message_from_connection(client, index, message);
                }
            }
        }
    }

    fn message_from_connection(&mut self, client: Client, index: usize, message: &[u8]) {
        let head = self.outbox.heads_bytes();
        let mut opener = opener(&mut self.relayed, &self.poll, &self.way);
        match self
            .core
            .handle_client(&client, message, self.now, &mut opener, self.outbox.heads())
        {
            Action::Nothing => {}
            Action::Reply => {
                let reply = self.outbox.heads().split_off(head);
                if let Some(connection) = self.connections.open.get_mut(index)
                    && !connection.push([&reply, &[], &[]])
                {
                    self.core.tally().add(Count::DroppedSend, 1);
                }
            }
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment: false,
            } => {
                self.outbox.heads().extend_from_slice(data);
                self.outbox.push(Socket::Relay(relay), to, head, (0, 0), 0);
            }
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment: true,
            } => {
                self.send_waiting();
                self.send_unfragmented(relay, to, data);
            }
        }
        self.forget_closed();
    }

    pub(super) fn hang_up(&mut self, index: usize) {
        let Some(mut connection) = self.connections.open.try_remove(index) else {
            return;
        };
        connection.close();
        self.surroundings
            .admission
            .leave(connection.client.address.ip());
        let mut opener = opener(&mut self.relayed, &self.poll, &self.way);
        self.core
            .disconnected(&connection.client, self.now, &mut opener);
        self.forget_closed();
    }

    /// Closes the connections that have been without an allocation for too long.
    pub(super) fn hang_up_idle(&mut self) {
        let idle: Vec<usize> = self
            .connections
            .open
            .iter()
            .filter(|(_, connection)| connection.opened + self.surroundings.idle_max <= self.now)
            .filter(|(_, connection)| !self.core.has_allocation(&connection.client))
            .map(|(index, _)| index)
            .collect();
        for index in idle {
            self.hang_up(index);
        }
    }

    pub(super) fn hang_up_all(&mut self) {
        let open: Vec<usize> = self
            .connections
            .open
            .iter()
            .map(|(index, _)| index)
            .collect();
        for index in open {
            self.hang_up(index);
        }
    }
}
