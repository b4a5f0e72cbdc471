//! `[turn]`: our own TURN relay.

use std::net::{IpAddr, SocketAddr};

use holdspace_turn as turn;

use super::kinds::{self, Expected};
use super::values::{Value, Values};
use super::{ConfigError, Secret, Tls};

/// Where the relay is, whom it serves, and how much.
#[derive(Clone, Debug)]
pub struct Turn {
    /// On unless TURN servers of others are configured in `[ice]`.
    pub enabled: bool,
    /// Where it listens. Empty: at the machine's own addresses.
    pub listen: Vec<IpAddr>,
    /// For STUN and TURN over UDP and TCP; 0 takes free ones.
    pub port: u16,
    /// For TURN over TLS, which it speaks when there is a certificate; 0 takes a free one.
    pub tls_port: u16,
    /// Its own certificate, else that of `[http]`.
    pub tls: Option<Tls>,
    /// How clients reach it when that is not where it listens, as behind NAT: at most one of each family.
    pub public_addresses: Vec<IpAddr>,
    /// The name that clients are told instead of the address, which the certificate must be for.
    pub public_host: Option<String>,
    /// Signs credentials. Made once and kept beside the database when it is not set.
    pub secret: Option<Secret>,
    /// One that was in use before and stays good until nobody holds a credential of it.
    pub previous_secret: Option<Secret>,
    /// The lowest and the highest port for relaying.
    pub relay_ports: (u16, u16),
    pub allocations_max: u32,
    pub allocations_per_user_max: u32,
    /// In both directions together; 0 means no limit.
    pub kilobits_per_second_per_user_max: u32,
    /// Peers that may be reached although their addresses are special.
    pub allow_peers: Vec<turn::Network>,
    /// Peers that may not be reached, whatever else is said.
    pub deny_peers: Vec<turn::Network>,
    /// Where clients who come while the server stops are sent: at most one of each family.
    pub alternate_servers: Vec<SocketAddr>,
    /// Takes free ports when the configured ones are taken. Not a key: for a demo, which must run anywhere.
    pub may_move: bool,
}

impl Default for Turn {
    fn default() -> Self {
        let rules = turn::Rules::default();
        Self {
            enabled: true,
            listen: Vec::new(),
            port: 3478,
            tls_port: 5349,
            tls: None,
            public_addresses: Vec::new(),
            public_host: None,
            secret: None,
            previous_secret: None,
            relay_ports: rules.ports.into_inner(),
            allocations_max: rules.allocations_max,
            allocations_per_user_max: rules.allocations_per_user_max,
            kilobits_per_second_per_user_max: 0,
            allow_peers: Vec::new(),
            deny_peers: Vec::new(),
            alternate_servers: Vec::new(),
            may_move: false,
        }
    }
}

impl Turn {
    /// Reads the section; `has_others` when TURN servers of others are configured.
    pub(super) fn read(values: &mut Values, has_others: bool) -> Result<Self, ConfigError> {
        let default = Self::default();
        let ports = kinds::whole(0, u16::MAX.into());
        let count = kinds::whole(1, 1_000_000);
        let read = Self {
            enabled: values.read_or("turn.enabled", kinds::flag, !has_others)?,
            listen: values.read_or("turn.listen", kinds::list_of(ip), default.listen)?,
            port: values.read_or("turn.port", &ports, default.port)?,
            tls_port: values.read_or("turn.tls_port", &ports, default.tls_port)?,
            tls: Tls::read(values, "turn.tls_cert_file", "turn.tls_key_file")?,
            public_addresses: values.read_or(
                "turn.public_address",
                kinds::list_of(ip),
                default.public_addresses,
            )?,
            public_host: values.read_optional("turn.public_host", host)?,
            secret: values.read_optional("turn.secret", kinds::secret)?,
            previous_secret: values.read_optional("turn.previous_secret", kinds::secret)?,
            relay_ports: (
                values.read_or("turn.relay_port_min", &ports, default.relay_ports.0)?,
                values.read_or("turn.relay_port_max", &ports, default.relay_ports.1)?,
            ),
            allocations_max: values.read_or(
                "turn.allocations_max",
                &count,
                default.allocations_max,
            )?,
            allocations_per_user_max: values.read_or(
                "turn.allocations_per_user_max",
                &count,
                default.allocations_per_user_max,
            )?,
            kilobits_per_second_per_user_max: values.read_or(
                "turn.kilobits_per_second_per_user_max",
                kinds::whole(0, 100_000_000),
                default.kilobits_per_second_per_user_max,
            )?,
            allow_peers: values.read_or(
                "turn.allow_peers",
                kinds::list_of(network),
                default.allow_peers,
            )?,
            deny_peers: values.read_or(
                "turn.deny_peers",
                kinds::list_of(network),
                default.deny_peers,
            )?,
            alternate_servers: values.read_or(
                "turn.alternate_servers",
                kinds::list_of(server),
                default.alternate_servers,
            )?,
            may_move: false,
        };
        read.check(values, has_others)?;
        Ok(read)
    }

    fn check(&self, values: &Values, has_others: bool) -> Result<(), ConfigError> {
        let (key, problem) = if self.enabled && has_others {
            ("turn.enabled", "cannot be used with ice.turn_urls")
        } else if self.relay_ports.0 > self.relay_ports.1 {
            (
                "turn.relay_port_max",
                "must not be below turn.relay_port_min",
            )
        } else if self.relay_ports.0 < 1024 {
            ("turn.relay_port_min", "must be at least 1024")
        } else if !has_one_a_family(&self.public_addresses) {
            (
                "turn.public_address",
                "must not have two addresses of one family",
            )
        } else if !has_one_a_family(&self.alternate_ips()) {
            (
                "turn.alternate_servers",
                "must not have two addresses of one family",
            )
        } else if self.previous_secret.is_some() && self.secret.is_none() {
            ("turn.previous_secret", "needs turn.secret")
        } else {
            return Ok(());
        };
        Err(values.refuse(key, problem))
    }

    fn alternate_ips(&self) -> Vec<IpAddr> {
        self.alternate_servers.iter().map(SocketAddr::ip).collect()
    }
}

fn server(text: &str) -> Result<SocketAddr, Expected> {
    text.parse().map_err(|_| {
        Expected::new("must be a list of IP addresses with ports, like 198.51.100.7:3478")
    })
}

fn has_one_a_family(addresses: &[IpAddr]) -> bool {
    let ipv4 = addresses.iter().filter(|address| address.is_ipv4()).count();
    ipv4 <= 1 && addresses.len() - ipv4 <= 1
}

fn ip(text: &str) -> Result<IpAddr, Expected> {
    text.parse()
        .map_err(|_| Expected::new("must be a list of IP addresses"))
}

fn network(text: &str) -> Result<turn::Network, Expected> {
    text.parse()
        .map_err(|_| Expected::new("must be a list of addresses or blocks like 10.0.0.0/8"))
}

/// A name as in RFC 1123 §2.1.
fn host(value: &Value) -> Result<String, Expected> {
    let text = kinds::text(value)?;
    let is_label = |label: &str| {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() <= 253 && text.split('.').all(is_label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Expected::new("must be a host name like relay.example.org"))
    }
}
