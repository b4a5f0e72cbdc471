//! Reads: bookings from memory while nothing was committed, everything else from one connection.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use holdspace_domain::SessionId;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::cache::Cache;
use super::rows;
use super::wal_index::{Snapshot, WalIndex};
use crate::{Booking, StoreError};

/// A connection that only reads, and what it has read.
pub(super) struct Reader {
    /// `None` once it is closed.
    connection: Mutex<Option<SqliteConnection>>,
    closed: AtomicBool,
    /// Bound to the connection above, which keeps the index in being. `None` where it cannot be read:
    /// then nothing is answered from memory.
    index: Option<WalIndex>,
    cache: Cache,
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
            .inspect_err(|error| tracing::warn!(%error, "bookings are not cached"))
            .ok();
        Ok(Self {
            connection: Mutex::new(Some(connection)),
            closed: AtomicBool::new(false),
            index,
            cache: Cache::default(),
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

    /// A booking as it stands now or stood at some moment since the call.
    pub(super) async fn booking(&self, id: SessionId) -> Result<Option<Arc<Booking>>, StoreError> {
        if let Some(booking) = self.cached(id) {
            return Ok(Some(booking));
        }
        let mut connection = self.connection().await?;
        // Somebody may have read it while this one waited.
        if let Some(booking) = self.cached(id) {
            return Ok(Some(booking));
        }
        let before = self.snapshot();
        let booking = rows::load_booking(&mut connection, id).await?;
        // Equal snapshots around it say in which one it was read.
        if let (Some(booking), Some(snapshot)) = (&booking, before)
            && self.snapshot() == before
        {
            self.cache.keep(snapshot, booking);
        }
        Ok(booking)
    }

    fn cached(&self, id: SessionId) -> Option<Arc<Booking>> {
        self.cache.load(self.snapshot()?, id)
    }

    fn snapshot(&self) -> Option<Snapshot> {
        // Without a connection the index is nobody's any more.
        if self.closed.load(Ordering::Acquire) {
            return None;
        }
        self.index.as_ref()?.snapshot()
    }
}
