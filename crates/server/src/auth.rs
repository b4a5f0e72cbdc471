//! Who somebody is: tokens in and out, passwords, refresh tokens. Asks no store and keeps no user.

mod cache;
mod claims;
mod jwks;
mod keys;
mod password;
mod public_key;
mod refresh;
mod sign;
mod verify;

pub use claims::{ClaimRefusal, Claims};
pub use jwks::{JwksError, count_published_keys};
pub use keys::KeyError;
pub use password::{PASSWORD_BYTES_MAX, PasswordError, Passwords};
pub use refresh::FreshToken;
pub use sign::{Signer, sign};
pub use verify::{TOKEN_BYTES_MAX, TokenRefusal, Verifier};

use holdspace_domain::{Role, UserId, Visitor};
use std::fmt;

/// Somebody whose token was good. `Debug` shows no name.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    pub user: UserId,
    pub role: Role,
    /// The name that the token carries; a stored one takes precedence where names are shown.
    pub name: Option<String>,
}

impl Identity {
    /// As the rules see him.
    pub const fn visitor(&self) -> Visitor {
        Visitor {
            user: self.user,
            role: self.role,
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("user", &self.user)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
