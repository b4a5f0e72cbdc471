//! The rooms while they run: rosters that every node of an installation sees alike.

mod kept;
mod memory;

pub use memory::MemoryRooms;

use async_trait::async_trait;
use holdspace_domain::roster::{Input, Output, RosterRefusal, SignalKind, TokenDigest};
use holdspace_domain::{SessionId, SocketId, Timestamp, UserId};

use crate::StoreError;

/// Where a room's outputs go. Called in the order of the room's changes, possibly under its lock, so
/// it must neither block nor call back.
pub trait Outbox: Send + Sync {
    /// An output for one socket, or for the application (`Output::Abandoned`).
    fn deliver(&self, session: SessionId, output: Output);

    /// A signal, its payload as it came.
    fn signal(&self, to: SocketId, from: SocketId, kind: SignalKind, payload: &str);
}

/// The answer of a roster, within the answer of its store.
pub type Applied = Result<Result<(), RosterRefusal>, StoreError>;

/// Keeps rosters and applies inputs to them, one at a time a room.
#[async_trait]
pub trait RoomStore: Send + Sync {
    /// Applies an input at `now`; what follows from it is delivered before this returns.
    async fn apply(&self, session: SessionId, input: Input, now: Timestamp) -> Applied;

    /// Passes a signal on within the room.
    async fn signal(
        &self,
        session: SessionId,
        from: SocketId,
        to: SocketId,
        kind: SignalKind,
        payload: &str,
    ) -> Applied;

    /// Whether this person's place is kept under this resume token.
    async fn holds_place(
        &self,
        session: SessionId,
        user: UserId,
        token: &TokenDigest,
    ) -> Result<bool, StoreError>;

    /// Whether the call of this room runs, and nobody has been there since then: somebody may have come since it was reported.
    async fn is_abandoned(
        &self,
        session: SessionId,
        empty_since: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Applies `Input::Tick` to every room that is due; gives the next deadline of all rooms.
    async fn tick(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// Saves what a restart must know and is not saved yet, and that this node is alive.
    async fn save(&self, now: Timestamp) -> Result<(), StoreError>;

    /// Whether another node that was alive at `since` or later has somebody in this room.
    async fn is_kept_elsewhere(
        &self,
        session: SessionId,
        since: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Resolves when `tick` has an earlier deadline or `save` has something to do.
    async fn changed(&self);
}
