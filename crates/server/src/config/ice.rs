//! `[ice]`: the STUN and TURN servers that clients are told to use.

use std::time::Duration;

use super::Secret;

/// With `turn_secret` every user gets credentials of his own that expire; with `turn_username` and
/// `turn_credential` all get the same. Never both.
#[derive(Clone, Debug)]
pub struct Ice {
    pub stun_urls: Vec<String>,
    pub turn_urls: Vec<String>,
    pub turn_secret: Option<Secret>,
    pub turn_username: Option<String>,
    pub turn_credential: Option<Secret>,
    /// How long a minted credential is good for. `ice.credential_ttl_seconds`
    ///
    /// Six hours: a TURN server asks for valid credentials at every refresh of an allocation, so they
    /// must outlast the join window (2 h 15 min) and a long visit that begins at its end.
    pub credential_ttl: Duration,
}

impl Default for Ice {
    fn default() -> Self {
        Self {
            stun_urls: vec![
                "stun:stun.l.google.com:19302".to_owned(),
                "stun:stun1.l.google.com:19302".to_owned(),
            ],
            turn_urls: Vec::new(),
            turn_secret: None,
            turn_username: None,
            turn_credential: None,
            credential_ttl: Duration::from_hours(6),
        }
    }
}
