//! `[auth]`: whose tokens are accepted, and what our own look like (SPEC rows 19 and 20).

use std::path::PathBuf;
use std::time::Duration;

use super::Secret;

/// Keys, algorithms and lifetimes.
#[derive(Clone, Debug)]
pub struct Auth {
    /// The shared secret of HS256. `None`: generated once and kept beside the database.
    pub jwt_secret: Option<Secret>,
    /// The algorithms that are accepted, whatever a token says of itself. Never empty.
    pub algorithms: Vec<Algorithm>,
    /// PEM, for the algorithms with a public key.
    pub public_key_file: Option<PathBuf>,
    /// Where the public keys are published, `https` or on the loopback.
    pub jwks_url: Option<String>,
    /// The `iss` that a token must carry.
    pub issuer: Option<String>,
    /// The `aud` that a token must carry.
    pub audience: Option<String>,
    /// By how much `exp` and `nbf` may be off. `auth.leeway_seconds`.
    pub leeway: Duration,
    /// How long the tokens of sign-in are good for. `auth.access_token_ttl_seconds`.
    pub access_token_ttl: Duration,
    /// `auth.refresh_token_ttl_seconds`.
    pub refresh_token_ttl: Duration,
}

/// A signature algorithm of RFC 7518 or RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    Hs256,
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub const ALL: [Self; 4] = [Self::Hs256, Self::Rs256, Self::Es256, Self::EdDsa];

    /// The word of the `alg` header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether it is checked with a public key rather than the shared secret.
    pub const fn has_public_key(self) -> bool {
        !matches!(self, Self::Hs256)
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            jwt_secret: None,
            algorithms: vec![Algorithm::Hs256],
            public_key_file: None,
            jwks_url: None,
            issuer: None,
            audience: None,
            leeway: Duration::from_mins(1),
            access_token_ttl: Duration::from_hours(1),
            refresh_token_ttl: Duration::from_hours(30 * 24),
        }
    }
}
