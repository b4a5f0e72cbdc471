//! Records as they stand in one snapshot of the database.

use std::collections::HashMap;
use std::hash::Hash;

use async_trait::async_trait;
use parking_lot::Mutex;
use sqlx::SqliteConnection;

use super::queue::Queue;
use super::wal_index::Snapshot;
use crate::StoreError;

/// How many records of a kind are kept; the largest, bookings, take about one KiB each.
const RECORDS_MAX: usize = 32_768;

/// A key under which the database holds one record or none.
#[async_trait]
pub(super) trait Lookup: Clone + Eq + Hash + Send + Sync {
    type Record: Clone + Send + Sync;

    /// Reads the records of one to [`KEYS_MAX`](super::queue::KEYS_MAX) keys, as far as there are any, in
    /// one statement, hence in one snapshot.
    async fn look_up(
        keys: &[Self],
        connection: &mut SqliteConnection,
    ) -> Result<Vec<(Self, Self::Record)>, StoreError>;
}

/// Records that were read in one snapshot, and answer as long as that is the current one; and who waits
/// for others.
pub(super) struct Cache<K: Lookup> {
    kept: Mutex<Kept<K>>,
    pub(super) queue: Queue<K>,
}

struct Kept<K: Lookup> {
    snapshot: Option<Snapshot>,
    records: HashMap<K, K::Record>,
}

impl<K: Lookup> Cache<K> {
    /// The record, if it was read in this very snapshot.
    pub(super) fn get(&self, snapshot: Snapshot, key: &K) -> Option<K::Record> {
        let kept = self.kept.lock();
        if kept.snapshot != Some(snapshot) {
            return None;
        }
        kept.records.get(key).cloned()
    }

    /// Keeps records that were read in `snapshot`, and forgets those of other snapshots.
    pub(super) fn keep(&self, snapshot: Snapshot, found: &[(K, K::Record)]) {
        let mut kept = self.kept.lock();
        if kept.snapshot != Some(snapshot) || kept.records.len() + found.len() > RECORDS_MAX {
            kept.records.clear();
            kept.snapshot = Some(snapshot);
        }
        kept.records.extend(found.iter().cloned());
    }
}

impl<K: Lookup> Default for Cache<K> {
    fn default() -> Self {
        Self {
            kept: Mutex::new(Kept {
                snapshot: None,
                records: HashMap::new(),
            }),
            queue: Queue::default(),
        }
    }
}
