//! `[rate_limit]`: how often in a minute (SPEC row 18).

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
