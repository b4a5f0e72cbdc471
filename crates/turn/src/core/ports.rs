//! Which ports of the relayed addresses are given away.
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::stun::Family;

/// What EVEN-PORT asks of a port (RFC 8656 §18.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parity {
    Any,
    Even,
    /// Even, and the one above is kept for later.
    EvenPair,
}

/// A bit for each port of each family.
#[derive(Debug)]
pub(super) struct Ports {
    range: RangeInclusive<u16>,
    taken: [Box<[AtomicU64]>; 2],
}

impl Ports {
    pub(super) fn new(range: RangeInclusive<u16>) -> Self {
        let bits = || (0..1024).map(|_| AtomicU64::new(0)).collect();
        Self {
            range,
            taken: [bits(), bits()],
        }
    }

    /// Every port, from the one that `chance` (any number) points at.
    pub(super) fn candidates(&self, chance: u32) -> impl Iterator<Item = u16> + use<> {
        let first = u32::from(*self.range.start());
        let count = self.range.len().try_into().unwrap_or(0_u32);
        let start = if count == 0 { 0 } else { chance % count };
        (0..count)
            .map(move |step| u16::try_from(first + (start + step) % count).unwrap_or(u16::MAX))
    }

    /// Takes a port as `parity` wants it; false when it is not to be had.
    pub(super) fn take(&self, family: Family, port: u16, parity: Parity) -> bool {
        if parity != Parity::Any && !port.is_multiple_of(2) {
            return false;
        }
        if !self.take_one(family, port) {
            return false;
        }
        if parity == Parity::EvenPair
            && (!self.range.contains(&(port | 1)) || !self.take_one(family, port | 1))
        {
            self.give_back(family, port);
            return false;
        }
        true
    }

    pub(super) fn give_back(&self, family: Family, port: u16) {
        let (word, bit) = self.place(family, port);
        word.fetch_and(!bit, Ordering::Relaxed);
    }

    /// True for the ports of allocations and reservations.
    pub(super) fn is_taken(&self, family: Family, port: u16) -> bool {
        let (word, bit) = self.place(family, port);
        word.load(Ordering::Relaxed) & bit != 0
    }

    fn take_one(&self, family: Family, port: u16) -> bool {
        let (word, bit) = self.place(family, port);
        word.fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    fn place(&self, family: Family, port: u16) -> (&AtomicU64, u64) {
        (
            &self.taken[family.index()][usize::from(port / 64)],
            1 << (port % 64),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_all_ports_once() {
        let ports = Ports::new(65530..=65535);
        let mut candidates: Vec<u16> = ports.candidates(u32::MAX).collect();
        assert_eq!(candidates[0], 65533);
        candidates.sort_unstable();
        assert_eq!(candidates, (65530..=65535).collect::<Vec<_>>());
        assert_eq!(Ports::new(49152..=65535).candidates(7).count(), 16384);
        #[allow(clippy::reversed_empty_ranges, reason = "it is what is tested")]
        let none = Ports::new(2..=1);
        assert_eq!(none.candidates(7).count(), 0);
    }

    #[test]
    fn a_pair_is_taken_whole_or_not_at_all() {
        let ports = Ports::new(1000..=1004);
        assert!(ports.take(Family::Ipv4, 1001, Parity::Any));
        assert!(!ports.take(Family::Ipv4, 1000, Parity::EvenPair));
        assert!(!ports.is_taken(Family::Ipv4, 1000));
        assert!(ports.take(Family::Ipv4, 1000, Parity::Even));
        assert!(!ports.take(Family::Ipv4, 1003, Parity::Even));
        assert!(
            ports.take(Family::Ipv4, 1002, Parity::EvenPair) && ports.is_taken(Family::Ipv4, 1003)
        );
        assert!(
            !ports.take(Family::Ipv4, 1004, Parity::EvenPair),
            "1005 is outside"
        );
        assert!(
            ports.take(Family::Ipv6, 1000, Parity::EvenPair),
            "families do not share ports"
        );
    }
}
