//! The keys that tokens are checked with, by algorithm.

use std::path::PathBuf;

use ring::hmac;

use super::jwks::{Jwks, JwksError};
use super::public_key::PublicKey;
use crate::config::{Algorithm, Auth};

/// Why the configured keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("auth.jwt_secret is missing, and HS256 needs it")]
    NoSecret,
    #[error("{} needs auth.public_key_file or auth.jwks_url", .0.as_str())]
    NoPublicKey(Algorithm),
    #[error("auth.public_key_file {} cannot be read: {source}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("auth.public_key_file {} holds no RSA, P-256 or Ed25519 public key in PEM", .0.display())]
    Pem(PathBuf),
    #[error("auth.public_key_file serves {}, which is not among auth.algorithms", .0.as_str())]
    Unused(Algorithm),
    #[error("auth.jwks_url: {0}")]
    Jwks(#[from] JwksError),
}

/// What the configuration gave.
pub(super) struct Keys {
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) secret: Option<hmac::Key>,
    pub(super) public: Option<PublicKey>,
    pub(super) jwks: Option<Jwks>,
}

impl Keys {
    /// Reads the key file; fetches nothing yet.
    pub(super) fn load(auth: &Auth) -> Result<Self, KeyError> {
        let secret = auth
            .algorithms
            .contains(&Algorithm::Hs256)
            .then(|| auth.jwt_secret.as_ref().ok_or(KeyError::NoSecret))
            .transpose()?
            .map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.expose()));
        let keys = Self {
            algorithms: auth.algorithms.clone(),
            secret,
            public: auth.public_key_file.as_ref().map(read).transpose()?,
            jwks: auth.jwks_url.as_deref().map(Jwks::new).transpose()?,
        };
        keys.check().map(|()| keys)
    }

    fn check(&self) -> Result<(), KeyError> {
        let own = self.public.as_ref().map(PublicKey::algorithm);
        if let Some(own) = own.filter(|own| !self.algorithms.contains(own)) {
            return Err(KeyError::Unused(own));
        }
        let keyless = self.algorithms.iter().find(|&&algorithm| {
            algorithm.has_public_key() && self.jwks.is_none() && own != Some(algorithm)
        });
        keyless.map_or(Ok(()), |&algorithm| Err(KeyError::NoPublicKey(algorithm)))
    }
}

fn read(path: &PathBuf) -> Result<PublicKey, KeyError> {
    let pem = std::fs::read(path).map_err(|source| KeyError::File {
        path: path.clone(),
        source,
    })?;
    PublicKey::from_pem(&pem).ok_or_else(|| KeyError::Pem(path.clone()))
}
