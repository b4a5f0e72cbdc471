//! Datagrams that wait to be sent, grouped so that a system call takes as many of them as it can.
use std::net::SocketAddr;
use std::ops::Range;

use super::slots::Slots;
use crate::core::RelayId;

/// Datagrams in one message of a system call (the kernel's own limit is 64 or 128).
const SEGMENTS_MAX: usize = 64;
/// The payload of the longest UDP datagram, which is also the limit for a burst.
const BURST_BYTES_MAX: usize = 65_507;
/// Zeros at the beginning of the heads, for padding.
const ZEROS: usize = 4;

/// The local socket of a datagram, as a number that sorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Outlet(u32);

/// A local socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Socket {
    Listener(u32),
    Relay(RelayId),
}

impl From<Socket> for Outlet {
    fn from(socket: Socket) -> Self {
        match socket {
            Socket::Listener(index) => Self(index << 1),
            Socket::Relay(RelayId(index)) => Self((index << 1) | 1),
        }
    }
}

impl From<Outlet> for Socket {
    fn from(Outlet(number): Outlet) -> Self {
        if number & 1 == 0 {
            Self::Listener(number >> 1)
        } else {
            Self::Relay(RelayId(number >> 1))
        }
    }
}

/// A piece of a datagram: in the heads, or in the slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) is_head: bool,
    pub(super) start: usize,
    pub(super) bytes: usize,
}

/// What parts lie in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory<'a> {
    pub(super) heads: &'a [u8],
    pub(super) slots: &'a [u8],
}

impl<'a> Memory<'a> {
    pub(super) fn part(&self, part: &Part) -> &'a [u8] {
        let source = if part.is_head { self.heads } else { self.slots };
        &source[part.start..part.start + part.bytes]
    }
}

/// One datagram, or several for one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) to: SocketAddr,
    pub(super) parts: Range<usize>,
    /// The length of each datagram but the last.
    pub(super) segment_bytes: usize,
    pub(super) datagrams: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Datagram {
    outlet: Outlet,
    /// Datagrams to one destination have the same, those to others most likely another.
    flow: u32,
    to: SocketAddr,
    head: Range<usize>,
    body: Part,
    padding: usize,
}

impl Datagram {
    fn key(&self) -> (Outlet, u32) {
        (self.outlet, self.flow)
    }

    fn bytes(&self) -> usize {
        self.head.len() + self.body.bytes + self.padding
    }
}

/// What waits. The bodies lie in the slots, which must not be cleared before.
#[derive(Debug)]
pub(super) struct Outbox {
    heads: Vec<u8>,
    waiting: Vec<Datagram>,
    messages: Vec<Message>,
    parts: Vec<Part>,
    has_gso: bool,
}

impl Outbox {
    pub(super) fn new(has_gso: bool) -> Self {
        Self {
            heads: vec![0; ZEROS],
            waiting: Vec::new(),
            messages: Vec::new(),
            parts: Vec::new(),
            has_gso,
        }
    }

    /// Where to append what goes before the next body; `push` takes all of it.
    pub(super) fn heads(&mut self) -> &mut Vec<u8> {
        &mut self.heads
    }

    pub(super) fn heads_bytes(&self) -> usize {
        self.heads.len()
    }

    /// Has the heads from `head_start` on, `bytes` at `start` in the slots, and zeros be sent.
    pub(super) fn push(
        &mut self,
        socket: Socket,
        to: SocketAddr,
        head_start: usize,
        (start, bytes): (usize, usize),
        padding: usize,
    ) {
        let head = head_start..self.heads.len();
        let body = Part {
            is_head: false,
            start,
            bytes,
        };
        self.waiting.push(Datagram {
            outlet: socket.into(),
            flow: flow(to),
            to,
            head,
            body,
            padding,
        });
    }

    /// Takes back what was appended to the heads and not pushed.
    pub(super) fn take_back(&mut self, head_start: usize) {
        self.heads.truncate(head_start);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Drops what waits for a socket that is closed.
    pub(super) fn forget(&mut self, socket: Socket) {
        let outlet = Outlet::from(socket);
        self.waiting.retain(|datagram| datagram.outlet != outlet);
    }

    /// Hands over everything, socket by socket, in the order of `push` for each destination.
    pub(super) fn flush(
        &mut self,
        slots: &Slots,
        mut send: impl FnMut(Socket, &[Message], &[Part], Memory<'_>),
    ) {
        if !self.waiting.is_sorted_by_key(Datagram::key) {
            self.waiting.sort_by_key(Datagram::key);
        }
        let mut rest = &self.waiting[..];
        while let Some(first) = rest.first() {
            let count = rest
                .iter()
                .take_while(|datagram| datagram.outlet == first.outlet)
                .count();
            let (group, others) = rest.split_at(count);
            self.messages.clear();
            self.parts.clear();
            for datagram in group {
                add(&mut self.messages, &mut self.parts, datagram, self.has_gso);
            }
            let memory = Memory {
                heads: &self.heads,
                slots: slots.memory(),
            };
            send(first.outlet.into(), &self.messages, &self.parts, memory);
            rest = others;
        }
        self.waiting.clear();
        self.heads.truncate(ZEROS);
    }
}

fn flow(to: SocketAddr) -> u32 {
    let ip = match to.ip() {
        std::net::IpAddr::V4(ip) => u32::from(ip),
        std::net::IpAddr::V6(ip) => u32::try_from(u128::from(ip) & 0xFFFF_FFFF).unwrap_or_default(),
    };
    ip.wrapping_mul(0x9E37_79B1) ^ u32::from(to.port())
}

/// Appends a datagram to the last message where it can go with it (udp(7), UDP_SEGMENT: same destination, same length
/// but for the last, within the limits), else as a message of its own.
fn add(messages: &mut Vec<Message>, parts: &mut Vec<Part>, datagram: &Datagram, has_gso: bool) {
    let bytes = datagram.bytes();
    let start = parts.len();
    let pieces = [
        Part {
            is_head: true,
            start: datagram.head.start,
            bytes: datagram.head.len(),
        },
        datagram.body,
        Part {
            is_head: true,
            start: 0,
            bytes: datagram.padding,
        },
    ];
    parts.extend(pieces.into_iter().filter(|part| part.bytes > 0));
    if let Some(last) = messages.last_mut().filter(|_| has_gso)
        && last.to == datagram.to
        && bytes > 0
        && bytes <= last.segment_bytes
        && last.bytes == last.segment_bytes * last.datagrams
        && last.datagrams < SEGMENTS_MAX
        && last.bytes + bytes <= BURST_BYTES_MAX
    {
        last.parts.end = parts.len();
        last.datagrams += 1;
        last.bytes += bytes;
        return;
    }
    messages.push(Message {
        to: datagram.to,
        parts: start..parts.len(),
        segment_bytes: bytes,
        datagrams: 1,
        bytes,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent by an outbox that got these (socket, port of the destination, bytes).
    fn sent(has_gso: bool, datagrams: &[(Socket, u16, usize)]) -> Vec<(Socket, u16, Vec<usize>)> {
        let slots = Slots::new();
        let mut outbox = Outbox::new(has_gso);
        for &(socket, port, bytes) in datagrams {
            let head = outbox.heads_bytes();
            outbox.heads().extend([1; 4]);
            outbox.push(
                socket,
                SocketAddr::from(([192, 0, 2, 1], port)),
                head,
                (0, bytes - 4),
                0,
            );
        }
        let mut sent = Vec::new();
        outbox.flush(&slots, |socket, messages, parts, memory| {
            for message in messages {
                let total: usize = parts[message.parts.clone()]
                    .iter()
                    .map(|part| memory.part(part).len())
                    .sum();
                let mut lengths = vec![message.segment_bytes; message.datagrams - 1];
                lengths.push(total - lengths.iter().sum::<usize>());
                sent.push((socket, message.to.port(), lengths));
            }
        });
        assert!(outbox.is_empty());
        sent
    }

    const LISTENER: Socket = Socket::Listener(0);
    const RELAY: Socket = Socket::Relay(RelayId(0));

    #[test]
    fn bursts_go_together_and_keep_their_order() {
        let burst = [
            (RELAY, 1, 100),
            (LISTENER, 1, 100),
            (RELAY, 1, 100),
            (RELAY, 1, 50),
            (RELAY, 1, 100),
        ];
        assert_eq!(
            sent(true, &burst),
            [
                (LISTENER, 1, vec![100]),
                (RELAY, 1, vec![100, 100, 50]),
                (RELAY, 1, vec![100])
            ]
        );
        assert_eq!(sent(false, &burst).len(), 5);
    }

    #[test]
    fn destinations_and_longer_datagrams_are_kept_apart() {
        let mixed = [
            (RELAY, 1, 50),
            (RELAY, 2, 50),
            (RELAY, 1, 100),
            (RELAY, 2, 50),
        ];
        let mut sent = sent(true, &mixed);
        sent.sort_by_key(|(_, port, _)| *port);
        assert_eq!(
            sent,
            [
                (RELAY, 1, vec![50]),
                (RELAY, 1, vec![100]),
                (RELAY, 2, vec![50, 50])
            ]
        );
    }

    #[test]
    fn a_burst_is_no_longer_than_a_datagram_can_be() {
        let sent = sent(true, &[(RELAY, 1, 1204); 100]);
        let counts: Vec<usize> = sent.iter().map(|(_, _, lengths)| lengths.len()).collect();
        assert_eq!(counts, [54, 46]);
        let small = super::tests::sent(true, &[(RELAY, 1, 5); 100]);
        assert_eq!(small[0].2.len(), SEGMENTS_MAX);
    }
}
