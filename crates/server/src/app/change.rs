//! One change of a session: load, decide, save if nobody was faster, else look again.

use std::sync::Arc;

use holdspace_domain::{Session, SessionId, Timestamp};
use holdspace_store::{Booking, StoreError};

use super::App;

/// How often a lost race is run again. Each loss means that somebody else's change was saved, and a
/// session takes few changes, so this is never reached by honest use.
const ATTEMPTS_MAX: usize = 64;

/// Why something could not be done with a session; `R` is the rules' own refusal.
#[derive(Debug, thiserror::Error)]
pub enum SessionError<R> {
    #[error("there is no such session")]
    NotFound,
    #[error("{0}")]
    Refused(R),
    /// Others kept changing the session.
    #[error("the session is being changed by others")]
    Contended,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl App {
    pub(super) async fn booking<R>(&self, id: SessionId) -> Result<Arc<Booking>, SessionError<R>> {
        let found = self.store.load_session(id).await?;
        found.ok_or(SessionError::NotFound)
    }

    /// Lets `decide` change a session until its change is saved, refused, or none at all.
    pub(super) async fn change<R>(
        &self,
        id: SessionId,
        decide: impl Fn(&Booking, Timestamp) -> Result<Session, R>,
    ) -> Result<Arc<Booking>, SessionError<R>> {
        for _ in 0..ATTEMPTS_MAX {
            let before = self.booking(id).await?;
            let mut session = decide(&before, self.clock.now()).map_err(SessionError::Refused)?;
            if session == before.session {
                return Ok(before);
            }
            if self.store.save_session(&session).await? {
                session.version += 1;
                let people = before.people.clone();
                return Ok(Arc::new(Booking { session, people }));
            }
        }
        Err(SessionError::Contended)
    }
}
