//! `[signaling]`: heartbeats, waits and sizes of the socket layer (SPEC section 4).

use std::time::Duration;

use super::values::Values;
use super::{ConfigError, kinds};

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

impl Signaling {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        let wait = kinds::millis(10, HOUR_SECONDS * 1000);
        let read = Self {
            ping_interval: values.read_or(
                "signaling.ping_interval_ms",
                &wait,
                default.ping_interval,
            )?,
            ping_timeout: values.read_or(
                "signaling.ping_timeout_ms",
                &wait,
                default.ping_timeout,
            )?,
            connect_timeout: values.read_or(
                "signaling.connect_timeout_ms",
                &wait,
                default.connect_timeout,
            )?,
            join_timeout: values.read_or(
                "signaling.join_timeout_seconds",
                kinds::seconds(1, HOUR_SECONDS),
                default.join_timeout,
            )?,
            reconnect_grace: values.read_or(
                "signaling.reconnect_grace_seconds",
                kinds::seconds(0, HOUR_SECONDS),
                default.reconnect_grace,
            )?,
            max_payload_bytes: values.read_or(
                "signaling.max_payload_bytes",
                kinds::whole(PAYLOAD_BYTES_LEAST, PAYLOAD_BYTES_MOST),
                default.max_payload_bytes,
            )?,
            events_per_second: values.read_or(
                "signaling.events_per_second",
                kinds::whole(0, 1_000_000),
                default.events_per_second,
            )?,
            events_burst: values.read_or(
                "signaling.events_burst",
                kinds::whole(1, 1_000_000),
                default.events_burst,
            )?,
        };
        if read.events_per_second > read.events_burst {
            let problem = "must not be less than signaling.events_per_second";
            return Err(values.refuse("signaling.events_burst", problem));
        }
        Ok(read)
    }
}

const HOUR_SECONDS: i64 = 60 * 60;
/// An offer without trickled candidates must still fit.
const PAYLOAD_BYTES_LEAST: i64 = 1024;
const PAYLOAD_BYTES_MOST: i64 = 16 * 1024 * 1024;
