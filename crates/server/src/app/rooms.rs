//! The room of a session: made once, whoever asks first.

use std::sync::Arc;

use holdspace_domain::{Door, Refusal, SessionId, Visitor, admit};
use holdspace_store::Booking;

use super::{App, SessionError, random};

/// The session with its room, which is made if there is none yet (SPEC row 10).
pub async fn generate(
    app: &App,
    id: SessionId,
    visitor: Visitor,
) -> Result<Arc<Booking>, SessionError<Refusal>> {
    let fresh = random::room_id()?;
    let booking = app
        .change(id, |before, now| {
            admit(&before.session, visitor, Door::Prepare)?;
            Ok(before.session.clone().with_room(fresh.clone(), now))
        })
        .await?;
    super::audit(visitor, &booking, "generate-room");
    Ok(booking)
}
