//! Refresh tokens: 32 random bytes in base64url, of which only the SHA-256 is kept.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use holdspace_store::TokenDigest;
use ring::digest::{SHA256, digest};

/// A refresh token that nobody but its owner will have. `Debug` does not show it.
#[derive(Clone)]
pub struct FreshToken {
    text: String,
}

impl FreshToken {
    /// A new one.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self {
            text: BASE64_URL_SAFE_NO_PAD.encode(bytes),
        })
    }

    /// The token, for its owner.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What is kept of it.
    pub fn digest(&self) -> TokenDigest {
        Self::digest_of(&self.text)
    }

    /// What is kept of a token that somebody presents.
    pub fn digest_of(text: &str) -> TokenDigest {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        TokenDigest(bytes)
    }
}

impl fmt::Debug for FreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreshToken(…)")
    }
}
