//! Who waits for which record, so that one statement answers many.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::oneshot::{self, Receiver, Sender};

use super::cache::Lookup;

/// How many keys one statement looks up.
pub(super) const KEYS_MAX: usize = 16;

/// Keys to look up, in the order in which they were asked for.
pub(super) struct Queue<K: Lookup>(Mutex<VecDeque<Waiter<K>>>);

struct Waiter<K: Lookup> {
    key: K,
    answer: Sender<Option<K::Record>>,
}

/// What one statement looks up, and for whom. Dropped without an answer, each of them asks for himself.
pub(super) struct Batch<K: Lookup> {
    keys: Vec<K>,
    waiters: Vec<Waiter<K>>,
}

impl<K: Lookup> Queue<K> {
    /// Waits for a record. It comes when anybody has taken the batch in which it is, and answered it.
    pub(super) fn join(&self, key: K) -> Receiver<Option<K::Record>> {
        let (answer, answered) = oneshot::channel();
        self.0.lock().push_back(Waiter { key, answer });
        answered
    }

    /// Those who have waited longest, without those who have gone away.
    pub(super) fn take(&self) -> Batch<K> {
        let mut batch = Batch {
            keys: Vec::new(),
            waiters: Vec::new(),
        };
        let mut queue = self.0.lock();
        while let Some(waiter) = queue.pop_front() {
            if waiter.answer.is_closed() {
                continue;
            }
            if !batch.keys.contains(&waiter.key) {
                if batch.keys.len() == KEYS_MAX {
                    queue.push_front(waiter);
                    break;
                }
                batch.keys.push(waiter.key.clone());
            }
            batch.waiters.push(waiter);
        }
        batch
    }
}

impl<K: Lookup> Batch<K> {
    pub(super) fn keys(&self) -> &[K] {
        &self.keys
    }

    /// Tells everybody what was found; a key without a record is one that the database does not have.
    pub(super) fn answer(self, found: &[(K, K::Record)]) {
        for Waiter { key, answer } in self.waiters {
            let record = found.iter().find(|(of, _)| *of == key);
            // Who has gone away meanwhile misses nothing.
            let _ = answer.send(record.map(|(_, record)| record.clone()));
        }
    }
}

impl<K: Lookup> Default for Queue<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// Fills up a list of 1 to [`KEYS_MAX`] keys with its last one, so that a statement for lists of that
/// length can be kept prepared.
pub(super) fn padded<K>(keys: &[K]) -> impl Iterator<Item = &K> {
    let missing = KEYS_MAX - keys.len();
    keys.iter()
        .chain(keys.last().into_iter().cycle().take(missing))
}

/// [`KEYS_MAX`] parameters in parentheses.
macro_rules! key_list {
    () => {
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    };
}
pub(super) use key_list;
