//! `[auth]`: whose tokens are accepted, and what our own look like (SPEC rows 19 and 20).

use std::path::PathBuf;
use std::time::Duration;

use super::kinds::{self, Expected};
use super::values::{Value, Values};
use super::{ConfigError, Secret};

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

impl Auth {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        let lifetime = kinds::seconds(1, YEAR_SECONDS);
        let read = Self {
            jwt_secret: values.read_optional("auth.jwt_secret", kinds::secret)?,
            algorithms: values.read_or("auth.algorithms", algorithms, default.algorithms)?,
            public_key_file: values.read_optional("auth.public_key_file", readable_file)?,
            jwks_url: values.read_optional("auth.jwks_url", jwks_url)?,
            issuer: values.read_optional("auth.issuer", kinds::text)?,
            audience: values.read_optional("auth.audience", kinds::text)?,
            leeway: values.read_or(
                "auth.leeway_seconds",
                kinds::seconds(0, 600),
                default.leeway,
            )?,
            access_token_ttl: values.read_or(
                "auth.access_token_ttl_seconds",
                &lifetime,
                default.access_token_ttl,
            )?,
            refresh_token_ttl: values.read_or(
                "auth.refresh_token_ttl_seconds",
                &lifetime,
                default.refresh_token_ttl,
            )?,
        };
        read.check_keys(values)?;
        Ok(read)
    }

    /// Every algorithm needs its key, and a key is of no use without an algorithm.
    fn check_keys(&self, values: &Values) -> Result<(), ConfigError> {
        let public = self.algorithms.iter().any(|one| one.has_public_key());
        let sources =
            ["auth.public_key_file", "auth.jwks_url"].map(|key| (key, values.is_given(key)));
        match sources.iter().find(|(_, given)| *given) {
            None if public => Err(values.refuse(
                "auth.algorithms",
                "needs a public key: auth.public_key_file or auth.jwks_url",
            )),
            Some((key, _)) if !public => Err(values.refuse(
                key,
                "is of no use: auth.algorithms has none of RS256, ES256 and EdDSA",
            )),
            _ => Ok(()),
        }
    }
}

const YEAR_SECONDS: i64 = 366 * 24 * 60 * 60;

fn algorithms(value: &Value) -> Result<Vec<Algorithm>, Expected> {
    let expected = || Expected::new("must be a list of HS256, RS256, ES256 and EdDSA, each once");
    let mut found = Vec::new();
    for word in kinds::list(value)? {
        let known = Algorithm::ALL.into_iter().find(|one| one.as_str() == word);
        let algorithm = known.filter(|one| !found.contains(one));
        found.push(algorithm.ok_or_else(expected)?);
    }
    if found.is_empty() {
        return Err(expected());
    }
    Ok(found)
}

fn readable_file(value: &Value) -> Result<PathBuf, Expected> {
    let path = PathBuf::from(kinds::text(value)?);
    let read = std::fs::read(&path);
    read.map(|_| path)
        .map_err(|error| Expected(format!("cannot be read: {error}")))
}

fn jwks_url(value: &Value) -> Result<String, Expected> {
    let text = kinds::text(value)?;
    let secure = text.strip_prefix("https://");
    let local = text.strip_prefix("http://").filter(|rest| {
        let host = rest.split('/').next().unwrap_or_default();
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
            host.strip_prefix(name)
                .is_some_and(|port| port.is_empty() || port.starts_with(':'))
        })
    });
    let rest = secure.or(local);
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['@', ' ', '#'])) {
        Ok(text)
    } else {
        Err(Expected::new(
            "must be an https:// URL, or http:// on the loopback, without a password",
        ))
    }
}
