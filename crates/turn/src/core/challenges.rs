//! How many unauthenticated replies an address gets: a table of fixed size, so that no flood makes it grow, and whoever
//! forges a victim's address makes us send the victim next to nothing.
use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

use crate::time::Moment;

const SLOTS: usize = 1 << 15;

/// Replies sent in the current second, by a keyed hash of the address. Addresses that share a slot share its number.
#[derive(Debug)]
pub(super) struct Challenges {
    /// The second (low 16 bits) above, the number below.
    slots: Box<[AtomicU32]>,
    hasher: SeedableRandomState,
    per_second_max: u32,
}

impl Challenges {
    pub(super) fn new(key: &[u8; 32], per_second_max: u32) -> Self {
        let seed = u64::from_be_bytes(std::array::from_fn(|index| key[index]));
        Self {
            slots: (0..SLOTS).map(|_| AtomicU32::new(0)).collect(),
            hasher: SeedableRandomState::with_seed(seed, SharedSeed::global_random()),
            per_second_max: per_second_max.min(0xFFFF),
        }
    }

    /// Counts a reply to `ip`; false when it has had its share of this second.
    pub(super) fn admit(&self, ip: IpAddr, now: Moment) -> bool {
        let mut hasher = self.hasher.build_hasher();
        match ip {
            IpAddr::V4(ip) => hasher.write_u32(ip.into()),
            // Whoever has one address of a /64 has them all.
            IpAddr::V6(ip) => hasher.write_u128(u128::from(ip) >> 64),
        }
        let slot = usize::try_from(hasher.finish() % SLOTS as u64).unwrap_or_default();
        let second = u32::try_from(now.as_seconds() & 0xFFFF).unwrap_or_default() << 16;
        let admitted =
            self.slots[slot].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |value| {
                let number = if value & 0xFFFF_0000 == second {
                    value & 0xFFFF
                } else {
                    0
                };
                (number < self.per_second_max).then_some(second | (number + 1))
            });
        admitted.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_its_share_of_each_second() {
        let challenges = Challenges::new(&[3; 32], 10);
        let ip = IpAddr::from([198, 51, 100, 7]);
        for second in 1..4 {
            let admitted = (0..100)
                .filter(|_| challenges.admit(ip, Moment::from_millis(second * 1000)))
                .count();
            assert_eq!(admitted, 10);
        }
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let challenges = Challenges::new(&[3; 32], 10);
        let ips = (0..100_u16).map(|host| IpAddr::from([0x2a00, 1, 2, 3, 0, 0, 0, host]));
        assert_eq!(
            ips.filter(|ip| challenges.admit(*ip, Moment::from_millis(5000)))
                .count(),
            10
        );
    }
}
