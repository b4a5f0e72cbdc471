//! From a token to somebody: the claims, and the stored role where the token has none.

use holdspace_store::StoreError;

use super::App;
use crate::auth::{Identity, TokenRefusal};

/// Why nobody could be made out.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// Neither the token nor the store knows the user's role.
    #[error("the user's role is unknown")]
    NoRole,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl App {
    /// Whose token this is (SPEC row 20).
    pub async fn identify(&self, token: &str) -> Result<Identity, IdentityError> {
        let claims = self.auth.verifier.verify(token, self.clock.now()).await?;
        let role = if let Some(role) = claims.role {
            role
        } else {
            let stored = self.store.load_user(claims.user).await?;
            stored.ok_or(IdentityError::NoRole)?.role
        };
        Ok(Identity {
            user: claims.user,
            role,
            name: claims.name.clone(),
        })
    }
}
