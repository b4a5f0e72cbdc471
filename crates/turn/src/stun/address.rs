//! Addresses in attributes, plain and XORed with the magic cookie and the transaction (RFC 8489 §14.1, §14.2).
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{MAGIC_COOKIE, TransactionId};

/// The family of an address (RFC 8489 §14.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Family {
    Ipv4 = 1,
    Ipv6 = 2,
}

impl Family {
    /// The family of `ip`.
    pub fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::Ipv4 } else { Self::Ipv6 }
    }

    /// The family with this number on the wire.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Ipv4),
            2 => Some(Self::Ipv6),
            _ => None,
        }
    }

    /// 0 or 1, to keep something for each family.
    pub fn index(self) -> usize {
        usize::from(self == Self::Ipv6)
    }
}

/// What an IPv6 address is XORed with; the first four bytes are for IPv4.
fn mask(transaction: &TransactionId) -> [u8; 16] {
    let mut mask = [0; 16];
    mask[..4].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
    mask[4..].copy_from_slice(&transaction.0);
    mask
}

fn xor<const N: usize>(bytes: [u8; N], mask: &[u8; 16]) -> [u8; N] {
    std::array::from_fn(|index| bytes[index] ^ mask[index])
}

/// Reads the value of an XORed address; `None` when its length or family is wrong.
pub(super) fn parse_xor(value: &[u8], transaction: &TransactionId) -> Option<SocketAddr> {
    let mask = mask(transaction);
    let (&[_, family, port_high, port_low], ip) = value.split_first_chunk()?;
    let port = u16::from_be_bytes(xor([port_high, port_low], &mask));
    let ip: IpAddr = match Family::from_number(family)? {
        Family::Ipv4 => Ipv4Addr::from(xor(<[u8; 4]>::try_from(ip).ok()?, &mask)).into(),
        Family::Ipv6 => Ipv6Addr::from(xor(<[u8; 16]>::try_from(ip).ok()?, &mask)).into(),
    };
    Some(SocketAddr::new(ip, port))
}

/// Writes the value of an XORed address; with no transaction, of a plain one.
pub(super) fn write(out: &mut Vec<u8>, address: SocketAddr, transaction: Option<&TransactionId>) {
    let mask = transaction.map_or([0; 16], mask);
    out.extend([0, Family::of(address.ip()) as u8]);
    out.extend(xor(address.port().to_be_bytes(), &mask));
    match address.ip() {
        IpAddr::V4(ip) => out.extend(xor(ip.octets(), &mask)),
        IpAddr::V6(ip) => out.extend(xor(ip.octets(), &mask)),
    }
}
