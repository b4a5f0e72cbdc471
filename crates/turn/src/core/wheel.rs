//! When allocations are looked at again: a slot for each second. A refresh moves nothing; what is not yet due when its
//! slot comes is put into a later one.
use crate::time::Moment;

const SLOTS: u64 = 1024;

/// An allocation's index, and its number, since an index is used again.
pub(super) type Entry = (u32, u32);

#[derive(Debug)]
pub(super) struct Wheel {
    slots: Vec<Vec<Entry>>,
    /// The first second that has not been looked at.
    next_second: u64,
    entries: usize,
}

impl Wheel {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![Vec::new(); usize::try_from(SLOTS).unwrap_or_default()],
            next_second: 0,
            entries: 0,
        }
    }

    /// Has the entry come up at `at`, or earlier when that is far away; tells when.
    pub(super) fn add(&mut self, entry: Entry, at: Moment) -> Moment {
        let second = at
            .as_millis()
            .div_ceil(1000)
            .clamp(self.next_second, self.next_second + SLOTS - 1);
        self.slot(second).push(entry);
        self.entries += 1;
        Moment::from_millis(second * 1000)
    }

    /// Everything that has come up.
    pub(super) fn due(&mut self, now: Moment) -> Vec<Entry> {
        let mut due = Vec::new();
        let end = now.as_seconds() + 1;
        // After a long pause every slot is looked at once, not every second.
        self.next_second = self.next_second.max(end.saturating_sub(SLOTS));
        while self.next_second < end {
            let second = self.next_second;
            due.append(self.slot(second));
            self.next_second += 1;
        }
        self.entries -= due.len();
        due
    }

    /// The next second in which something comes up.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        if self.entries == 0 {
            return None;
        }
        (self.next_second..self.next_second + SLOTS)
            .find(|second| !self.slots[index(*second)].is_empty())
            .map(|second| Moment::from_millis(second * 1000))
    }

    fn slot(&mut self, second: u64) -> &mut Vec<Entry> {
        &mut self.slots[index(second)]
    }
}

fn index(second: u64) -> usize {
    usize::try_from(second % SLOTS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_up_in_their_second_or_earlier_when_far() {
        let mut wheel = Wheel::new();
        wheel.add((1, 0), Moment::from_millis(1500));
        wheel.add((2, 0), Moment::from_millis(3_000_000));
        assert_eq!(wheel.due(Moment::from_millis(1999)), []);
        assert_eq!(wheel.next_deadline(), Some(Moment::from_millis(2000)));
        assert_eq!(wheel.due(Moment::from_millis(2000)), [(1, 0)]);
        assert_eq!(wheel.next_deadline(), Some(Moment::from_millis(1_023_000)));
        assert_eq!(wheel.due(Moment::from_millis(9_000_000)), [(2, 0)]);
        assert_eq!(wheel.next_deadline(), None);
        wheel.add((3, 0), Moment::from_millis(1));
        assert_eq!(wheel.due(Moment::from_millis(9_000_999)), []);
        assert_eq!(wheel.due(Moment::from_millis(9_001_000)), [(3, 0)]);
    }
}
