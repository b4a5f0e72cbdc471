//! Who is at the other end: the peer, or whom a trusted proxy names.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use tokio::sync::OwnedSemaphorePermit;

use crate::config::Network;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address, as an extension of its request. Whoever keeps a connection beyond its request,
/// as sockets do, keeps this too: it counts the connection.
#[derive(Clone, Debug)]
pub struct ClientAddress {
    pub ip: IpAddr,
    _slot: Option<Arc<OwnedSemaphorePermit>>,
}

impl ClientAddress {
    /// Of a request that came over no connection of ours.
    pub fn new(ip: IpAddr) -> Self {
        Self { ip, _slot: None }
    }
}

/// The networks whose `X-Forwarded-For` counts.
#[derive(Clone, Debug)]
pub struct TrustedProxies(Arc<[Network]>);

impl TrustedProxies {
    pub fn new(networks: &[Network]) -> Self {
        Self(networks.into())
    }

    fn trust(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(ip))
    }

    /// The address furthest from us that a trusted hop vouches for: each hop appends whom it saw, so
    /// that the list is read from its end, and everything before the first untrusted hop is hearsay.
    fn resolve(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let hops = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
        for hop in hops {
            if !self.trust(client) {
                break;
            }
            match parse_hop(hop.trim()) {
                Some(ip) => client = ip.to_canonical(),
                None => break,
            }
        }
        client
    }
}

/// Some proxies add the port, and brackets around IPv6.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port)
}

/// One accepted connection.
pub(super) struct Connection {
    peer: IpAddr,
    slot: Arc<OwnedSemaphorePermit>,
    proxies: TrustedProxies,
}

impl Connection {
    pub(super) fn new(peer: IpAddr, slot: OwnedSemaphorePermit, proxies: TrustedProxies) -> Self {
        Self {
            peer,
            slot: Arc::new(slot),
            proxies,
        }
    }

    /// Whose request this is.
    pub(super) fn client(&self, headers: &HeaderMap) -> ClientAddress {
        ClientAddress {
            ip: self.proxies.resolve(self.peer, headers),
            _slot: Some(Arc::clone(&self.slot)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_the_rightmost_hop_that_is_not_trusted() {
        let proxies =
            TrustedProxies::new(&["10.0.0.0/8", "::1"].map(|text| Network::parse(text).unwrap()));
        for (peer, lines, client) in [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("::ffff:10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("::1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
            (
                "10.0.0.1",
                &["1.1.1.1, 198.51.100.7,10.0.0.2"],
                "198.51.100.7",
            ),
            (
                "10.0.0.1",
                &["1.1.1.1", "198.51.100.7", "10.0.0.2"],
                "198.51.100.7",
            ),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1", &["1.1.1.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["", "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7,"], "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(X_FORWARDED_FOR, line.parse().unwrap());
            }
            let resolved = proxies.resolve(peer.parse().unwrap(), &headers);
            assert_eq!(resolved.to_string(), client, "{peer} {lines:?}");
        }
    }

    #[test]
    fn without_trusted_proxies_nobody_is_believed() {
        let mut headers = HeaderMap::new();
        headers.append(X_FORWARDED_FOR, "198.51.100.7".parse().unwrap());
        let peer = "127.0.0.1".parse().unwrap();
        assert_eq!(TrustedProxies::new(&[]).resolve(peer, &headers), peer);
    }
}
