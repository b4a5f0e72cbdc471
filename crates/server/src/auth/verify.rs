//! Whether a token is good: its shape, the pinned algorithm, the signature, then its claims.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use holdspace_domain::Timestamp;
use ring::hmac;
use serde::Deserialize;

use super::cache::{TokenCache, TokenDigest, token_digest};
use super::claims::{ClaimRefusal, Claims, Expected};
use super::keys::{KeyError, Keys};
use crate::config::{Algorithm, Auth};

/// A longer token is refused unread.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    #[error("the token is too long")]
    TooLong,
    #[error("the token is malformed")]
    Malformed,
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    #[error("the token's signature is wrong")]
    Signature,
    #[error(transparent)]
    Claim(#[from] ClaimRefusal),
}

/// Checks tokens by the configured keys and expectations.
pub struct Verifier {
    keys: Keys,
    expected: Expected,
    cache: TokenCache,
}

/// What of the header counts. Keys that a token brings along (`jwk`, `jku`, `x5c`) are not looked at.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    /// Extensions that must be understood; we understand none (RFC 7515 §4.1.11).
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

/// A token taken apart (RFC 7515 §7.1).
struct Parts<'a> {
    header: Header,
    /// Header and payload as they were signed.
    message: &'a [u8],
    payload: &'a str,
    signature: Vec<u8>,
}

impl Verifier {
    /// Reads the configured key file; a JWKS is fetched with the first token that needs it.
    pub fn new(auth: &Auth) -> Result<Self, KeyError> {
        Ok(Self {
            keys: Keys::load(auth)?,
            expected: Expected {
                issuer: auth.issuer.clone(),
                audience: auth.audience.clone(),
                leeway: auth.leeway,
            },
            cache: TokenCache::default(),
        })
    }

    /// How far clocks may be apart.
    pub fn leeway(&self) -> Duration {
        self.expected.leeway
    }

    /// The claims of a good token. Its signature is checked once for as long as it is remembered; its
    /// times are checked always.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, TokenRefusal> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenRefusal::TooLong);
        }
        let digest = token_digest(token);
        let known = self.cache.get(&digest, self.keys_version(now));
        let claims = match known {
            Some(claims) => claims,
            None => self.check(token, digest, now).await?,
        };
        claims.check_time(self.expected.leeway, now)?;
        Ok(claims)
    }

    /// Which keys count at the moment.
    fn keys_version(&self, now: Timestamp) -> u64 {
        let jwks = self.keys.jwks.as_ref();
        jwks.map_or(0, |jwks| jwks.current(now).version)
    }

    async fn check(
        &self,
        token: &str,
        digest: TokenDigest,
        now: Timestamp,
    ) -> Result<Arc<Claims>, TokenRefusal> {
        let parts = Parts::of(token)?;
        let mut algorithms = self.keys.algorithms.iter().copied();
        let algorithm = algorithms
            .find(|algorithm| algorithm.as_str() == parts.header.alg)
            .ok_or(TokenRefusal::Algorithm)?;
        let version = match algorithm {
            Algorithm::Hs256 => self.check_secret(&parts, now)?,
            Algorithm::Rs256 | Algorithm::Es256 | Algorithm::EdDsa => {
                self.check_public_key(&parts, algorithm, now).await?
            }
        };
        let claims = self.claims(&parts)?;
        self.cache.insert(digest, Arc::clone(&claims), version);
        Ok(claims)
    }

    /// The version of the keys with which the signature was found good.
    fn check_secret(&self, parts: &Parts<'_>, now: Timestamp) -> Result<u64, TokenRefusal> {
        let key = self.keys.secret.as_ref().ok_or(TokenRefusal::Algorithm)?;
        hmac::verify(key, parts.message, &parts.signature).map_err(|_| TokenRefusal::Signature)?;
        Ok(self.keys_version(now))
    }

    /// The version of the keys with which the signature was found good.
    async fn check_public_key(
        &self,
        parts: &Parts<'_>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<u64, TokenRefusal> {
        let fixed = self.keys.public.as_ref();
        if let Some(key) = fixed.filter(|key| key.algorithm() == algorithm)
            && key.verifies(parts.message, &parts.signature)
        {
            return Ok(self.keys_version(now));
        }
        let jwks = self.keys.jwks.as_ref().ok_or(TokenRefusal::Signature)?;
        let set = jwks.keys(parts.header.kid.as_deref(), algorithm, now).await;
        set.candidates(parts.header.kid.as_deref(), algorithm)
            .any(|key| key.verifies(parts.message, &parts.signature))
            .then_some(set.version)
            .ok_or(TokenRefusal::Signature)
    }

    fn claims(&self, parts: &Parts<'_>) -> Result<Arc<Claims>, TokenRefusal> {
        let payload = decode(parts.payload)?;
        Ok(Arc::new(Claims::parse(&payload, &self.expected)?))
    }
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, TokenRefusal> {
        let (message, signature) = token.rsplit_once('.').ok_or(TokenRefusal::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenRefusal::Malformed)?;
        let header: Header =
            serde_json::from_slice(&decode(header)?).map_err(|_| TokenRefusal::Malformed)?;
        if header.crit.is_some() {
            return Err(TokenRefusal::Malformed);
        }
        Ok(Self {
            header,
            message: message.as_bytes(),
            payload,
            signature: decode(signature)?,
        })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenRefusal> {
    BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenRefusal::Malformed)
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("algorithms", &self.keys.algorithms)
            .finish_non_exhaustive()
    }
}
