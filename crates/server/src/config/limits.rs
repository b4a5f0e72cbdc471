//! `[rate_limit]`: how often in a minute (SPEC row 18).

use super::values::Values;
use super::{ConfigError, kinds};

/// Hits in a fixed window of 60 s; 0 means no limit.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// Sign-in endpoints, per client address.
    pub auth_per_minute: u32,
    /// Video-call endpoints together, per user.
    pub video_calls_per_minute: u32,
    /// Socket connections, per user.
    pub connections_per_minute: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            auth_per_minute: 5,
            video_calls_per_minute: 10,
            connections_per_minute: 3,
        }
    }
}

impl RateLimit {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        let hits = kinds::whole(0, 1_000_000);
        Ok(Self {
            auth_per_minute: values.read_or(
                "rate_limit.auth_per_minute",
                &hits,
                default.auth_per_minute,
            )?,
            video_calls_per_minute: values.read_or(
                "rate_limit.video_calls_per_minute",
                &hits,
                default.video_calls_per_minute,
            )?,
            connections_per_minute: values.read_or(
                "rate_limit.connections_per_minute",
                &hits,
                default.connections_per_minute,
            )?,
        })
    }
}
