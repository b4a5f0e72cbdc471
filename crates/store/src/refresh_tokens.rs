//! Refresh tokens, hashed, in families: each is used once, and a second use ends the family.

use async_trait::async_trait;
use holdspace_domain::{Timestamp, UserId};

use crate::StoreError;

/// SHA-256 of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenDigest(pub [u8; 32]);

/// A stored refresh token.
#[derive(Clone, Copy, Debug)]
pub struct RefreshToken {
    pub digest: TokenDigest,
    /// What all tokens that follow from one sign-in share: 16 random bytes.
    pub family: [u8; 16],
    pub user: UserId,
    pub expires_at: Timestamp,
}

/// What became of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The old token is spent, the new one stored.
    Rotated(UserId),
    /// The old token had been spent before; its family is revoked.
    Reused,
    /// No such token, or expired, or of a revoked family.
    Unknown,
}

/// Keeps refresh tokens.
#[async_trait]
pub trait RefreshTokenStore: Send + Sync {
    /// Stores the first token of a family.
    async fn insert_refresh_token(&self, token: &RefreshToken) -> Result<(), StoreError>;

    /// Spends `old` and stores `new` in its family, for its user, in one step; of many at once with
    /// the same `old`, one is rotated. The new one takes over family and user.
    async fn rotate_refresh_token(
        &self,
        old: TokenDigest,
        new: TokenDigest,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Rotation, StoreError>;

    /// Revokes the family of this token; says whether there was one.
    async fn revoke_refresh_family(&self, digest: TokenDigest) -> Result<bool, StoreError>;

    /// Forgets what expired before `now`.
    async fn purge_refresh_tokens(&self, now: Timestamp) -> Result<(), StoreError>;
}
