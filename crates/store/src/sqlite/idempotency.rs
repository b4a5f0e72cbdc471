//! First replies: claims, replies, and how long each counts.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use holdspace_domain::Timestamp;
use sqlx::SqliteConnection;

use super::Sqlite;
use super::rows::Columns;
use super::writer::Write;
use crate::{Begun, IdempotencyKey, IdempotencyStore, Reply, StoreError};

/// How long a reply is sent again (SPEC row 14).
const REPLY_LIFETIME: Duration = Duration::from_hours(24);
/// After which time nobody can still be answering a claim.
const CLAIM_LIFETIME: Duration = Duration::from_secs(15);

#[async_trait]
impl IdempotencyStore for Sqlite {
    async fn begin_idempotent(
        &self,
        key: &IdempotencyKey,
        body_digest: [u8; 32],
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let begin = Begin {
            key: key.clone(),
            body_digest,
            now,
        };
        self.writer.submit(begin).await
    }

    async fn finish_idempotent(
        &self,
        key: &IdempotencyKey,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let finish = Finish {
            key: key.clone(),
            reply: reply.clone(),
            now,
        };
        self.writer.submit(finish).await
    }

    async fn abandon_idempotent(&self, key: &IdempotencyKey) -> Result<(), StoreError> {
        self.writer.submit(Abandon(key.clone())).await
    }

    async fn purge_idempotent(&self, now: Timestamp) -> Result<(), StoreError> {
        self.writer.submit(Purge(now)).await
    }
}

struct Begin {
    key: IdempotencyKey,
    body_digest: [u8; 32],
    now: Timestamp,
}

#[async_trait]
impl Write for Begin {
    type Answer = Begun;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Begun, StoreError> {
        match find(connection, &self.key).await? {
            Some(kept) if kept.counts(self.now) => Ok(kept.meets(self.body_digest)),
            _ => self.claim(connection).await.map(|()| Begun::First),
        }
    }
}

impl Begin {
    async fn claim(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT OR REPLACE INTO idempotency (person, path, key, body_digest, claimed_at)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&self.key.user.as_bytes()[..])
        .bind(self.key.path.as_str())
        .bind(self.key.key.as_str())
        .bind(&self.body_digest[..])
        .bind(self.now.as_millis())
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// What is kept under a key.
struct Kept {
    body_digest: [u8; 32],
    claimed_at: Timestamp,
    reply: Option<(Timestamp, Reply)>,
}

impl Kept {
    /// Whether it still counts at `now`.
    fn counts(&self, now: Timestamp) -> bool {
        match &self.reply {
            Some((answered_at, _)) => now < answered_at.plus(REPLY_LIFETIME),
            None => now < self.claimed_at.plus(CLAIM_LIFETIME),
        }
    }

    /// What a request with this body meets.
    fn meets(self, body_digest: [u8; 32]) -> Begun {
        match self.reply {
            _ if self.body_digest != body_digest => Begun::OtherBody,
            Some((_, reply)) => Begun::Replay(reply),
            None => Begun::InFlight,
        }
    }
}

async fn find(
    connection: &mut SqliteConnection,
    key: &IdempotencyKey,
) -> Result<Option<Kept>, StoreError> {
    let row = sqlx::query(
        "SELECT body_digest, claimed_at, answered_at, status, reply FROM idempotency
         WHERE person = ? AND path = ? AND key = ?",
    )
    .bind(&key.user.as_bytes()[..])
    .bind(key.path.as_str())
    .bind(key.key.as_str())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    Ok(Some(Kept {
        body_digest: columns.bytes()?,
        claimed_at: columns.time()?,
        reply: reply_of(&mut columns)?,
    }))
}

/// `answered_at, status, reply`: all or none.
fn reply_of(columns: &mut Columns<'_>) -> Result<Option<(Timestamp, Reply)>, StoreError> {
    let (Some(answered_at), Some(status), Some(body)) = (
        columns.take::<Option<i64>>()?,
        columns.take::<Option<i64>>()?,
        columns.take::<Option<Vec<u8>>>()?,
    ) else {
        return Ok(None);
    };
    let reply = Reply {
        status: u16::try_from(status).map_err(|_| StoreError::Corrupt("a reply".to_owned()))?,
        body: Bytes::from(body),
    };
    Ok(Some((Timestamp::from_millis(answered_at), reply)))
}

struct Finish {
    key: IdempotencyKey,
    reply: Reply,
    now: Timestamp,
}

#[async_trait]
impl Write for Finish {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        // The first reply stays: whoever took over an abandoned claim may have answered meanwhile.
        sqlx::query(
            "UPDATE idempotency SET answered_at = ?, status = ?, reply = ?
             WHERE person = ? AND path = ? AND key = ? AND answered_at IS NULL",
        )
        .bind(self.now.as_millis())
        .bind(self.reply.status)
        .bind(self.reply.body.to_vec())
        .bind(&self.key.user.as_bytes()[..])
        .bind(self.key.path.as_str())
        .bind(self.key.key.as_str())
        .execute(connection)
        .await?;
        Ok(())
    }
}

struct Abandon(IdempotencyKey);

#[async_trait]
impl Write for Abandon {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM idempotency
             WHERE person = ? AND path = ? AND key = ? AND answered_at IS NULL",
        )
        .bind(&self.0.user.as_bytes()[..])
        .bind(self.0.path.as_str())
        .bind(self.0.key.as_str())
        .execute(connection)
        .await?;
        Ok(())
    }
}

struct Purge(Timestamp);

#[async_trait]
impl Write for Purge {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        // A claim that was never answered goes the same way; it has long ceased to count.
        sqlx::query("DELETE FROM idempotency WHERE coalesce(answered_at, claimed_at) <= ?")
            .bind(self.0.minus(REPLY_LIFETIME).as_millis())
            .execute(connection)
            .await?;
        Ok(())
    }
}
