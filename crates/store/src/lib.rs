//! What Holdspace keeps: traits, and one file for each backend behind them.

mod error;
mod health;
mod idempotency;
mod limits;
mod presence;
mod refresh_tokens;
mod rooms;
mod sessions;
mod sqlite;
mod users;

pub use error::StoreError;
pub use health::Health;
pub use idempotency::{Begun, IdempotencyKey, IdempotencyStore, Reply};
pub use limits::{LimitStore, MemoryLimits};
pub use presence::{Presence, PresenceStore};
pub use refresh_tokens::{RefreshToken, RefreshTokenStore, Rotation, TokenDigest};
pub use rooms::{Applied, MemoryRooms, Outbox, RoomStore};
pub use sessions::{Booking, Inserted, Page, SessionFilter, SessionStore};
pub use sqlite::{Migrated, OpenError, Options, Sqlite};
pub use users::{Credentials, NewUser, PasswordHash, UserInsert, UserStore};

/// Everything durable, behind one handle.
pub trait Store:
    SessionStore + UserStore + RefreshTokenStore + IdempotencyStore + PresenceStore + Health
{
}

impl<T> Store for T where
    T: SessionStore + UserStore + RefreshTokenStore + IdempotencyStore + PresenceStore + Health
{
}
