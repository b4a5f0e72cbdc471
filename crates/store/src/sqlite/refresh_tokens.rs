//! Refresh tokens: spent once; revoking a family deletes it.

use async_trait::async_trait;
use holdspace_domain::{Timestamp, UserId};
use sqlx::SqliteConnection;

use super::Sqlite;
use super::rows::Columns;
use super::writer::Write;
use crate::{RefreshToken, RefreshTokenStore, Rotation, StoreError, TokenDigest};

#[async_trait]
impl RefreshTokenStore for Sqlite {
    async fn insert_refresh_token(&self, token: &RefreshToken) -> Result<(), StoreError> {
        self.writer.submit(Insert(*token)).await
    }

    async fn rotate_refresh_token(
        &self,
        old: TokenDigest,
        new: TokenDigest,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let rotate = Rotate {
            old,
            new,
            expires_at,
            now,
        };
        self.writer.submit(rotate).await
    }

    async fn revoke_refresh_family(&self, digest: TokenDigest) -> Result<bool, StoreError> {
        self.writer.submit(Revoke(digest)).await
    }

    async fn purge_refresh_tokens(&self, now: Timestamp) -> Result<(), StoreError> {
        self.writer.submit(Purge(now)).await
    }
}

struct Insert(RefreshToken);

#[async_trait]
impl Write for Insert {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        insert(connection, &self.0).await
    }
}

struct Rotate {
    old: TokenDigest,
    new: TokenDigest,
    expires_at: Timestamp,
    now: Timestamp,
}

#[async_trait]
impl Write for Rotate {
    type Answer = Rotation;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Rotation, StoreError> {
        let Some((old, spent)) = find(connection, self.old).await? else {
            return Ok(Rotation::Unknown);
        };
        if old.expires_at <= self.now {
            return Ok(Rotation::Unknown);
        }
        if spent {
            revoke(connection, self.old).await?;
            return Ok(Rotation::Reused);
        }
        sqlx::query("UPDATE refresh_tokens SET spent = 1 WHERE digest = ?")
            .bind(&self.old.0[..])
            .execute(&mut *connection)
            .await?;
        let new = RefreshToken {
            digest: self.new,
            expires_at: self.expires_at,
            ..old
        };
        insert(connection, &new).await?;
        Ok(Rotation::Rotated(old.user))
    }
}

struct Revoke(TokenDigest);

#[async_trait]
impl Write for Revoke {
    type Answer = bool;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<bool, StoreError> {
        revoke(connection, self.0).await
    }
}

struct Purge(Timestamp);

#[async_trait]
impl Write for Purge {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM refresh_tokens WHERE expires_at <= ?")
            .bind(self.0.as_millis())
            .execute(connection)
            .await?;
        Ok(())
    }
}

async fn insert(connection: &mut SqliteConnection, token: &RefreshToken) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refresh_tokens (digest, family, person, expires_at) VALUES (?, ?, ?, ?)",
    )
    .bind(&token.digest.0[..])
    .bind(&token.family[..])
    .bind(&token.user.as_bytes()[..])
    .bind(token.expires_at.as_millis())
    .execute(connection)
    .await?;
    Ok(())
}

/// A token and whether it is spent.
async fn find(
    connection: &mut SqliteConnection,
    digest: TokenDigest,
) -> Result<Option<(RefreshToken, bool)>, StoreError> {
    let row = sqlx::query(
        "SELECT family, person, expires_at, spent FROM refresh_tokens WHERE digest = ?",
    )
    .bind(&digest.0[..])
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let token = RefreshToken {
        digest,
        family: columns.bytes()?,
        user: UserId::from_bytes(columns.bytes()?),
        expires_at: columns.time()?,
    };
    Ok(Some((token, columns.take()?)))
}

async fn revoke(
    connection: &mut SqliteConnection,
    digest: TokenDigest,
) -> Result<bool, StoreError> {
    let revoked = sqlx::query(
        "DELETE FROM refresh_tokens
         WHERE family = (SELECT family FROM refresh_tokens WHERE digest = ?)",
    )
    .bind(&digest.0[..])
    .execute(connection)
    .await?;
    Ok(revoked.rows_affected() > 0)
}
