//! Our own TURN relay as the server runs it: where it listens, who may use it, what clients are told of it.

mod access;
mod addresses;
mod start;
mod visits;

pub use access::Access;
pub(crate) use addresses::own_address;
pub use start::{Relay, RelayError};
pub use visits::Presence;
