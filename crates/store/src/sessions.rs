//! Sessions and the people booked in them.

use std::sync::Arc;

use async_trait::async_trait;
use holdspace_domain::{Person, RoomId, Session, SessionId, SessionStatus, Timestamp, UserId};

use crate::StoreError;

/// A session with everybody booked in it, in the order of `Session::people`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub session: Session,
    pub people: Vec<Person>,
}

/// What became of an insert.
#[derive(Clone, Debug)]
pub enum Inserted {
    /// Stored now.
    New,
    /// A session with this `external_id` was there already; nothing changed.
    Known(Arc<Booking>),
}

/// Which sessions to list.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// Only those that book this person.
    pub user: Option<UserId>,
    pub status: Option<SessionStatus>,
    /// `session_date` not before.
    pub from: Option<Timestamp>,
    /// `session_date` not after.
    pub to: Option<Timestamp>,
    /// Continue behind this session.
    pub after: Option<(Timestamp, SessionId)>,
    /// 1 to 100.
    pub limit: usize,
}

/// A page of a list, latest `session_date` first, ties by id, descending.
#[derive(Clone, Debug)]
pub struct Page {
    pub bookings: Vec<Arc<Booking>>,
    /// Whether there are more behind the last.
    pub more: bool,
}

/// Keeps sessions. Every write is durable when its future resolves.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Stores a new session. Its people must be known users.
    async fn insert_session(&self, session: &Session) -> Result<Inserted, StoreError>;

    /// The session with its people, if there is one. Sees every write that was acknowledged before
    /// the call, also by another process on the same database.
    async fn load_session(&self, id: SessionId) -> Result<Option<Arc<Booking>>, StoreError>;

    /// The session whose room this is.
    async fn load_session_by_room(&self, room: &RoomId)
    -> Result<Option<Arc<Booking>>, StoreError>;

    /// Saves a changed session if the stored version is still `session.version`; says whether it was.
    /// The stored version then is one more.
    async fn save_session(&self, session: &Session) -> Result<bool, StoreError>;

    /// A page of sessions.
    async fn list_sessions(&self, filter: &SessionFilter) -> Result<Page, StoreError>;

    /// Every session whose call is in progress.
    async fn sessions_in_progress(&self) -> Result<Vec<Session>, StoreError>;

    /// Every session that is completed, cancelled or declined and was last changed at `since` or later,
    /// in the order of these changes.
    async fn sessions_closed_since(&self, since: Timestamp) -> Result<Vec<Session>, StoreError>;
}
