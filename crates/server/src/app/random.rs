//! Fresh identifiers. Those of sessions and users begin with the time, so that they sort by it.

use holdspace_domain::{RoomId, SessionId, Timestamp, UserId};
use holdspace_store::StoreError;

/// Random bytes. Without randomness nothing new can be stored, and trying later may work.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Unavailable(Box::new(error)))?;
    Ok(bytes)
}

pub(super) fn room_id() -> Result<RoomId, StoreError> {
    bytes().map(RoomId::from_random)
}

pub(super) fn session_id(now: Timestamp) -> Result<SessionId, StoreError> {
    object_id(now).map(SessionId::from_bytes)
}

pub(super) fn user_id(now: Timestamp) -> Result<UserId, StoreError> {
    object_id(now).map(UserId::from_bytes)
}

/// Four bytes of seconds and eight of randomness.
fn object_id(now: Timestamp) -> Result<[u8; 12], StoreError> {
    let mut id = bytes()?;
    let seconds = u32::try_from(now.as_unix_seconds().max(0)).unwrap_or(u32::MAX);
    id[..4].copy_from_slice(&seconds.to_be_bytes());
    Ok(id)
}
