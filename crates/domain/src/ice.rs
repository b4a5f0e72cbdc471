//! Time-limited TURN credentials (SPEC section 2; the "TURN REST API" draft, draft-uberti-behave-turn-rest-00).

use std::fmt;
use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::{Timestamp, UserId};

/// Username and credential for a TURN server that shares a secret with us.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnCredential {
    /// `<unix expiry>:<user id>`.
    pub username: String,
    /// base64(HMAC-SHA1(secret, username)).
    pub credential: String,
    pub expires_at: Timestamp,
}

impl TurnCredential {
    /// Makes the credential of `user`, valid for `ttl` from `now`.
    pub fn mint(secret: &[u8], user: UserId, ttl: Duration, now: Timestamp) -> Self {
        let expiry = now.plus(ttl).as_unix_seconds();
        let username = format!("{expiry}:{user}");
        let credential = BASE64_STANDARD.encode(sign(secret, username.as_bytes()));
        Self {
            username,
            credential,
            expires_at: Timestamp::from_millis(expiry * 1000),
        }
    }
}

fn sign(secret: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length (RFC 2104 §2), so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

impl fmt::Debug for TurnCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnCredential")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_sha1_is_that_of_rfc_2202() {
        // RFC 2202 §3, test case 2.
        let mac = sign(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(BASE64_STANDARD.encode(mac), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn the_username_carries_expiry_and_user() {
        let user = UserId::parse("507f1f77bcf86cd799439012").unwrap();
        let now = Timestamp::from_millis(1_700_000_000_900);
        let turn = TurnCredential::mint(b"secret", user, Duration::from_hours(1), now);
        assert_eq!(turn.username, "1700003600:507f1f77bcf86cd799439012");
        assert_eq!(turn.expires_at.as_millis(), 1_700_003_600_000);
    }
}
