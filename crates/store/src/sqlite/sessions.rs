//! Sessions: how each call of the trait is answered.

use std::sync::Arc;

use async_trait::async_trait;
use holdspace_domain::{RoomId, Session, SessionId, Timestamp};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::cache::Lookup;
use super::queue::{key_list, padded};
use super::rows::{bookings, select_bookings};
use super::session_writes::{Insert, Save};
use super::{Sqlite, session_pages};
use crate::{Booking, Inserted, Page, SessionFilter, SessionStore, StoreError};

#[async_trait]
impl SessionStore for Sqlite {
    async fn insert_session(&self, session: &Session) -> Result<Inserted, StoreError> {
        self.writer.submit(Insert(session.clone())).await
    }

    async fn load_session(&self, id: SessionId) -> Result<Option<Arc<Booking>>, StoreError> {
        self.reader.find(&self.reader.bookings, &id).await
    }

    async fn load_session_by_room(
        &self,
        room: &RoomId,
    ) -> Result<Option<Arc<Booking>>, StoreError> {
        self.reader.find(&self.reader.rooms, room).await
    }

    async fn save_session(&self, session: &Session) -> Result<bool, StoreError> {
        self.writer.submit(Save(session.clone())).await
    }

    async fn list_sessions(&self, filter: &SessionFilter) -> Result<Page, StoreError> {
        let mut connection = self.reader.connection().await?;
        session_pages::load(&mut connection, filter).await
    }

    async fn sessions_in_progress(&self) -> Result<Vec<Session>, StoreError> {
        let mut connection = self.reader.connection().await?;
        let rows = sqlx::query(select_bookings!(
            "",
            "WHERE s.status = 'in_progress' ORDER BY s.session_date, s.id, p.seat"
        ))
        .fetch_all(&mut *connection)
        .await?;
        sessions(&rows)
    }

    async fn sessions_closed_since(&self, since: Timestamp) -> Result<Vec<Session>, StoreError> {
        let mut connection = self.reader.connection().await?;
        let rows = sqlx::query(select_bookings!(
            "",
            "WHERE s.status IN ('completed', 'cancelled', 'declined') AND s.updated_at >= ?
             ORDER BY s.updated_at, s.id, p.seat"
        ))
        .bind(since.as_millis())
        .fetch_all(&mut *connection)
        .await?;
        sessions(&rows)
    }
}

fn sessions(rows: &[SqliteRow]) -> Result<Vec<Session>, StoreError> {
    let found = bookings(rows)?;
    Ok(found.iter().map(|found| found.session.clone()).collect())
}

#[async_trait]
impl Lookup for SessionId {
    type Record = Arc<Booking>;

    async fn look_up(
        keys: &[Self],
        connection: &mut SqliteConnection,
    ) -> Result<Vec<(Self, Arc<Booking>)>, StoreError> {
        let query = if let [key] = keys {
            sqlx::query(select_bookings!("", "WHERE s.id = ? ORDER BY p.seat"))
                .bind(&key.as_bytes()[..])
        } else {
            let list = select_bookings!(
                "",
                concat!("WHERE s.id IN ", key_list!(), " ORDER BY s.id, p.seat")
            );
            padded(keys).fold(sqlx::query(list), |query, key| {
                query.bind(&key.as_bytes()[..])
            })
        };
        let found = bookings(&query.fetch_all(connection).await?)?;
        Ok(found
            .into_iter()
            .map(|booking| (booking.session.id, booking))
            .collect())
    }
}

#[async_trait]
impl Lookup for RoomId {
    type Record = Arc<Booking>;

    async fn look_up(
        keys: &[Self],
        connection: &mut SqliteConnection,
    ) -> Result<Vec<(Self, Arc<Booking>)>, StoreError> {
        let query = if let [key] = keys {
            sqlx::query(select_bookings!("", "WHERE s.room = ? ORDER BY p.seat")).bind(key.as_str())
        } else {
            let list = select_bookings!(
                "",
                concat!("WHERE s.room IN ", key_list!(), " ORDER BY s.id, p.seat")
            );
            padded(keys).fold(sqlx::query(list), |query, key| query.bind(key.as_str()))
        };
        let found = bookings(&query.fetch_all(connection).await?)?;
        Ok(found
            .into_iter()
            .filter_map(|booking| Some((booking.session.room.clone()?, booking)))
            .collect())
    }
}
