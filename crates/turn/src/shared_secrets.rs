//! Credentials that expire, made from a secret that the application shares with the relay
//! (draft-uberti-behave-turn-rest-00): the username is `<unix expiry>:<user>`, the password its HMAC-SHA1 in base64.
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::hmac;

use crate::credentials::{Credential, Credentials, Standing};

/// The secrets that are good: one, or two while one follows the other.
pub struct SharedSecrets {
    keys: Vec<hmac::Key>,
}

impl SharedSecrets {
    /// The newest secret first: `password` uses it.
    pub fn new<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let key = |secret: S| hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_ref());
        Self {
            keys: secrets.into_iter().map(key).collect(),
        }
    }

    /// The credential of `username` at a time in seconds of Unix; `None` when it has expired or has no such form.
    pub fn find_at(&self, username: &str, unix_seconds: u64) -> Option<Credential> {
        let (expiry, user) = username.split_once(':')?;
        if !expiry.bytes().all(|byte| byte.is_ascii_digit()) || user.is_empty() {
            return None;
        }
        let remaining = expiry.parse::<u64>().ok()?.checked_sub(unix_seconds)?;
        let password = |key| BASE64_STANDARD.encode(hmac::sign(key, username.as_bytes()));
        Some(Credential {
            user: user.to_owned(),
            passwords: self.keys.iter().map(password).collect(),
            standing: Standing::Valid {
                remaining: Duration::from_secs(remaining),
            },
        })
    }
}

impl Credentials for SharedSecrets {
    fn find(&self, username: &str) -> Option<Credential> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        self.find_at(username, now.as_secs())
    }
}

impl fmt::Debug for SharedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSecrets").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_has_its_password_until_the_expiry() {
        let secrets = SharedSecrets::new(["new", "old"]);
        let credential = secrets.find_at("1700003600:alice", 1_700_000_000).unwrap();
        assert_eq!(credential.user, "alice");
        assert_eq!(
            credential.standing,
            Standing::Valid {
                remaining: Duration::from_hours(1)
            }
        );
        assert_eq!(credential.passwords.len(), 2);
        assert_eq!(
            credential.passwords[1],
            SharedSecrets::new(["old"])
                .find_at("1700003600:alice", 0)
                .unwrap()
                .passwords[0]
        );
        assert!(secrets.find_at("1700003600:alice", 1_700_003_601).is_none());
    }

    #[test]
    fn other_usernames_are_unknown() {
        let secrets = SharedSecrets::new(["secret"]);
        for username in [
            "",
            "alice",
            "1700003600:",
            ":alice",
            "-1:alice",
            "+1700003600:alice",
            "99999999999999999999:a",
        ] {
            assert!(secrets.find_at(username, 0).is_none(), "{username}");
        }
    }
}
