//! Nonces that prove themselves: nothing is kept for those who got one (RFC 8489 §9.2).
use std::time::Duration;

use ring::hmac;
use subtle::ConstantTimeEq;

use super::Client;
use crate::time::Moment;

/// The cookie, and the security features: the bit for password algorithms, in base64 (RFC 8489 §9.2, §18.1).
const PREFIX: &[u8; 13] = b"obMatJos2gAAA";
/// Seconds and MAC, in hex.
const STAMP_BYTES: usize = 8;
const MAC_BYTES: usize = 24;
pub(super) const NONCE_BYTES: usize = PREFIX.len() + STAMP_BYTES + MAC_BYTES;

/// Makes and checks nonces.
pub(super) struct Nonces {
    key: hmac::Key,
    age_seconds_max: u64,
}

impl Nonces {
    pub(super) fn new(key: &[u8; 32], age_max: Duration) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            age_seconds_max: age_max.as_secs(),
        }
    }

    /// A nonce that is good for this client alone.
    pub(super) fn make(&self, client: &Client, now: Moment) -> [u8; NONCE_BYTES] {
        self.stamped(client, u32::try_from(now.as_seconds()).unwrap_or(u32::MAX))
    }

    /// True when it was made for this client, not too long ago.
    pub(super) fn is_good(&self, nonce: &[u8], client: &Client, now: Moment) -> bool {
        let Some(stamp) = nonce.get(PREFIX.len()..PREFIX.len() + STAMP_BYTES) else {
            return false;
        };
        let Some(seconds) = std::str::from_utf8(stamp)
            .ok()
            .and_then(|text| u32::from_str_radix(text, 16).ok())
        else {
            return false;
        };
        let is_ours: bool = self.stamped(client, seconds).as_slice().ct_eq(nonce).into();
        let age = now.as_seconds().checked_sub(u64::from(seconds));
        is_ours && age.is_some_and(|age| age <= self.age_seconds_max)
    }

    fn stamped(&self, client: &Client, seconds: u32) -> [u8; NONCE_BYTES] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&seconds.to_be_bytes());
        context.update(client.transport.name().as_bytes());
        match client.address.ip() {
            std::net::IpAddr::V4(ip) => context.update(&ip.octets()),
            std::net::IpAddr::V6(ip) => context.update(&ip.octets()),
        }
        context.update(&client.address.port().to_be_bytes());
        let tag = context.sign();
        let mut nonce = [0; NONCE_BYTES];
        let (prefix, rest) = nonce.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX);
        let bytes = seconds
            .to_be_bytes()
            .into_iter()
            .chain(tag.as_ref().iter().copied());
        for (digits, byte) in rest.chunks_exact_mut(2).zip(bytes) {
            digits.copy_from_slice(&hex(byte));
        }
        nonce
    }
}

/// True when the client has seen that there is a choice of password algorithms (RFC 8489 §9.2.4).
pub(super) fn tells_of_algorithms(nonce: &[u8]) -> bool {
    nonce.starts_with(PREFIX)
}

fn hex(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [
        DIGITS[usize::from(byte >> 4)],
        DIGITS[usize::from(byte & 15)],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Transport;

    #[test]
    fn a_nonce_is_good_for_its_client_and_its_time() {
        let nonces = Nonces::new(&[1; 32], Duration::from_hours(1));
        let client = |transport, address: &str| Client {
            transport,
            link: 0,
            address: address.parse().unwrap(),
        };
        let alice = client(Transport::Udp, "198.51.100.1:5000");
        let at = Moment::from_millis(10_000_000);
        let nonce = nonces.make(&alice, at);
        assert!(nonces.is_good(&nonce, &alice, at));
        assert!(nonces.is_good(&nonce, &alice, at + Duration::from_hours(1)));
        assert!(!nonces.is_good(&nonce, &alice, at + Duration::from_secs(3601)));
        assert!(!nonces.is_good(&nonce, &alice, Moment::from_millis(9_000_000)));
        assert!(!nonces.is_good(&nonce, &client(Transport::Tcp, "198.51.100.1:5000"), at));
        assert!(!nonces.is_good(&nonce, &client(Transport::Udp, "198.51.100.1:5001"), at));
        assert!(!nonces.is_good(&nonce, &client(Transport::Udp, "198.51.100.2:5000"), at));
        assert!(!Nonces::new(&[2; 32], Duration::from_hours(1)).is_good(&nonce, &alice, at));
        for index in 0..NONCE_BYTES {
            let mut other = nonce;
            other[index] ^= 1;
            assert!(!nonces.is_good(&other, &alice, at));
            assert!(!nonces.is_good(&nonce[..index], &alice, at));
        }
    }
}
