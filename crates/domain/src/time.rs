//! Instants in milliseconds since the Unix epoch, and the window in which a session can be joined.

use std::time::Duration;

/// An instant, in milliseconds since the Unix epoch. Always given by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Before everything.
    pub const EARLIEST: Self = Self(i64::MIN);

    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn as_unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The milliseconds from `earlier` to `self`; negative when `earlier` is the later one.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This instant plus `duration`, at the far end of time when that overflows.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// This instant minus `duration`.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// How long before and after its `sessionDate` a session can be joined. Both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinWindow {
    pub before: Duration,
    pub after: Duration,
}

impl Default for JoinWindow {
    /// 15 minutes before to 2 hours after (reference, "Validation Rules").
    fn default() -> Self {
        Self {
            before: Duration::from_mins(15),
            after: Duration::from_hours(2),
        }
    }
}

impl JoinWindow {
    /// The first instant at which a session of this date can be joined.
    pub fn opens(&self, session_date: Timestamp) -> Timestamp {
        session_date.minus(self.before)
    }

    /// The last instant at which a session of this date can be joined.
    pub fn closes(&self, session_date: Timestamp) -> Timestamp {
        session_date.plus(self.after)
    }

    /// Whether `at` lies in the window, both ends included.
    pub fn contains(&self, session_date: Timestamp, at: Timestamp) -> bool {
        self.opens(session_date) <= at && at <= self.closes(session_date)
    }
}

/// `minutesUntilSession`: minutes from `now` to `session_date`, rounded to the nearest, half up;
/// negative once the time has passed.
pub fn minutes_until(session_date: Timestamp, now: Timestamp) -> i64 {
    whole_minutes(session_date.millis_since(now))
}

/// Milliseconds as whole minutes, nearest, half up.
pub(crate) const fn whole_minutes(millis: i64) -> i64 {
    millis.saturating_add(30_000).div_euclid(60_000)
}

/// Milliseconds as whole seconds, nearest, half up.
pub(crate) const fn whole_seconds(millis: i64) -> i64 {
    millis.saturating_add(500).div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: Timestamp = Timestamp::from_millis(1_765_807_200_000);

    #[test]
    fn the_window_includes_both_ends() {
        let window = JoinWindow::default();
        let minute = 60_000;
        for (offset, inside) in [
            (-15 * minute - 1, false),
            (-15 * minute, true),
            (0, true),
            (120 * minute, true),
            (120 * minute + 1, false),
        ] {
            let at = Timestamp::from_millis(DATE.as_millis() + offset);
            assert_eq!(window.contains(DATE, at), inside, "offset {offset} ms");
        }
    }

    #[test]
    fn minutes_are_rounded_to_the_nearest() {
        for (millis_before, minutes) in [
            (600_000, 10),
            (629_999, 10),
            (630_000, 11),
            (29_999, 0),
            (-29_999, 0),
            (-30_000, 0),
            (-30_001, -1),
            (-90_000, -1),
            (-600_000, -10),
        ] {
            let now = Timestamp::from_millis(DATE.as_millis() - millis_before);
            assert_eq!(
                minutes_until(DATE, now),
                minutes,
                "{millis_before} ms before"
            );
        }
    }
}
