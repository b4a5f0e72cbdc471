//! How much is too much: fixed windows for requests, a token bucket for a socket's events.

use std::time::Duration;

use crate::Timestamp;

/// How long a fixed window lasts (SPEC row 18).
pub const WINDOW: Duration = Duration::from_mins(1);

/// One subject's hits in the current window, which began with the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedWindow {
    began_at: Timestamp,
    hits: u32,
}

/// How a hit stands against its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the hit is within the limit.
    pub allowed: bool,
    pub limit: u32,
    /// Hits left in this window.
    pub remaining: u32,
    /// When the window ends.
    pub resets_at: Timestamp,
}

impl FixedWindow {
    /// A window that begins now, without a hit.
    pub const fn new(now: Timestamp) -> Self {
        Self {
            began_at: now,
            hits: 0,
        }
    }

    /// When it ends.
    pub fn ends_at(&self) -> Timestamp {
        self.began_at.plus(WINDOW)
    }

    /// Whether it is over, or lies in the future because the clock was set back.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends_at() || now < self.began_at
    }

    /// Counts a hit; a window that is over begins anew with it.
    pub fn hit(&mut self, limit: u32, now: Timestamp) -> Verdict {
        if self.is_over(now) {
            *self = Self::new(now);
        }
        let allowed = self.hits < limit;
        if allowed {
            self.hits += 1;
        }
        Verdict {
            allowed,
            limit,
            remaining: limit - self.hits.min(limit),
            resets_at: self.ends_at(),
        }
    }
}

impl Verdict {
    /// Whole seconds until the window ends, at least 1: the value of `Retry-After`.
    pub fn retry_after_seconds(&self, now: Timestamp) -> i64 {
        (self.resets_at.millis_since(now).max(0) + 999)
            .div_euclid(1000)
            .max(1)
    }

    /// When the window ends in Unix seconds, rounded up: the value of `X-RateLimit-Reset`.
    pub const fn reset_unix_seconds(&self) -> i64 {
        (self.resets_at.as_millis() + 999).div_euclid(1000)
    }
}

/// A socket's allowance of events: `per_second` for long, `burst` at once.
#[derive(Clone, Copy, Debug)]
pub struct EventBudget {
    per_second: u32,
    burst: u32,
    /// In thousandths of an event.
    level: u64,
    filled_at: Timestamp,
}

impl EventBudget {
    /// A full bucket. `per_second` 0 means no limit.
    pub const fn new(per_second: u32, burst: u32, now: Timestamp) -> Self {
        Self {
            per_second,
            burst,
            level: burst as u64 * 1000,
            filled_at: now,
        }
    }

    /// Takes one event; false when the bucket is empty.
    pub fn take(&mut self, now: Timestamp) -> bool {
        if self.per_second == 0 {
            return true;
        }
        let passed = u64::try_from(now.millis_since(self.filled_at)).unwrap_or(0);
        self.filled_at = now;
        let refill = passed.saturating_mul(u64::from(self.per_second));
        self.level = self
            .level
            .saturating_add(refill)
            .min(u64::from(self.burst) * 1000);
        let enough = self.level >= 1000;
        if enough {
            self.level -= 1000;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    #[test]
    fn a_window_begins_with_the_first_hit_and_lasts_60_seconds() {
        let mut window = FixedWindow::new(at(0));
        for (millis, allowed, remaining) in [
            (0, true, 1),
            (10, true, 0),
            (59_999, false, 0),
            (60_000, true, 1),
            (60_001, true, 0),
            (60_002, false, 0),
        ] {
            let verdict = window.hit(2, at(millis));
            assert_eq!(
                (verdict.allowed, verdict.remaining),
                (allowed, remaining),
                "{millis}"
            );
        }
        assert_eq!(window.ends_at(), at(120_000));
    }

    #[test]
    fn a_clock_set_back_begins_a_new_window() {
        let mut window = FixedWindow::new(at(50_000));
        assert!(window.hit(1, at(50_000)).allowed);
        assert!(window.hit(1, at(0)).allowed);
    }

    #[test]
    fn waiting_is_told_in_whole_seconds() {
        let verdict = FixedWindow::new(at(0)).hit(1, at(0));
        for (millis, seconds) in [(0, 60), (1, 60), (59_000, 1), (59_999, 1), (61_000, 1)] {
            assert_eq!(verdict.retry_after_seconds(at(millis)), seconds, "{millis}");
        }
        assert_eq!(verdict.reset_unix_seconds(), 1060);
    }

    #[test]
    fn a_burst_is_allowed_and_a_flood_is_not() {
        let mut budget = EventBudget::new(50, 500, at(0));
        assert_eq!((0..600).filter(|_| budget.take(at(0))).count(), 500);
        assert_eq!((0..100).filter(|_| budget.take(at(1000))).count(), 50);
        assert!(!budget.take(at(1000)));
        let mut steady = EventBudget::new(50, 500, at(0));
        assert!((0..10_000).all(|event| steady.take(at(event * 20))));
        let mut unlimited = EventBudget::new(0, 0, at(0));
        assert!((0..10_000).all(|_| unlimited.take(at(0))));
    }
}
