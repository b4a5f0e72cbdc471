//! `[room]`: how many, and how long a room may stand empty.

use std::time::Duration;

use super::values::Values;
use super::{ConfigError, kinds};

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

impl Room {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        Ok(Self {
            max_participants: values.read_or(
                "room.max_participants",
                kinds::whole(2, 50),
                default.max_participants,
            )?,
            auto_end: values.read_or(
                "room.auto_end_seconds",
                kinds::seconds(1, 24 * 60 * 60),
                default.auto_end,
            )?,
        })
    }
}
