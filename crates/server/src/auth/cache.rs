//! Tokens whose signature was found good, so that it is checked once and not per request.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use ring::digest::{SHA256, digest};

use super::Claims;

/// How many tokens a generation holds; two are kept.
const TOKENS_MAX: usize = 16_384;

/// SHA-256 of a token: the map's key, so that no comparison runs over a secret.
pub(super) type TokenDigest = [u8; 32];

/// Two generations: the older one is dropped when the newer is full. Times are not cached: whoever
/// takes claims from here checks them against the clock.
#[derive(Debug, Default)]
pub(super) struct TokenCache(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    /// The version of the keys with which everything here was checked.
    keys_version: u64,
    newer: HashMap<TokenDigest, Arc<Claims>>,
    older: HashMap<TokenDigest, Arc<Claims>>,
}

/// The key of a token.
pub(super) fn token_digest(token: &str) -> TokenDigest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}

impl TokenCache {
    /// The claims of a token that was checked with these keys.
    pub(super) fn get(&self, token: &TokenDigest, keys_version: u64) -> Option<Arc<Claims>> {
        let generations = self.0.lock();
        if generations.keys_version != keys_version {
            return None;
        }
        let found = generations.newer.get(token);
        found.or_else(|| generations.older.get(token)).cloned()
    }

    /// Remembers a token; what was checked with older keys is forgotten.
    pub(super) fn insert(&self, token: TokenDigest, claims: Arc<Claims>, keys_version: u64) {
        let mut generations = self.0.lock();
        if keys_version < generations.keys_version {
            return;
        }
        if keys_version > generations.keys_version {
            *generations = Generations {
                keys_version,
                ..Generations::default()
            };
        }
        if generations.newer.len() >= TOKENS_MAX {
            generations.older = std::mem::take(&mut generations.newer);
        }
        generations.newer.insert(token, claims);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdspace_domain::{Timestamp, UserId};

    fn claims() -> Arc<Claims> {
        Arc::new(Claims {
            user: UserId::from_bytes([1; 12]),
            role: None,
            name: None,
            expires_at: Timestamp::from_millis(0),
            not_before: None,
        })
    }

    #[test]
    fn new_keys_forget_what_old_ones_found_good() {
        let cache = TokenCache::default();
        let token = token_digest("a.b.c");
        cache.insert(token, claims(), 1);
        assert!(cache.get(&token, 1).is_some());
        assert!(cache.get(&token, 2).is_none());
        cache.insert(token_digest("d.e.f"), claims(), 2);
        assert!(cache.get(&token, 1).is_none());
        cache.insert(token, claims(), 1);
        assert!(cache.get(&token, 1).is_none());
    }

    #[test]
    fn it_never_holds_more_than_two_generations() {
        let cache = TokenCache::default();
        for number in 0..3 * TOKENS_MAX {
            cache.insert(token_digest(&number.to_string()), claims(), 0);
        }
        let generations = cache.0.lock();
        assert_eq!(
            generations.newer.len() + generations.older.len(),
            2 * TOKENS_MAX
        );
    }
}
