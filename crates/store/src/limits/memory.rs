//! Fixed windows in the memory of a single node, forgotten when they are over.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use async_trait::async_trait;
use holdspace_domain::{FixedWindow, Timestamp, Verdict, WINDOW};
use parking_lot::Mutex;

use super::LimitStore;
use crate::StoreError;

const SHARDS: usize = 16;

/// Counters in memory.
#[derive(Debug)]
pub struct MemoryLimits {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug)]
struct Shard {
    windows: HashMap<Box<str>, FixedWindow>,
    /// Windows that are over are dropped once a window's length, so that memory is bounded by the
    /// subjects of two windows.
    swept_at: Timestamp,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        let shard = || Shard {
            windows: HashMap::new(),
            swept_at: Timestamp::EARLIEST,
        };
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::new(shard())),
        }
    }
}

impl Shard {
    fn hit(&mut self, subject: &str, limit: u32, now: Timestamp) -> Verdict {
        if now >= self.swept_at.plus(WINDOW) {
            self.windows.retain(|_, window| !window.is_over(now));
            self.swept_at = now;
        }
        if let Some(window) = self.windows.get_mut(subject) {
            return window.hit(limit, now);
        }
        let mut window = FixedWindow::new(now);
        let verdict = window.hit(limit, now);
        self.windows.insert(subject.into(), window);
        verdict
    }
}

#[async_trait]
impl LimitStore for MemoryLimits {
    async fn hit(&self, subject: &str, limit: u32, now: Timestamp) -> Result<Verdict, StoreError> {
        let hash = self.hasher.hash_one(subject);
        let shard = usize::try_from(hash % SHARDS as u64).unwrap_or(0);
        Ok(self.shards[shard].lock().hit(subject, limit, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_are_over_are_forgotten() {
        let mut shard = Shard {
            windows: HashMap::new(),
            swept_at: Timestamp::EARLIEST,
        };
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        for subject in 0..100 {
            shard.hit(&subject.to_string(), 1, at(0));
        }
        shard.hit("late", 1, at(59));
        assert_eq!(shard.windows.len(), 101);
        shard.hit("next", 1, at(60));
        assert_eq!(shard.windows.len(), 2);
    }

    #[test]
    fn subjects_do_not_count_for_each_other() {
        let mut shard = Shard {
            windows: HashMap::new(),
            swept_at: Timestamp::EARLIEST,
        };
        let now = Timestamp::from_millis(0);
        assert!(shard.hit("a", 1, now).allowed);
        assert!(!shard.hit("a", 1, now).allowed);
        assert!(shard.hit("b", 1, now).allowed);
    }
}
