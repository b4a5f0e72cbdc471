//! `[signaling]`: heartbeats, waits and sizes of the socket layer (SPEC section 4).

use std::time::Duration;

/// Each field is the key of the same name; durations carry their unit in the key alone.
#[derive(Clone, Copy, Debug)]
pub struct Signaling {
    /// `signaling.ping_interval_ms`
    pub ping_interval: Duration,
    /// `signaling.ping_timeout_ms`
    pub ping_timeout: Duration,
    /// How long a connection may take to send its CONNECT. `signaling.connect_timeout_ms`
    pub connect_timeout: Duration,
    /// How long a socket may be connected without a room. `signaling.join_timeout_seconds`
    pub join_timeout: Duration,
    /// How long a lost socket keeps its place. `signaling.reconnect_grace_seconds`
    pub reconnect_grace: Duration,
    /// The longest message on either transport.
    pub max_payload_bytes: usize,
    /// Events of one socket that are allowed for long; 0 means no limit.
    pub events_per_second: u32,
    /// Events of one socket that are allowed at once.
    pub events_burst: u32,
}

impl Default for Signaling {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(45),
            join_timeout: Duration::from_mins(1),
            reconnect_grace: Duration::from_secs(10),
            max_payload_bytes: 131_072,
            events_per_second: 50,
            events_burst: 500,
        }
    }
}
