//! The use cases, shared by REST and sockets: load, decide (`domain`), save, then tell the room.

pub mod admission;
pub mod call;
mod change;
pub mod identity;
pub mod keeper;
mod random;
pub(crate) mod relaying;
pub mod rooms;
pub mod sessions;
pub mod sign_in;
pub mod users;

pub use change::SessionError;

use std::fmt;
use std::sync::Arc;

use holdspace_domain::{Role, Visitor};
use holdspace_store::{Booking, LimitStore, RoomStore, Store};

use crate::auth::{KeyError, Passwords, Signer, Verifier};
use crate::clock::Clock;
use crate::config::Config;
use crate::relay::Access;

/// What every use case needs.
pub struct App {
    pub clock: Arc<dyn Clock>,
    pub store: Arc<dyn Store>,
    pub limits: Arc<dyn LimitStore>,
    pub rooms: Arc<dyn RoomStore>,
    pub auth: Auth,
    /// Who may use our relay, when there is one.
    pub relay: Option<Arc<Access>>,
    pub config: Config,
}

/// What it takes to know people.
#[derive(Debug)]
pub struct Auth {
    pub verifier: Verifier,
    /// `None` when others issue the tokens.
    pub signer: Option<Signer>,
    pub passwords: Passwords,
}

impl App {
    /// Fails when the configured keys cannot be read. The configuration must hold its JWT secret.
    pub fn new(
        config: Config,
        clock: Arc<dyn Clock>,
        store: Arc<dyn Store>,
        limits: Arc<dyn LimitStore>,
        rooms: Arc<dyn RoomStore>,
        relay: Option<Arc<Access>>,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            clock,
            store,
            limits,
            rooms,
            auth: Auth {
                verifier: Verifier::new(&config.auth)?,
                signer: Signer::new(&config.auth),
                passwords: Passwords::default(),
            },
            relay,
            config,
        })
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// Puts on record that an admin acts on a session that does not book him (SPEC row 22).
fn audit(visitor: Visitor, booking: &Booking, action: &'static str) {
    if visitor.role == Role::Admin && !booking.session.books(visitor.user) {
        tracing::info!(
            target: "holdspace::audit",
            user = %visitor.user,
            session = %booking.session.id,
            action,
            "an admin acts on a session"
        );
    }
}
