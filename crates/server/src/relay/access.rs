//! Who may use the relay: holders of credentials that `GET /video-calls/config` gave them, until the visit
//! that they were for is over.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use holdspace_domain::{SessionId, Timestamp, UserId};
use holdspace_turn::{Credential, Credentials, SharedSecrets, Standing, Usage};
use parking_lot::Mutex;

use super::visits::{Presence, Visits};
use crate::clock::{Clock, SystemClock};
use crate::config::Secret;

/// The secrets, and whose visits are over.
pub struct Access {
    secrets: SharedSecrets,
    /// How long credentials are good for when they are made.
    ttl: Duration,
    /// Users whose credentials from before a moment are worth nothing any more, by the name in them.
    over: Mutex<HashMap<String, Timestamp>>,
    visits: Arc<Visits>,
}

impl Access {
    /// `secret` signs; `previous` is still good.
    pub fn new(secret: &Secret, previous: Option<&Secret>, ttl: Duration) -> Self {
        let secrets = [Some(secret), previous];
        Self {
            secrets: SharedSecrets::new(secrets.into_iter().flatten().map(Secret::expose)),
            ttl,
            over: Mutex::default(),
            visits: Arc::default(),
        }
    }

    /// Makes what was given to this user until now worthless: at the next refresh the relay ends it.
    pub fn end(&self, user: UserId, now: Timestamp) {
        let mut over = self.over.lock();
        // What was made before these has expired by itself.
        over.retain(|_, ended| ended.plus(self.ttl) >= now);
        over.insert(user.to_string(), now);
    }

    /// Has what this user is relayed from now on count for this visit, until the answer is dropped.
    pub fn enter(&self, user: UserId, session: SessionId) -> Presence {
        self.visits.enter(user, session)
    }

    fn find_at(&self, username: &str, now: Timestamp) -> Option<Credential> {
        let seconds = u64::try_from(now.as_unix_seconds()).ok()?;
        let mut credential = self.secrets.find_at(username, seconds)?;
        if self.is_over(&credential, now) {
            credential.standing = Standing::Over;
        }
        Some(credential)
    }

    fn is_over(&self, credential: &Credential, now: Timestamp) -> bool {
        let Standing::Valid { remaining } = credential.standing else {
            return true;
        };
        let over = self.over.lock();
        let ended = over.get(&credential.user);
        // Names carry whole seconds: one made in the second of the end is over too.
        ended.is_some_and(|ended| {
            let made = now.plus(remaining).minus(self.ttl);
            made.as_unix_seconds() <= ended.as_unix_seconds()
        })
    }
}

impl Credentials for Access {
    fn find(&self, username: &str) -> Option<Credential> {
        self.find_at(username, SystemClock.now())
    }

    fn allocated(&self, user: &str) -> u64 {
        self.visits.allocated(user)
    }

    fn released(&self, usage: &Usage<'_>) {
        // Browsers ask for an allocation by every way, and use one.
        let is_used = usage.sent_bytes + usage.received_bytes > 0;
        if !is_used {
            tracing::debug!(user = usage.user, "an allocation was not used");
        }
        if let Some(relayed) = self.visits.released(usage) {
            tracing::info!(
                session = %relayed.session,
                seconds = relayed.duration().as_secs(),
                sent_bytes = relayed.sent_bytes(),
                received_bytes = relayed.received_bytes(),
                people = %relayed,
                "a visit was relayed"
            );
        }
        if usage.tag > 0 || !is_used {
            return;
        }
        tracing::info!(
            user = usage.user,
            transport = usage.transport.name(),
            seconds = usage.duration.as_secs(),
            sent_bytes = usage.sent_bytes,
            received_bytes = usage.received_bytes,
            "relayed outside a visit"
        );
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use holdspace_domain::TurnCredential;

    use super::*;

    const TTL: Duration = Duration::from_hours(6);
    const USER: UserId = UserId::from_bytes([7; 12]);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis((1_700_000_000 + seconds) * 1000 + 400)
    }

    fn name(made: i64) -> String {
        TurnCredential::mint(b"secret", USER, TTL, at(made)).username
    }

    #[test]
    fn the_end_of_a_visit_ends_what_was_given_before_it() {
        let access = Access::new(&Secret::new("secret"), None, TTL);
        access.end(USER, at(100));
        for (made, now, is_over) in [
            (0, 100, true),
            (0, 2000, true),
            (100, 101, true),
            (101, 101, false),
            (500, 600, false),
        ] {
            let standing = access.find_at(&name(made), at(now)).unwrap().standing;
            assert_eq!(standing == Standing::Over, is_over, "{made} at {now}");
        }
        let other = TurnCredential::mint(b"secret", UserId::from_bytes([8; 12]), TTL, at(0));
        let standing = access.find_at(&other.username, at(200)).unwrap().standing;
        assert!(matches!(standing, Standing::Valid { .. }));
    }

    #[test]
    fn what_would_have_expired_is_forgotten() {
        let access = Access::new(&Secret::new("secret"), None, TTL);
        for number in 0..100 {
            let user = UserId::from_bytes([number; 12]);
            access.end(user, at(i64::from(number) * 3600));
        }
        assert_eq!(access.over.lock().len(), 7);
    }

    #[test]
    fn both_secrets_make_passwords() {
        let (new, old) = (Secret::new("new"), Secret::new("old"));
        let access = Access::new(&new, Some(&old), TTL);
        let passwords = access.find_at(&name(0), at(1)).unwrap().passwords;
        let minted = |secret| TurnCredential::mint(secret, USER, TTL, at(0)).credential;
        assert_eq!(passwords, [minted(b"new"), minted(b"old")]);
    }
}
