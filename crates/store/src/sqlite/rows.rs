//! Rows into what they say: sessions, people, bookings.

use std::sync::Arc;

use holdspace_domain::{
    PaymentStatus, Person, Role, RoomId, Session, SessionId, SessionState, SessionStatus,
    SessionType, Timestamp, UserId,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};

use crate::{Booking, StoreError};

/// A query for bookings: one row for each person, sessions together, people by seat.
macro_rules! select_bookings {
    ($head:literal, $tail:expr) => {
        concat!(
            $head,
            " SELECT s.id, s.external_id, s.session_date, s.duration_minutes, s.session_type,",
            " s.status, s.payment, s.started_at, s.ended_at, s.room, s.created_at, s.updated_at,",
            " s.version, u.id, u.name, u.email, u.role",
            " FROM sessions s JOIN session_people p ON p.session = s.id",
            " JOIN users u ON u.id = p.person ",
            $tail
        )
    };
}
pub(super) use select_bookings;

/// Reads the columns of a row from left to right.
pub(super) struct Columns<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r SqliteRow) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn take<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, StoreError> {
        let value = self.row.try_get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self.take()?;
        bytes
            .try_into()
            .map_err(|_| StoreError::Corrupt(format!("{} bytes instead of {N}", bytes.len())))
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.take().map(Timestamp::from_millis)
    }

    /// A column that `parse` understands; `what` names it when it does not.
    fn parsed<T, E>(
        &mut self,
        what: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        parse(self.take()?).map_err(|_| StoreError::Corrupt(what.to_owned()))
    }

    fn number<T: TryFrom<i64>>(&mut self, what: &str) -> Result<T, StoreError> {
        T::try_from(self.take()?).map_err(|_| StoreError::Corrupt(what.to_owned()))
    }

    /// `id, name, email, role`
    pub(super) fn person(&mut self) -> Result<Person, StoreError> {
        Ok(Person {
            id: UserId::from_bytes(self.bytes()?),
            name: self.take()?,
            email: self.take()?,
            role: self.parsed("a role", Role::parse)?,
        })
    }

    /// The columns of `sessions` in the order of `select_bookings`; the people are given.
    fn session(&mut self, people: &[Person]) -> Result<Session, StoreError> {
        let [client, psychologist, guests @ ..] = people else {
            return Err(StoreError::Corrupt("a session of less than two".to_owned()));
        };
        let id = SessionId::from_bytes(self.bytes()?);
        let external_id = self.take()?;
        let session_date = self.time()?;
        let duration_minutes = self.number("a duration")?;
        let session_type = self.parsed("a session type", SessionType::parse)?;
        let status = self.parsed("a status", SessionStatus::parse)?;
        let payment = self.parsed("a payment", PaymentStatus::parse)?;
        let started_at = self.take::<Option<i64>>()?;
        let ended_at = self.take::<Option<i64>>()?;
        let room = self.take::<Option<&str>>()?;
        Ok(Session {
            id,
            external_id,
            client: client.id,
            psychologist: psychologist.id,
            guests: guests.iter().map(|guest| guest.id).collect(),
            session_date,
            duration_minutes,
            session_type,
            state: state_of(status, started_at, ended_at)?,
            payment,
            room: room
                .map(RoomId::parse)
                .transpose()
                .map_err(|_| StoreError::Corrupt("a room".to_owned()))?,
            created_at: self.time()?,
            updated_at: self.time()?,
            version: self.number("a version")?,
        })
    }
}

/// The columns that belong to a session's status: the status, the start, the end.
pub(super) fn facts_of(state: &SessionState) -> (&'static str, Option<i64>, Option<i64>) {
    (
        state.status().snake(),
        state.started_at().map(Timestamp::as_millis),
        state.ended_at().map(Timestamp::as_millis),
    )
}

fn state_of(
    status: SessionStatus,
    started_at: Option<i64>,
    ended_at: Option<i64>,
) -> Result<SessionState, StoreError> {
    let started_at = started_at.map(Timestamp::from_millis);
    let ended_at = ended_at.map(Timestamp::from_millis);
    Ok(match (status, started_at, ended_at) {
        (SessionStatus::Pending, None, None) => SessionState::Pending,
        (SessionStatus::Confirmed, None, None) => SessionState::Confirmed,
        (SessionStatus::Declined, None, None) => SessionState::Declined,
        (SessionStatus::Cancelled, started_at, None) => SessionState::Cancelled { started_at },
        (SessionStatus::InProgress, Some(started_at), None) => {
            SessionState::InProgress { started_at }
        }
        (SessionStatus::Completed, Some(started_at), Some(ended_at)) => SessionState::Completed {
            started_at,
            ended_at,
        },
        _ => return Err(StoreError::Corrupt("a status without its facts".to_owned())),
    })
}

/// How many columns of `select_bookings` belong to the session.
const SESSION_COLUMNS: usize = 13;

/// The bookings in the rows of `select_bookings`.
pub(super) fn bookings(rows: &[SqliteRow]) -> Result<Vec<Arc<Booking>>, StoreError> {
    let ids = rows
        .iter()
        .map(|row| Columns::of(row).bytes::<12>())
        .collect::<Result<Vec<_>, _>>()?;
    let mut bookings = Vec::new();
    let mut rows = rows;
    for same in ids.chunk_by(|one, next| one == next) {
        let (booking, rest) = rows.split_at(same.len());
        bookings.push(Arc::new(booking_of(booking)?));
        rows = rest;
    }
    Ok(bookings)
}

fn booking_of(rows: &[SqliteRow]) -> Result<Booking, StoreError> {
    let people = rows
        .iter()
        .map(|row| {
            Columns {
                row,
                next: SESSION_COLUMNS,
            }
            .person()
        })
        .collect::<Result<Vec<_>, _>>()?;
    let first = rows
        .first()
        .ok_or_else(|| StoreError::Corrupt("a session of nobody".to_owned()))?;
    let session = Columns::of(first).session(&people)?;
    Ok(Booking { session, people })
}
