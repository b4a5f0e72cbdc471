//! First replies to requests that carried an `Idempotency-Key` (SPEC row 14).

use async_trait::async_trait;
use bytes::Bytes;
use holdspace_domain::{Timestamp, UserId};

use crate::StoreError;

/// Whose key, for which path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    pub user: UserId,
    /// The canonical path, without version prefix.
    pub path: String,
    pub key: String,
}

/// A reply as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: Bytes,
}

/// What a key meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nobody used it: the caller answers, then calls `finish` or `abandon`.
    First,
    /// It was answered: send this again.
    Replay(Reply),
    /// It was used with another body.
    OtherBody,
    /// Somebody is answering it right now.
    InFlight,
}

/// Keeps first replies.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Claims the key in one step. `body_digest` is SHA-256 of the request's body. An answered key
    /// counts until `answered + 24 h`; a claim that is older than 15 s is taken over, since no request
    /// is answered for longer than 10 s.
    async fn begin_idempotent(
        &self,
        key: &IdempotencyKey,
        body_digest: [u8; 32],
        now: Timestamp,
    ) -> Result<Begun, StoreError>;

    /// Keeps the reply.
    async fn finish_idempotent(
        &self,
        key: &IdempotencyKey,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Gives the key back without a reply.
    async fn abandon_idempotent(&self, key: &IdempotencyKey) -> Result<(), StoreError>;

    /// Forgets replies older than 24 h.
    async fn purge_idempotent(&self, now: Timestamp) -> Result<(), StoreError>;
}
