//! What a whole relay is configured with: rules, and where it listens.
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::rules::Rules;

/// How datagrams are read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    /// Many at once, as far as the kernel can.
    #[default]
    Fastest,
    /// One at a time, with what every system has.
    Portable,
}

/// A relay's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    pub rules: Rules,
    /// Where clients come by UDP. On a host with several addresses name each: an answer to what came to a wildcard
    /// leaves by the address that the system prefers. Port 0 is any.
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    /// TLS over TCP; needs `tls_config`.
    pub tls: Vec<SocketAddr>,
    /// Certificate and key; a resolver in it may renew them.
    pub tls_config: Option<Arc<rustls::ServerConfig>>,
    /// Threads, each with its part of the clients, which Linux hands out (SO_REUSEPORT). Elsewhere there is one.
    pub shards: usize,
    pub path: Path,
    /// Connections of TCP and TLS together; more are closed at once.
    pub connections_max: u32,
    /// Connections of one address (IPv6: its /64).
    pub connections_per_address_max: u32,
    /// How long a connection may be without an allocation.
    pub idle_max: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            udp: Vec::new(),
            tcp: Vec::new(),
            tls: Vec::new(),
            tls_config: None,
            shards: 1,
            path: Path::Fastest,
            connections_max: 4096,
            connections_per_address_max: 128,
            idle_max: Duration::from_secs(30),
        }
    }
}
