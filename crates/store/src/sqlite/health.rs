//! Readiness: a real read and a real write, at most about once a second.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use sqlx::SqliteConnection;

use super::Sqlite;
use super::writer::Write;
use crate::{Health, StoreError};

/// For how long a success holds.
const FRESH: Duration = Duration::from_secs(1);

/// When a probe last succeeded.
#[derive(Debug, Default)]
pub(super) struct Probe {
    succeeded: Mutex<Option<Instant>>,
}

impl Probe {
    /// A write has failed since: the next probe is a real one.
    pub(super) fn forget(&self) {
        *self.succeeded.lock() = None;
    }
}

#[async_trait]
impl Health for Sqlite {
    async fn ping(&self) -> Result<(), StoreError> {
        let last = *self.probe.succeeded.lock();
        if last.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(());
        }
        let wrote = self.writer.submit(Count).await?;
        let mut connection = self.reader.connection().await?;
        let read: i64 = sqlx::query_scalar("SELECT count FROM probe")
            .fetch_one(&mut *connection)
            .await?;
        drop(connection);
        if read < wrote {
            return Err(StoreError::Corrupt("a write that is not seen".to_owned()));
        }
        *self.probe.succeeded.lock() = Some(Instant::now());
        Ok(())
    }
}

struct Count;

#[async_trait]
impl Write for Count {
    type Answer = i64;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<i64, StoreError> {
        let count = sqlx::query_scalar(
            "INSERT INTO probe (id, count) VALUES (1, 1)
             ON CONFLICT (id) DO UPDATE SET count = count + 1 RETURNING count",
        )
        .fetch_one(connection)
        .await?;
        Ok(count)
    }
}
