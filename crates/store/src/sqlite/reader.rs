//! Reads: what is often asked from memory while nothing was committed, the rest from one connection.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use holdspace_domain::{RoomId, SessionId, UserId};
use sqlx::{Connection, SqliteConnection};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::cache::{Cache, Lookup};
use super::wal_index::{Snapshot, WalIndex};
use crate::StoreError;

/// A connection that only reads, and what it has read.
pub(super) struct Reader {
    /// `None` once it is closed.
    connection: Mutex<Option<SqliteConnection>>,
    closed: AtomicBool,
    /// Bound to the connection above, which keeps the index in being. `None` where it cannot be read:
    /// then nothing is answered from memory.
    index: Option<WalIndex>,
    pub(super) bookings: Cache<SessionId>,
    pub(super) rooms: Cache<RoomId>,
    pub(super) people: Cache<UserId>,
}

impl Reader {
    /// Takes over a connection to the database at `path`, a path without symbolic links.
    pub(super) async fn start(
        path: &Path,
        mut connection: SqliteConnection,
    ) -> Result<Self, sqlx::Error> {
        // The first read maps the index.
        sqlx::query("SELECT count(*) FROM probe")
            .fetch_one(&mut connection)
            .await?;
        let index = WalIndex::open(path)
            .inspect_err(|error| tracing::warn!(%error, "nothing is answered from memory"))
            .ok();
        Ok(Self {
            connection: Mutex::new(Some(connection)),
            closed: AtomicBool::new(false),
            index,
            bookings: Cache::default(),
            rooms: Cache::default(),
            people: Cache::default(),
        })
    }

    /// The connection, for one query or a few.
    pub(super) async fn connection(
        &self,
    ) -> Result<MappedMutexGuard<'_, SqliteConnection>, StoreError> {
        MutexGuard::try_map(self.connection.lock().await, Option::as_mut)
            .map_err(|_| StoreError::Unavailable("the database is closed".into()))
    }

    /// Closes the connection. Later reads are `Unavailable`.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let connection = self.connection.lock().await.take();
        if let Some(connection) = connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database was not closed well");
        }
    }

    /// A record as it stands now or stood at some moment since the call. Those who ask while a statement
    /// runs are answered together by the next.
    pub(super) async fn find<K: Lookup>(
        &self,
        cache: &Cache<K>,
        key: &K,
    ) -> Result<Option<K::Record>, StoreError> {
        if let Some(record) = self.remembered(cache, key) {
            return Ok(Some(record));
        }
        let mut answered = cache.queue.join(key.clone());
        let mut connection = self.connection().await?;
        loop {
            match answered.try_recv() {
                Ok(found) => return Ok(found),
                Err(TryRecvError::Empty) => {
                    let batch = cache.queue.take();
                    let found = self.look_up(cache, batch.keys(), &mut connection).await;
                    // One record that cannot be read is no trouble of those who asked for others.
                    if let Ok(found) = found {
                        batch.answer(&found);
                    }
                }
                Err(TryRecvError::Closed) => {
                    let own = std::slice::from_ref(key);
                    let found = self.look_up(cache, own, &mut connection).await?;
                    return Ok(found.into_iter().next().map(|(_, record)| record));
                }
            }
        }
    }

    async fn look_up<K: Lookup>(
        &self,
        cache: &Cache<K>,
        keys: &[K],
        connection: &mut SqliteConnection,
    ) -> Result<Vec<(K, K::Record)>, StoreError> {
        let before = self.snapshot();
        let found = K::look_up(keys, connection).await?;
        // Equal snapshots around it say in which one it was read.
        if let Some(snapshot) = before
            && self.snapshot() == before
        {
            cache.keep(snapshot, &found);
        }
        Ok(found)
    }

    fn remembered<K: Lookup>(&self, cache: &Cache<K>, key: &K) -> Option<K::Record> {
        cache.get(self.snapshot()?, key)
    }

    fn snapshot(&self) -> Option<Snapshot> {
        // Without a connection the index is nobody's any more.
        if self.closed.load(Ordering::Acquire) {
            return None;
        }
        self.index.as_ref()?.snapshot()
    }
}
