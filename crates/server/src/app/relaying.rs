//! Ends the use of the relay with the visit that it was for.

use holdspace_domain::{
    Door, Role, Session, SessionId, SessionStatus, Timestamp, UserId, Visitor, admit,
};
use holdspace_store::{SessionFilter, StoreError};

use super::App;

/// More visits of one person at a time are none that anybody has.
const VISITS_MAX: usize = 100;

/// Ends what the people of a visit that is over hold for the relay, but for those who have another one now:
/// credentials name the person and not the visit (SPEC section 2).
pub(super) async fn end_with(app: &App, session: &Session) {
    let Some(access) = &app.relay else {
        return;
    };
    let people = [session.client, session.psychologist];
    for user in people.into_iter().chain(session.guests.iter().copied()) {
        match has_other_visit(app, user, session.id).await {
            Ok(false) => access.end(user, app.clock.now()),
            Ok(true) => {}
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(%user, error, "what was given for the relay ends only by its expiry");
            }
        }
    }
}

async fn has_other_visit(app: &App, user: UserId, ended: SessionId) -> Result<bool, StoreError> {
    let (window, now) = (app.config.join_window, app.clock.now());
    let joinable = SessionFilter {
        user: Some(user),
        from: Some(now.minus(window.after)),
        to: Some(now.plus(window.before)),
        limit: VISITS_MAX,
        ..SessionFilter::default()
    };
    let running = SessionFilter {
        user: Some(user),
        status: Some(SessionStatus::InProgress),
        limit: VISITS_MAX,
        ..SessionFilter::default()
    };
    for filter in [joinable, running] {
        let page = app.store.list_sessions(&filter).await?;
        let is_another =
            |session: &Session| session.id != ended && is_on(session, user, window, now);
        if page
            .bookings
            .iter()
            .any(|booking| is_another(&booking.session))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_on(
    session: &Session,
    user: UserId,
    window: holdspace_domain::JoinWindow,
    now: Timestamp,
) -> bool {
    let role = Role::Client;
    let is_running = session.state.status() == SessionStatus::InProgress;
    is_running || admit(session, Visitor { user, role }, Door::Enter { window, now }).is_ok()
}
