//! The sockets that clients come to: one of each for each shard.
use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;

use crate::config::Config;
use crate::core::Transport;

/// Room for what arrives while a shard is busy; the system gives less where it must.
const RECEIVE_BYTES: usize = 4 << 20;
const BACKLOG: i32 = 1024;

/// An address that cannot be listened at.
#[derive(Debug, Error)]
#[error("cannot listen at {address} ({}): {source}", .transport.name())]
pub struct ListenError {
    pub transport: Transport,
    pub address: SocketAddr,
    pub source: io::Error,
}

/// What one shard listens with.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    pub(crate) udp: Vec<UdpSocket>,
    pub(crate) streams: Vec<(TcpListener, Transport)>,
}

/// Where a relay listens, with the ports that it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    pub tls: Vec<SocketAddr>,
}

impl Listeners {
    /// Opens everything, for each shard.
    pub(crate) fn open(config: &Config) -> Result<(Vec<Self>, Addresses), ListenError> {
        let shards = shard_count(config.shards, cfg!(target_os = "linux"));
        let mut all: Vec<Self> = (0..shards).map(|_| Self::default()).collect();
        let mut addresses = Addresses::default();
        for address in &config.udp {
            let sockets = open(*address, Transport::Udp, shards)?;
            for (index, (socket, bound)) in sockets.into_iter().enumerate() {
                all[index].udp.push(socket.into());
                if index == 0 {
                    addresses.udp.push(bound);
                }
            }
        }
        let tcp = config.tcp.iter().map(|address| (address, Transport::Tcp));
        let tls = config.tls.iter().map(|address| (address, Transport::Tls));
        for (address, transport) in tcp.chain(tls) {
            let sockets = open(*address, transport, shards)?;
            for (index, (socket, bound)) in sockets.into_iter().enumerate() {
                all[index].streams.push((socket.into(), transport));
                match transport {
                    Transport::Tls if index == 0 => addresses.tls.push(bound),
                    _ if index == 0 => addresses.tcp.push(bound),
                    _ => {}
                }
            }
        }
        Ok((all, addresses))
    }
}

/// Elsewhere a port that is shared is not balanced: one of the sockets would get everything.
fn shard_count(asked: usize, is_balanced: bool) -> usize {
    if is_balanced { asked.max(1) } else { 1 }
}

fn open(
    address: SocketAddr,
    transport: Transport,
    shards: usize,
) -> Result<Vec<(Socket, SocketAddr)>, ListenError> {
    let refused = |source| ListenError {
        transport,
        address,
        source,
    };
    // Alone first: with SO_REUSEPORT another process of ours would share the port in silence.
    let (first, bound) = bind(address, transport, false).map_err(refused)?;
    beside(first, bound, transport, shards).map_err(refused)
}

/// The first socket and the others at its address. It is shared from now on, and never free for somebody else in between.
fn beside(
    first: Socket,
    bound: SocketAddr,
    transport: Transport,
    shards: usize,
) -> io::Result<Vec<(Socket, SocketAddr)>> {
    if shards > 1 {
        share_port(&first)?;
    }
    let mut sockets = vec![(first, bound)];
    for _ in 1..shards {
        sockets.push(bind(bound, transport, true)?);
    }
    for (socket, _) in &sockets {
        listen(socket, transport)?;
    }
    Ok(sockets)
}

fn bind(
    address: SocketAddr,
    transport: Transport,
    is_shared: bool,
) -> io::Result<(Socket, SocketAddr)> {
    let (kind, protocol) = match transport {
        Transport::Udp => (Type::DGRAM, Protocol::UDP),
        Transport::Tcp | Transport::Tls => (Type::STREAM, Protocol::TCP),
    };
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if transport == Transport::Udp {
        // As much as the system allows: less is no failure.
        let _ = socket.set_recv_buffer_size(RECEIVE_BYTES);
        let _ = socket.set_send_buffer_size(RECEIVE_BYTES);
    } else {
        socket.set_reuse_address(cfg!(unix))?;
    }
    if is_shared {
        share_port(&socket)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    let bound = socket.local_addr()?.as_socket().unwrap_or(address);
    Ok((socket, bound))
}

fn listen(socket: &Socket, transport: Transport) -> io::Result<()> {
    if transport == Transport::Udp {
        Ok(())
    } else {
        socket.listen(BACKLOG)
    }
}

#[cfg(unix)]
fn share_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(not(unix))]
fn share_port(_: &Socket) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_shared_ports_are_not_balanced_there_is_one_shard() {
        assert_eq!([0, 1, 4].map(|asked| shard_count(asked, true)), [1, 1, 4]);
        assert_eq!([0, 1, 4].map(|asked| shard_count(asked, false)), [1; 3]);
    }
}
