//! Sessions: what is written, statement by statement.

use async_trait::async_trait;
use holdspace_domain::{Session, SessionId, UserId};
use sqlx::SqliteConnection;

use super::rows::{Columns, bookings, facts_of, select_bookings};
use super::writer::Write;
use crate::{Inserted, StoreError};

/// Stores a new session, unless its `external_id` is known.
pub(super) struct Insert(pub(super) Session);

#[async_trait]
impl Write for Insert {
    type Answer = Inserted;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Inserted, StoreError> {
        let Self(session) = self;
        if let Some(known) = known(connection, session.external_id.as_deref()).await? {
            return Ok(known);
        }
        let (status, started_at, ended_at) = facts_of(&session.state);
        sqlx::query(
            "INSERT INTO sessions (id, external_id, session_date, duration_minutes, session_type,
                 status, payment, started_at, ended_at, room, created_at, updated_at, version)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&session.id.as_bytes()[..])
        .bind(session.external_id.as_deref())
        .bind(session.session_date.as_millis())
        .bind(session.duration_minutes)
        .bind(session.session_type.snake())
        .bind(status)
        .bind(session.payment.snake())
        .bind(started_at)
        .bind(ended_at)
        .bind(session.room.as_ref().map(|room| room.as_str().to_owned()))
        .bind(session.created_at.as_millis())
        .bind(session.updated_at.as_millis())
        .bind(version(session)?)
        .execute(&mut *connection)
        .await?;
        seat(connection, session).await?;
        Ok(Inserted::New)
    }
}

/// Saves a session if nobody has saved it since it was loaded; says whether.
pub(super) struct Save(pub(super) Session);

#[async_trait]
impl Write for Save {
    type Answer = bool;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<bool, StoreError> {
        let Self(session) = self;
        let (status, started_at, ended_at) = facts_of(&session.state);
        let saved = sqlx::query(
            "UPDATE sessions SET external_id = ?, session_date = ?, duration_minutes = ?,
                 session_type = ?, status = ?, payment = ?, started_at = ?, ended_at = ?, room = ?,
                 updated_at = ?, version = version + 1
             WHERE id = ? AND version = ?",
        )
        .bind(session.external_id.as_deref())
        .bind(session.session_date.as_millis())
        .bind(session.duration_minutes)
        .bind(session.session_type.snake())
        .bind(status)
        .bind(session.payment.snake())
        .bind(started_at)
        .bind(ended_at)
        .bind(session.room.as_ref().map(|room| room.as_str().to_owned()))
        .bind(session.updated_at.as_millis())
        .bind(&session.id.as_bytes()[..])
        .bind(version(session)?)
        .execute(&mut *connection)
        .await?;
        if saved.rows_affected() == 0 {
            return Ok(false);
        }
        if seated(connection, session.id).await? != session.people().collect::<Vec<_>>() {
            reseat(connection, session).await?;
        }
        Ok(true)
    }
}

fn version(session: &Session) -> Result<i64, StoreError> {
    i64::try_from(session.version).map_err(|_| StoreError::Refused("its version is impossible"))
}

async fn known(
    connection: &mut SqliteConnection,
    external_id: Option<&str>,
) -> Result<Option<Inserted>, StoreError> {
    let Some(external_id) = external_id else {
        return Ok(None);
    };
    let rows = sqlx::query(select_bookings!(
        "",
        "WHERE s.external_id = ? ORDER BY p.seat"
    ))
    .bind(external_id)
    .fetch_all(connection)
    .await?;
    Ok(bookings(&rows)?.pop().map(Inserted::Known))
}

async fn seated(
    connection: &mut SqliteConnection,
    session: SessionId,
) -> Result<Vec<UserId>, StoreError> {
    let rows = sqlx::query("SELECT person FROM session_people WHERE session = ? ORDER BY seat")
        .bind(&session.as_bytes()[..])
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Columns::of(row).bytes().map(UserId::from_bytes))
        .collect()
}

async fn reseat(connection: &mut SqliteConnection, session: &Session) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM session_people WHERE session = ?")
        .bind(&session.id.as_bytes()[..])
        .execute(&mut *connection)
        .await?;
    seat(connection, session).await
}

async fn seat(connection: &mut SqliteConnection, session: &Session) -> Result<(), StoreError> {
    for (seat, person) in (0_i64..).zip(session.people()) {
        sqlx::query(
            "INSERT INTO session_people (session, seat, person, session_date) VALUES (?, ?, ?, ?)",
        )
        .bind(&session.id.as_bytes()[..])
        .bind(seat)
        .bind(&person.as_bytes()[..])
        .bind(session.session_date.as_millis())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
