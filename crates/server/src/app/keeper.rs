//! Keeps rooms moving: ticks them when they are due, saves their presence, ends abandoned calls.

use std::sync::Arc;
use std::time::Duration;

use holdspace_domain::{SessionId, Timestamp};
use holdspace_store::StoreError;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{App, call};
use crate::signaling::AbandonedCall;

/// How often it is noted that this node is alive: how exactly a crash is dated.
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// A node that has not been heard of for so long no longer keeps its rooms.
const GONE_AFTER: Duration = Duration::from_secs(15);

/// Drives the rooms until it is dropped.
pub async fn drive_rooms(app: Arc<App>) {
    loop {
        let next = tend_rooms(&app).await;
        tokio::select! {
            () = app.clock.sleep_until(next) => {}
            () = app.rooms.changed() => {}
        }
    }
}

/// Does what is due now; says when to look again at the latest.
pub async fn tend_rooms(app: &App) -> Timestamp {
    let now = app.clock.now();
    let beat = now.plus(BEAT_EVERY);
    let due = app.rooms.tick(now).await.unwrap_or_else(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "rooms were not ticked"
        );
        None
    });
    if let Err(error) = app.rooms.save(now).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "presence was not saved"
        );
    }
    due.map_or(beat, |due| due.min(beat))
}

/// Ends abandoned calls as they are reported, until no more can be.
pub async fn end_abandoned_calls(app: Arc<App>, mut abandoned: UnboundedReceiver<AbandonedCall>) {
    while let Some(AbandonedCall {
        session,
        empty_since,
    }) = abandoned.recv().await
    {
        match is_still_abandoned(&app, session, empty_since).await {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                tracing::warn!(%session, error = &error as &dyn std::error::Error, "not ended yet");
                continue;
            }
        }
        match call::end_abandoned(&app, session, empty_since).await {
            Ok(()) => tracing::info!(%session, "an abandoned call was ended"),
            // Its room reports it again.
            Err(error) => {
                tracing::error!(%session, error = &error as &dyn std::error::Error, "not ended");
            }
        }
    }
}

/// Reports wait for each other: nobody may have come meanwhile, neither here nor to another process on the same store.
async fn is_still_abandoned(
    app: &App,
    session: SessionId,
    empty_since: Timestamp,
) -> Result<bool, StoreError> {
    let since = app.clock.now().minus(GONE_AFTER);
    // The one that may take long comes first.
    Ok(!app.rooms.is_kept_elsewhere(session, since).await?
        && app.rooms.is_abandoned(session, empty_since).await?)
}
