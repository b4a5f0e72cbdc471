//! Who may come in, asked of the one rule: for can-join by session, for join-room by room.

use std::sync::Arc;

use holdspace_domain::{
    Door, JoinWindow, PaymentStatus, Reason, Refusal, RoomId, SessionId, SessionStatus, Timestamp,
    Visitor, admit, minutes_until, recheck_at,
};
use holdspace_store::{Booking, StoreError};

use super::{App, SessionError};

/// The answer to "can I join?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Why not; `None` when the visitor can join.
    pub reason: Option<Reason>,
    pub minutes_until_session: i64,
    pub status: SessionStatus,
    pub payment: PaymentStatus,
    pub allowed_from: Timestamp,
    pub allowed_until: Timestamp,
    /// When the answer can next change by time alone.
    pub recheck_at: Option<Timestamp>,
}

/// Why somebody does not get in.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether the visitor can join now. A stranger is refused, a participant is told.
pub async fn can_join(
    app: &App,
    id: SessionId,
    visitor: Visitor,
) -> Result<Admission, SessionError<Refusal>> {
    let booking = app.booking(id).await?;
    let (window, now) = (app.config.join_window, app.clock.now());
    let reason = match admit(&booking.session, visitor, Door::Enter { window, now }) {
        Ok(()) => None,
        Err(Refusal::Session(reason)) => Some(reason),
        Err(refusal @ Refusal::NotParticipant) => return Err(SessionError::Refused(refusal)),
    };
    super::audit(visitor, &booking, "can-join");
    Ok(answer(&booking, reason, window, now))
}

fn answer(
    booking: &Booking,
    reason: Option<Reason>,
    window: JoinWindow,
    now: Timestamp,
) -> Admission {
    let session = &booking.session;
    Admission {
        reason,
        minutes_until_session: minutes_until(session.session_date, now),
        status: session.state.status(),
        payment: session.payment,
        allowed_from: window.opens(session.session_date),
        allowed_until: window.closes(session.session_date),
        recheck_at: recheck_at(session, window, now),
    }
}

/// Lets the visitor into the room now, or says why not. `None`: there is no such room.
pub async fn enter(
    app: &App,
    room: &RoomId,
    visitor: Visitor,
) -> Result<Option<Arc<Booking>>, EntryError> {
    let Some(booking) = app.store.load_session_by_room(room).await? else {
        return Ok(None);
    };
    let (window, now) = (app.config.join_window, app.clock.now());
    admit(&booking.session, visitor, Door::Enter { window, now })?;
    super::audit(visitor, &booking, "enter");
    Ok(Some(booking))
}
