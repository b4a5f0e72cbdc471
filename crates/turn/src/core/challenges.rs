//! How many unauthenticated replies an address gets: a table of fixed size, so that no flood makes it grow, and whoever
//! forges a victim's address makes us send the victim next to nothing. Beyond that, replies are earned by what nobody can
//! forge, a request with credentials: a clinic behind one NAT comes at once, and pays for what is sent there.
use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

use crate::time::Moment;

const SLOTS: usize = 1 << 15;
/// What a request with credentials earns. Such a request is long: with two challenges for it, what is sent stays below
/// 1.5 times what has come.
const EARNED: u64 = 2;
const CREDIT_MAX: u64 = 200;
/// Credit is worth nothing when none was earned for so long.
const CREDIT_MINUTES: u64 = 10;

/// What a slot says of its addresses: the minute in which credit was earned last (24 bits), the credit (8 bits), the
/// second that was counted last (16 bits), and the replies in it without credit (16 bits).
#[derive(Clone, Copy)]
struct Slot {
    earned_minute: u64,
    credit: u64,
    second: u64,
    replies: u64,
}

impl From<u64> for Slot {
    fn from(bits: u64) -> Self {
        Self {
            earned_minute: bits >> 40,
            credit: (bits >> 32) & 0xFF,
            second: (bits >> 16) & 0xFFFF,
            replies: bits & 0xFFFF,
        }
    }
}

impl From<Slot> for u64 {
    fn from(slot: Slot) -> Self {
        (slot.earned_minute << 40) | (slot.credit << 32) | (slot.second << 16) | slot.replies
    }
}

impl Slot {
    fn credit_at(&self, minute: u64) -> u64 {
        if minute.saturating_sub(self.earned_minute) < CREDIT_MINUTES {
            self.credit
        } else {
            0
        }
    }

    /// One more reply in this second, from the share that all have or from what was earned.
    fn admit(self, now: Moment, per_second_max: u64) -> Option<Self> {
        let second = now.as_seconds() & 0xFFFF;
        let replies = if self.second == second {
            self.replies
        } else {
            0
        };
        if replies < per_second_max {
            return Some(Self {
                second,
                replies: replies + 1,
                ..self
            });
        }
        let credit = self.credit_at(minute_of(now)).checked_sub(1)?;
        Some(Self { credit, ..self })
    }

    fn earn(self, now: Moment) -> Self {
        let minute = minute_of(now);
        Self {
            earned_minute: minute,
            credit: (self.credit_at(minute) + EARNED).min(CREDIT_MAX),
            ..self
        }
    }
}

fn minute_of(now: Moment) -> u64 {
    (now.as_seconds() / 60) & 0xFF_FFFF
}

/// Replies sent in the current second and credit, by a keyed hash of the address. Addresses that share a slot share its
/// numbers.
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
            per_second_max: u64::from(per_second_max).min(0xFFFF),
        }
    }

    /// Counts a reply to `ip`; false when it has had its share of this second and what it earned.
    pub(super) fn admit(&self, ip: IpAddr, now: Moment) -> bool {
        self.slot(ip)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| {
                let slot = Slot::from(bits).admit(now, self.per_second_max)?;
                Some(slot.into())
            })
            .is_ok()
    }

    /// Notes a request from `ip` with good credentials, and with a nonce that was given to it.
    pub(super) fn earn(&self, ip: IpAddr, now: Moment) {
        // It always gives a new value, so it does not fail.
        let _ = self
            .slot(ip)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| {
                Some(Slot::from(bits).earn(now).into())
            });
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
    fn a_request_with_credentials_earns_two_more() {
        let challenges = Challenges::new(&[3; 32], 10);
        let ip = IpAddr::from([198, 51, 100, 7]);
        let at = |seconds: u64| Moment::from_millis(70_020_000 + seconds * 1000);
        let admitted = |seconds| {
            (0..1000)
                .filter(|_| challenges.admit(ip, at(seconds)))
                .count()
        };
        let earn = |requests, seconds| {
            for _ in 0..requests {
                challenges.earn(ip, at(seconds));
            }
        };
        assert_eq!(admitted(0), 10);
        earn(3, 0);
        assert_eq!((admitted(0), admitted(1)), (6, 10));
        earn(3, 2);
        assert_eq!((admitted(2), admitted(3)), (16, 10));
        earn(1000, 4);
        assert_eq!((admitted(4), admitted(5)), (210, 10));
        earn(1000, 6);
        assert_eq!(admitted(599), 210);
        earn(1000, 600);
        assert_eq!(admitted(1200), 10);
        earn(1, 1200);
        assert_eq!(admitted(1201), 12);
    }

    #[test]
    fn what_one_address_earns_is_of_no_use_to_another() {
        let challenges = Challenges::new(&[3; 32], 10);
        let at = Moment::from_millis(5000);
        challenges.earn([198, 51, 100, 7].into(), at);
        let admitted = (0..100)
            .filter(|_| challenges.admit([198, 51, 100, 8].into(), at))
            .count();
        assert_eq!(admitted, 10);
    }
}
