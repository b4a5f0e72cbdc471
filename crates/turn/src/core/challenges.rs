//! How many unauthenticated replies an address gets: a table of fixed size, so that no flood makes it grow, and whoever
//! forges a victim's address makes us send the victim next to nothing. An address that somebody with credentials has
//! answered from is no forgery, and gets more: a family behind one NAT may all come at once.
use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

use crate::time::Moment;

const SLOTS: usize = 1 << 15;
/// How much more a known address gets, and for how long.
const KNOWN_FACTOR: u64 = 20;
const KNOWN_SECONDS: u64 = 600;

/// What a slot says of its addresses: the second until which they are known (32 bits), the second that was counted last
/// (16 bits), and the replies in it (16 bits).
#[derive(Clone, Copy)]
struct Slot {
    known_until: u64,
    second: u64,
    replies: u64,
}

impl From<u64> for Slot {
    fn from(bits: u64) -> Self {
        Self {
            known_until: bits >> 32,
            second: (bits >> 16) & 0xFFFF,
            replies: bits & 0xFFFF,
        }
    }
}

impl From<Slot> for u64 {
    fn from(slot: Slot) -> Self {
        (slot.known_until << 32) | (slot.second << 16) | slot.replies
    }
}

/// Replies sent in the current second, by a keyed hash of the address. Addresses that share a slot share its numbers.
#[derive(Debug)]
pub(super) struct Challenges {
    slots: Box<[AtomicU64]>,
    hasher: SeedableRandomState,
    per_second_max: u64,
}

impl Challenges {
    pub(super) fn new(key: &[u8; 32], per_second_max: u32) -> Self {
        let seed = u64::from_be_bytes(std::array::from_fn(|index| key[index]));
        Self {
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            hasher: SeedableRandomState::with_seed(seed, SharedSeed::global_random()),
            per_second_max: u64::from(per_second_max),
        }
    }

    /// Counts a reply to `ip`; false when it has had its share of this second.
    pub(super) fn admit(&self, ip: IpAddr, now: Moment) -> bool {
        let second = now.as_seconds() & 0xFFFF;
        let admitted = self
            .slot(ip)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| {
                let slot = Slot::from(bits);
                let is_known = slot.known_until > now.as_seconds();
                let share = self.per_second_max * if is_known { KNOWN_FACTOR } else { 1 };
                let replies = if slot.second == second {
                    slot.replies
                } else {
                    0
                };
                (replies < share.min(0xFFFF)).then(|| {
                    Slot {
                        second,
                        replies: replies + 1,
                        ..slot
                    }
                    .into()
                })
            });
        admitted.is_ok()
    }

    /// Notes that somebody at `ip` got our answer, and had credentials.
    pub(super) fn know(&self, ip: IpAddr, now: Moment) {
        let known_until = now.as_seconds() + KNOWN_SECONDS;
        // A concurrent change is another proof, or a reply that goes uncounted.
        let slot = self.slot(ip);
        let before = Slot::from(slot.load(Ordering::Relaxed));
        if before.known_until < known_until {
            slot.store(
                Slot {
                    known_until,
                    ..before
                }
                .into(),
                Ordering::Relaxed,
            );
        }
    }

    fn slot(&self, ip: IpAddr) -> &AtomicU64 {
        let mut hasher = self.hasher.build_hasher();
        match ip {
            IpAddr::V4(ip) => hasher.write_u32(ip.into()),
            // Whoever has one address of a /64 has them all.
            IpAddr::V6(ip) => hasher.write_u128(u128::from(ip) >> 64),
        }
        &self.slots[usize::try_from(hasher.finish() % SLOTS as u64).unwrap_or_default()]
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

    #[test]
    fn a_known_address_gets_more_for_a_while() {
        let challenges = Challenges::new(&[3; 32], 10);
        let (ip, start) = (
            IpAddr::from([198, 51, 100, 7]),
            Moment::from_millis(70_000_000),
        );
        let admitted = |at| (0..1000).filter(|_| challenges.admit(ip, at)).count();
        assert_eq!(admitted(start), 10);
        challenges.know(ip, start);
        assert_eq!(admitted(start), 190);
        let later = |seconds| start + std::time::Duration::from_secs(seconds);
        assert_eq!((admitted(later(599)), admitted(later(600))), (200, 10));
        assert_eq!(
            (0..1000)
                .filter(|_| challenges.admit([198, 51, 100, 8].into(), start))
                .count(),
            10
        );
    }
}
