//! The machine's own addresses, and which of them the relay uses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use holdspace_turn::RelayAddress;

use crate::config::Turn;

/// Addresses that no machine has (RFC 5737, RFC 3849). The way to them is the default route.
const ELSEWHERE: [(&str, &str); 2] = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];

/// The address from which this machine would send to the world, in one family. Nothing is sent.
fn own_address_in(family: (&str, &str)) -> Option<IpAddr> {
    let socket = UdpSocket::bind(family.0).ok()?;
    socket.connect(family.1).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

/// The address from which this machine would send to the world, IPv4 first.
pub(crate) fn own_address() -> Option<IpAddr> {
    ELSEWHERE.into_iter().find_map(own_address_in)
}

/// Every address that an interface of this machine has now.
#[cfg(unix)]
pub(super) fn machine_addresses() -> io::Result<Vec<IpAddr>> {
    let of = |address: &nix::sys::socket::SockaddrStorage| {
        let ipv4 = address.as_sockaddr_in().map(|address| address.ip().into());
        ipv4.or_else(|| address.as_sockaddr_in6().map(|address| address.ip().into()))
    };
    let found = nix::ifaddrs::getifaddrs()?;
    Ok(found
        .filter_map(|found| found.address.as_ref().and_then(of))
        .collect())
}

/// Where interfaces cannot be listed, at least those that the world is reached from.
#[cfg(not(unix))]
pub(super) fn machine_addresses() -> io::Result<Vec<IpAddr>> {
    Ok(ELSEWHERE.into_iter().filter_map(own_address_in).collect())
}

/// Where the relay is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Where it listens, the one that clients are told first.
    pub(super) listen: Vec<IpAddr>,
    pub(super) relay_ipv4: Option<RelayAddress>,
    pub(super) relay_ipv6: Option<RelayAddress>,
    /// The address that clients are told.
    pub(super) public: IpAddr,
}

impl Addresses {
    /// As configured, else the machine's own ones and loopback.
    pub(super) fn choose(config: &Turn) -> Self {
        let own: Vec<IpAddr> = ELSEWHERE.into_iter().filter_map(own_address_in).collect();
        Self::of(config, &own)
    }

    fn of(config: &Turn, own: &[IpAddr]) -> Self {
        let mut listen = config.listen.clone();
        if listen.is_empty() {
            listen.extend(own);
            listen.push(Ipv4Addr::LOCALHOST.into());
        }
        let relay = |is_of: fn(&IpAddr) -> bool, loopback: IpAddr| {
            let here = listen.iter().copied().find(is_of)?;
            let bind = if here.is_unspecified() {
                own.iter().copied().find(is_of).unwrap_or(loopback)
            } else {
                here
            };
            let public = config.public_addresses.iter().copied().find(is_of);
            let advertised = public.unwrap_or(bind);
            Some(RelayAddress { bind, advertised })
        };
        let relay_ipv4 = relay(IpAddr::is_ipv4, Ipv4Addr::LOCALHOST.into());
        let relay_ipv6 = relay(IpAddr::is_ipv6, Ipv6Addr::LOCALHOST.into());
        let relayed = relay_ipv4.or(relay_ipv6).map(|relay| relay.advertised);
        Self {
            public: relayed.unwrap_or(Ipv4Addr::LOCALHOST.into()),
            listen,
            relay_ipv4,
            relay_ipv6,
        }
    }

    /// Whether people in other networks cannot reach it.
    pub(super) fn is_private(&self) -> bool {
        !holdspace_turn::Policy::default().is_open(self.public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_machine_knows_its_addresses() {
        let addresses = machine_addresses().unwrap();
        assert!(addresses.contains(&ip("127.0.0.1")), "{addresses:?}");
    }

    #[test]
    fn the_public_address_is_told_and_the_own_one_is_bound() {
        let own = [ip("10.0.0.5"), ip("2001:db8::5")];
        let behind_nat = Turn {
            public_addresses: vec![ip("198.51.100.7")],
            ..Turn::default()
        };
        let addresses = Addresses::of(&behind_nat, &own);
        assert_eq!(addresses.listen, [own[0], own[1], ip("127.0.0.1")]);
        assert_eq!(addresses.public, ip("198.51.100.7"));
        let relay = addresses.relay_ipv4.unwrap();
        assert_eq!((relay.bind, relay.advertised), (own[0], addresses.public));
        assert_eq!(addresses.relay_ipv6, Some(own[1].into()));
    }

    #[test]
    fn without_a_network_it_is_on_loopback() {
        let addresses = Addresses::of(&Turn::default(), &[]);
        assert_eq!(addresses.listen, [ip("127.0.0.1")]);
        assert_eq!(addresses.relay_ipv4, Some(ip("127.0.0.1").into()));
        assert_eq!(addresses.relay_ipv6, None);
        assert!(addresses.is_private());
    }

    #[test]
    fn a_wildcard_relays_from_the_own_address() {
        let wildcard = Turn {
            listen: vec![ip("0.0.0.0")],
            ..Turn::default()
        };
        let addresses = Addresses::of(&wildcard, &[ip("8.8.8.8")]);
        assert_eq!(addresses.relay_ipv4, Some(ip("8.8.8.8").into()));
        assert!(!addresses.is_private());
    }
}
