//! Which addresses a peer may have. A relay that reaches the inside of a network is a hole in it, so everything that is
//! not the public internet is closed, in every form in which an address can be written into another.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::network::Network;

/// What the operator adds to the built-in list.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Open although they are special, unless denied too.
    pub allow: Vec<Network>,
    /// Closed, whatever else is said.
    pub deny: Vec<Network>,
}

/// IANA's special-purpose registry for IPv4 (RFC 6890 and its updates), multicast and reserved space, and what clouds
/// have put at addresses of their own.
const CLOSED_IPV4: [Network; 18] = [
    Network::ipv4(0, 0, 0, 0, 8),
    Network::ipv4(10, 0, 0, 0, 8),
    Network::ipv4(100, 64, 0, 0, 10),
    Network::ipv4(127, 0, 0, 0, 8),
    Network::ipv4(169, 254, 0, 0, 16),
    Network::ipv4(172, 16, 0, 0, 12),
    Network::ipv4(192, 0, 0, 0, 24),
    Network::ipv4(192, 0, 2, 0, 24),
    Network::ipv4(192, 31, 196, 0, 24),
    Network::ipv4(192, 52, 193, 0, 24),
    Network::ipv4(192, 88, 99, 0, 24),
    Network::ipv4(192, 168, 0, 0, 16),
    Network::ipv4(192, 175, 48, 0, 24),
    Network::ipv4(198, 18, 0, 0, 15),
    Network::ipv4(198, 51, 100, 0, 24),
    Network::ipv4(203, 0, 113, 0, 24),
    Network::ipv4(224, 0, 0, 0, 3),
    // Azure's host, reachable from every guest.
    Network::ipv4(168, 63, 129, 16, 32),
];

/// The only part of IPv6 that is given out for the public internet (RFC 4291 §2.4).
const OPEN_IPV6: Network = Network::ipv6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is closed within it: IETF assignments with Teredo and ORCHID, documentation, AS112, SRv6.
const CLOSED_IPV6: [Network; 5] = [
    Network::ipv6(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    Network::ipv6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    Network::ipv6(Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    Network::ipv6(Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16),
    Network::ipv6(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// NAT64's well-known prefix (RFC 6052 §2.1), behind which public IPv4 is open.
const NAT64: Network = Network::ipv6(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

impl Policy {
    /// True when a peer may have this address.
    pub fn is_open(&self, ip: IpAddr) -> bool {
        !self.is_denied(ip) && (self.is_allowed(ip) || is_public(ip))
    }

    /// True when the operator closed it, as it is or as it is written into another.
    pub fn is_denied(&self, ip: IpAddr) -> bool {
        !self.deny.is_empty()
            && (is_in(&self.deny, ip)
                || embedded(ip).is_some_and(|ip| is_in(&self.deny, ip.into())))
    }

    /// True when the operator opened it, as it is.
    pub fn is_allowed(&self, ip: IpAddr) -> bool {
        is_in(&self.allow, ip)
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !is_in(&CLOSED_IPV4, ip.into()),
        IpAddr::V6(ip) => {
            let is_global = OPEN_IPV6.contains(ip.into()) && !is_in(&CLOSED_IPV6, ip.into());
            // A public address with another inside is as open as that one.
            (is_global || NAT64.contains(ip.into()))
                && embedded(ip.into()).is_none_or(|ip| is_public(ip.into()))
        }
    }
}

/// True when this is one of the addresses, as it is or as it is written into another.
pub(crate) fn is_one_of(addresses: &[IpAddr], ip: IpAddr) -> bool {
    addresses.contains(&ip) || embedded(ip).is_some_and(|ip| addresses.contains(&ip.into()))
}

fn is_in(networks: &[Network], ip: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(ip))
}

/// The IPv4 address that something on the way may send to instead of this IPv6 address.
fn embedded(ip: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = ip else { return None };
    let last = |ip: Ipv6Addr| {
        Ipv4Addr::from(u32::try_from(u128::from(ip) & 0xFFFF_FFFF).unwrap_or_default())
    };
    match ip.segments() {
        // Mapped (RFC 4291 §2.5.5.2), compatible (§2.5.5.1), translated (RFC 2765 §2.1), NAT64 (RFC 6052, RFC 8215).
        [0, 0, 0, 0, 0, 0xFFFF | 0, ..] | [0, 0, 0, 0, 0xFFFF, 0, ..] | [0x64, 0xFF9B, ..] => {
            Some(last(ip))
        }
        // 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))),
        // Teredo's client, which is stored inverted (RFC 4380 §4).
        [0x2001, 0, ..] => Some(Ipv4Addr::from(!u32::from(last(ip)))),
        // ISATAP (RFC 5214 §6.1).
        [_, _, _, _, 0 | 0x0200, 0x5EFE, ..] => Some(last(ip)),
        _ => None,
    }
}
