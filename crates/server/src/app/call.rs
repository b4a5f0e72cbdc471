//! Start and end of a call: recorded once, then told to the room.

use std::sync::Arc;

use holdspace_domain::roster::{Input, RemovalReason};
use holdspace_domain::{
    CallRefusal, Session, SessionId, SessionState, SessionStatus, Timestamp, Visitor,
};
use holdspace_store::Booking;

use super::{App, SessionError};

/// Starts the call, at `start_time` or by the clock.
pub async fn start(
    app: &App,
    id: SessionId,
    visitor: Visitor,
    start_time: Option<Timestamp>,
) -> Result<Arc<Booking>, SessionError<CallRefusal>> {
    let window = app.config.join_window;
    let booking = app
        .change(id, |before, now| {
            let session = before.session.clone();
            session.start(visitor, start_time, window, now)
        })
        .await?;
    super::audit(visitor, &booking, "start");
    tell_room(app, &booking.session).await;
    Ok(booking)
}

/// Ends the call, at `end_time` or by the clock.
pub async fn end(
    app: &App,
    id: SessionId,
    visitor: Visitor,
    end_time: Option<Timestamp>,
) -> Result<Arc<Booking>, SessionError<CallRefusal>> {
    let booking = app
        .change(id, |before, now| {
            before.session.clone().end(visitor, end_time, now)
        })
        .await?;
    super::audit(visitor, &booking, "end");
    tell_room(app, &booking.session).await;
    Ok(booking)
}

/// Ends a call that nobody ended, at the moment when its room became empty. One that has meanwhile
/// ended otherwise is left as it is; its room is told in any case.
pub async fn end_abandoned(
    app: &App,
    id: SessionId,
    empty_since: Timestamp,
) -> Result<(), SessionError<CallRefusal>> {
    let ended = app
        .change(id, |before, now| {
            before.session.clone().end_abandoned(empty_since, now)
        })
        .await;
    let booking = match ended {
        Err(SessionError::Refused(_)) => app.booking(id).await?,
        other => other?,
    };
    tell_room(app, &booking.session).await;
    Ok(())
}

/// Tells the room where its session stands now. What is saved stays saved when that fails.
pub(super) async fn tell_room(app: &App, session: &Session) {
    let Some(input) = news_of(session) else {
        return;
    };
    if !matches!(input, Input::CallStarted { .. }) {
        super::relaying::end_with(app, session).await;
    }
    match app.rooms.apply(session.id, input, app.clock.now()).await {
        Ok(Ok(())) => {}
        Ok(Err(refusal)) => {
            tracing::debug!(session = %session.id, %refusal, "the room did not take the news");
        }
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(session = %session.id, error, "the room could not be told");
        }
    }
}

fn news_of(session: &Session) -> Option<Input> {
    match session.state {
        SessionState::InProgress { started_at } => Some(Input::CallStarted { started_at }),
        SessionState::Completed {
            started_at,
            ended_at,
        } => Some(Input::CallEnded {
            started_at,
            ended_at,
        }),
        SessionState::Cancelled { .. } => Some(Input::Close {
            reason: RemovalReason::SessionCancelled,
        }),
        SessionState::Declined => Some(Input::Close {
            reason: RemovalReason::SessionDeclined,
        }),
        SessionState::Pending | SessionState::Confirmed => None,
    }
}

/// Whether a room must hear of a move to this status by the platform.
pub(super) const fn closes_room(status: SessionStatus) -> bool {
    matches!(status, SessionStatus::Cancelled | SessionStatus::Declined)
}
