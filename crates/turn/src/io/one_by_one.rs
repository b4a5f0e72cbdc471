//! Datagrams that leave Linux by a system call each: what no burst can be made of.
use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;

use super::options::forbid_fragments;
use super::outbox::{Memory, Message, Part};

/// Sends the datagrams of a burst one by one: the way to this destination does not take bursts (no checksum offload,
/// or segments longer than its MTU).
/// How many the system did not take.
pub(super) fn send_singly(
    socket: &UdpSocket,
    (message, to): (&Message, Option<SocketAddr>),
    parts: &[Part],
    memory: Memory<'_>,
) -> usize {
    let whole: Vec<u8> = parts[message.parts.clone()]
        .iter()
        .flat_map(|part| memory.part(part))
        .copied()
        .collect();
    whole
        .chunks(message.segment_bytes)
        .filter(|datagram| send_to(socket, datagram, to).is_err())
        .count()
}

/// Sends one datagram that must not be fragmented on its way (RFC 8656 §14.1).
pub(super) fn send_unfragmented(
    socket: &UdpSocket,
    datagram: &[u8],
    to: SocketAddr,
) -> io::Result<()> {
    forbid_fragments(socket, to, true)?;
    let sent = send_to(socket, datagram, Some(to));
    forbid_fragments(socket, to, false)?;
    sent
}

/// Sends one datagram, by a connected socket without saying where to. What an earlier one met is told by the next call,
/// which does nothing else then.
pub(super) fn send_to(
    socket: &UdpSocket,
    datagram: &[u8],
    to: Option<SocketAddr>,
) -> io::Result<()> {
    let try_it = || match to {
        Some(to) => socket.send_to(datagram, to),
        None => socket.send(datagram),
    };
    match try_it() {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => try_it().map(drop),
        sent => sent.map(drop),
    }
}
