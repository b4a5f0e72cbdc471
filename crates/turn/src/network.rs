//! A range of addresses, written `10.0.0.0/8`, `fd00::/8` or as one address.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// All addresses of one family that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    ip: IpAddr,
    prefix_bits: u8,
}

/// A text that names no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected an address or a network such as 10.0.0.0/8")]
pub struct NetworkError;

impl Network {
    /// An IPv4 network; a prefix over 32 bits is one of 32.
    pub const fn ipv4(a: u8, b: u8, c: u8, d: u8, prefix_bits: u8) -> Self {
        Self {
            ip: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            prefix_bits,
        }
    }

    /// An IPv6 network.
    pub const fn ipv6(ip: Ipv6Addr, prefix_bits: u8) -> Self {
        Self {
            ip: IpAddr::V6(ip),
            prefix_bits,
        }
    }

    /// True when `ip` is one of its addresses. An address of the other family never is.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.ip, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                let difference = u32::from(own) ^ u32::from(ip);
                difference.leading_zeros() >= u32::from(self.prefix_bits)
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                let difference = u128::from(own) ^ u128::from(ip);
                difference.leading_zeros() >= u32::from(self.prefix_bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (ip, prefix) = text
            .split_once('/')
            .map_or((text, None), |(ip, prefix)| (ip, Some(prefix)));
        let ip: IpAddr = ip.parse().map_err(|_| NetworkError)?;
        let bits_max = if ip.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| NetworkError)?,
            None => bits_max,
        };
        if prefix_bits > bits_max {
            return Err(NetworkError);
        }
        Ok(Self { ip, prefix_bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_like_it() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.0", false),
            ("fd00::/8", "fdff::1", true),
            ("::/0", "ff02::1", true),
        ];
        for (network, ip, holds) in cases {
            let network: Network = network.parse().unwrap();
            assert_eq!(
                network.contains(ip.parse().unwrap()),
                holds,
                "{network:?} {ip}"
            );
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0/8",
            "10.0.0.0/8/8",
            "10.0.0.0/-1",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NetworkError), "{text}");
        }
    }
}
