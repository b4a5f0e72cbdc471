//! The time as the core sees it: an argument of everything, in milliseconds since the relay began.
use std::ops::Add;
use std::time::Duration;

/// A moment, in milliseconds since a start that all shards share. It never goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// The start.
    pub const ZERO: Self = Self(0);

    /// The moment this many milliseconds after the start.
    pub fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the start.
    pub fn as_seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}
