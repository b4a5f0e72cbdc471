//! `[room]`: how many, and how long a room may stand empty.

use std::time::Duration;

/// Limits of a room.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// How many people a session may book (SPEC row 23).
    pub max_participants: usize,
    /// How long a call goes on in an empty room. `room.auto_end_seconds`
    pub auto_end: Duration,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            max_participants: 8,
            auto_end: Duration::from_mins(5),
        }
    }
}
