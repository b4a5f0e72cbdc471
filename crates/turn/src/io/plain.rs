//! One datagram a system call, with what every system has.
use std::io;

use mio::net::UdpSocket;

use super::outbox::{Memory, Message, Part};
use super::path::Drained;
use super::slots::{Arrival, Slots};

#[derive(Debug)]
pub(super) struct Plain {
    gathered: Vec<u8>,
}

impl Plain {
    pub(super) fn new() -> Self {
        Self {
            gathered: Vec::new(),
        }
    }

    pub(super) fn receive(
        socket: &UdpSocket,
        slots: &mut Slots,
        messages_max: usize,
        arrivals: &mut Vec<Arrival>,
    ) -> Drained {
        for start in slots.free(messages_max) {
            match socket.recv_from(slots.slot(start)) {
                Ok((bytes, from)) => {
                    slots.take(1);
                    arrivals.push(Arrival {
                        start,
                        bytes,
                        segment_bytes: 0,
                        from,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Drained::Yes,
                // What an earlier datagram met on its way, told here: not the end of the socket.
                Err(_) => {}
            }
        }
        Drained::No
    }

    pub(super) fn send(
        &mut self,
        socket: &UdpSocket,
        messages: &[Message],
        parts: &[Part],
        memory: Memory<'_>,
    ) -> usize {
        let mut dropped = 0;
        for message in messages {
            self.gathered.clear();
            for part in &parts[message.parts.clone()] {
                self.gathered.extend_from_slice(memory.part(part));
            }
            dropped += usize::from(socket.send_to(&self.gathered, message.to).is_err());
        }
        dropped
    }
}
