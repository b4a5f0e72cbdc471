//! What the core is configured with. Every number has its unit in its name or type.
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::policy::Policy;

/// The address of relayed ports in one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayAddress {
    /// What sockets are bound to.
    pub bind: IpAddr,
    /// What clients are told, and peers see: another one behind a one-to-one NAT.
    pub advertised: IpAddr,
}

impl From<IpAddr> for RelayAddress {
    fn from(ip: IpAddr) -> Self {
        Self {
            bind: ip,
            advertised: ip,
        }
    }
}

/// The rules of a relay; `Default` has the limits of the RFCs and no relayed address.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Where IPv4 allocations live; `None` refuses them with 440.
    pub relay_ipv4: Option<RelayAddress>,
    /// Where IPv6 allocations live; `None` refuses them with 440.
    pub relay_ipv6: Option<RelayAddress>,
    /// Ports that allocations are given (RFC 8656 §7.2 recommends the default).
    pub ports: RangeInclusive<u16>,
    /// What usernames belong to (RFC 8489 §9.2).
    pub realm: String,
    /// Sent in every response when there (RFC 8489 §14.14); it tells strangers what runs here.
    pub software: Option<String>,
    /// The longest lifetime that a client can ask for.
    pub lifetime_max: Duration,
    /// Allocations of everybody together; beyond it 508.
    pub allocations_max: u32,
    /// Allocations of one user; beyond it 486.
    pub allocations_per_user_max: u32,
    /// What one user's allocations may relay together, both directions counted; beyond it packets are dropped.
    pub bytes_per_second_per_user_max: Option<u64>,
    /// Permissions of one allocation; beyond it 508.
    pub permissions_max: usize,
    /// Channels of one allocation; beyond it 508.
    pub channels_max: usize,
    /// How long a nonce is good for.
    pub nonce_age_max: Duration,
    /// Unauthenticated replies to one address (IPv6: its /64) over UDP; twenty times as many to one that somebody with
    /// credentials has used in the last ten minutes.
    pub challenges_per_second_max: u32,
    /// Whether sockets can set DF, as DONT-FRAGMENT wants it.
    pub can_forbid_fragments: bool,
    /// Addresses of peers.
    pub policy: Policy,
    /// The machine's own addresses, public ones too: no peers unless [`Policy::allow`] has them, since whatever listens
    /// there is the inside. [`crate::Relay::set_inside`] changes them.
    pub inside: Vec<IpAddr>,
    /// Where new clients are sent while draining (RFC 8489 §10), one a family of theirs.
    pub alternates: Vec<SocketAddr>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            relay_ipv4: None,
            relay_ipv6: None,
            ports: 49152..=65535,
            realm: "turn".to_owned(),
            software: None,
            lifetime_max: Duration::from_hours(1),
            allocations_max: 10_000,
            allocations_per_user_max: 100,
            bytes_per_second_per_user_max: None,
            permissions_max: 64,
            channels_max: 64,
            nonce_age_max: Duration::from_hours(1),
            challenges_per_second_max: 10,
            can_forbid_fragments: cfg!(target_os = "linux"),
            policy: Policy::default(),
            inside: Vec::new(),
            alternates: Vec::new(),
        }
    }
}
