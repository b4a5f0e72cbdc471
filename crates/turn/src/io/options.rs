//! What is asked of a socket on Linux, and what the kernel can do (ip(7), ipv6(7), udp(7)).
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket as StdUdpSocket};
use std::os::fd::AsRawFd;

use mio::net::UdpSocket;

use super::features::Features;
use super::system::set_option;

/// Asks the kernel what it can do.
pub(super) fn detect() -> Features {
    let Ok(socket) = StdUdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) else {
        return Features::default();
    };
    let can = |name| set_option(socket.as_raw_fd(), libc::SOL_UDP, name, 1).is_ok();
    Features {
        has_batches: true,
        has_gso: can(libc::UDP_SEGMENT),
        has_gro: can(libc::UDP_GRO),
    }
}

/// Has bursts be read as one where that can be done, and datagrams be fragmented where they must.
pub(super) fn prepare(socket: &UdpSocket, features: Features) -> io::Result<()> {
    if features.has_gro {
        set_option(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_GRO, 1)?;
    }
    let address = socket.local_addr()?;
    if address.is_ipv4() {
        // RFC 8656 §14: datagrams may be fragmented unless the client forbids it.
        forbid_fragments(socket, address, false)?;
    }
    Ok(())
}

/// Whether what is sent to the family of `to` from now on must not be fragmented.
pub(super) fn forbid_fragments(
    socket: &UdpSocket,
    to: SocketAddr,
    is_forbidden: bool,
) -> io::Result<()> {
    let (level, name, value) = match (to, is_forbidden) {
        (SocketAddr::V4(_), true) => (
            libc::IPPROTO_IP,
            libc::IP_MTU_DISCOVER,
            libc::IP_PMTUDISC_DO,
        ),
        (SocketAddr::V4(_), false) => (
            libc::IPPROTO_IP,
            libc::IP_MTU_DISCOVER,
            libc::IP_PMTUDISC_DONT,
        ),
        (SocketAddr::V6(_), _) => (
            libc::IPPROTO_IPV6,
            libc::IPV6_DONTFRAG,
            libc::c_int::from(is_forbidden),
        ),
    };
    set_option(socket.as_raw_fd(), level, name, value)
}

/// Has the system keep the ICMP messages about what this socket sends (ip(7), IP_RECVERR).
pub(super) fn watch_failures(socket: &UdpSocket) -> io::Result<()> {
    let (level, name) = if socket.local_addr()?.is_ipv4() {
        (libc::IPPROTO_IP, libc::IP_RECVERR)
    } else {
        (libc::IPPROTO_IPV6, libc::IPV6_RECVERR)
    };
    set_option(socket.as_raw_fd(), level, name, 1)
}
