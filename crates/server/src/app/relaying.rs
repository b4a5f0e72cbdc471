//! Ends the use of the relay with the visit that it was for.

use std::collections::HashMap;

use holdspace_domain::{
    Door, JoinWindow, Role, Session, SessionId, SessionStatus, Timestamp, UserId, Visitor, admit,
};
use holdspace_store::{SessionFilter, Store, StoreError};

use super::App;
use crate::config::Config;

/// More visits of one person at a time are none that anybody has.
const VISITS_MAX: usize = 100;

/// Ends what the people of a visit that is over hold for the relay, but for those who have another one now:
/// credentials name the person and not the visit (SPEC section 2).
pub(super) async fn end_with(app: &App, session: &Session) {
    let Some(access) = &app.relay else {
        return;
    };
    let (window, now) = (app.config.join_window, app.clock.now());
    for user in people(session) {
        match has_other_visit(&*app.store, user, session.id, window, now).await {
            Ok(false) => access.end(user, now),
            Ok(true) => {}
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(%user, error, "what was given for the relay ends only by its expiry");
            }
        }
    }
}

/// Who lost the use of the relay with a visit while credentials from before it may still be about, and when: what
/// [`end_with`] did before this server was started.
pub(crate) async fn ended_before(
    store: &dyn Store,
    config: &Config,
    now: Timestamp,
) -> Result<HashMap<UserId, Timestamp>, StoreError> {
    if !config.turn.enabled {
        return Ok(HashMap::new());
    }
    let closed = store
        .sessions_closed_since(now.minus(config.ice.credential_ttl))
        .await?;
    let mut last = HashMap::new();
    // In the order of their ends: the last one of each person stays.
    for session in &closed {
        last.extend(people(session).map(|user| (user, session)));
    }
    let mut ended = HashMap::new();
    for (user, session) in last {
        if !has_other_visit(store, user, session.id, config.join_window, now).await? {
            ended.insert(user, session.updated_at);
        }
    }
    Ok(ended)
}

fn people(session: &Session) -> impl Iterator<Item = UserId> {
    let guests = session.guests.iter().copied();
    [session.client, session.psychologist]
        .into_iter()
        .chain(guests)
}

async fn has_other_visit(
    store: &dyn Store,
    user: UserId,
    ended: SessionId,
    window: JoinWindow,
    now: Timestamp,
) -> Result<bool, StoreError> {
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
        let page = store.list_sessions(&filter).await?;
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

fn is_on(session: &Session, user: UserId, window: JoinWindow, now: Timestamp) -> bool {
    let role = Role::Client;
    let is_running = session.state.status() == SessionStatus::InProgress;
    is_running || admit(session, Visitor { user, role }, Door::Enter { window, now }).is_ok()
}
