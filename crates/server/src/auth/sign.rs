//! Access tokens of our own: HS256 with the configured secret.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use holdspace_domain::{Role, Timestamp, UserId};
use ring::hmac;
use serde::Serialize;

use crate::config::{Algorithm, Auth};

/// Signs access tokens that the same configuration accepts.
pub struct Signer {
    key: hmac::Key,
    issuer: Option<String>,
    audience: Option<String>,
}

#[derive(Serialize)]
struct NewClaims<'a> {
    sub: String,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    iat: i64,
    exp: i64,
}

impl Signer {
    /// `None` when HS256 is not accepted here, or there is no secret: then others issue the tokens.
    pub fn new(auth: &Auth) -> Option<Self> {
        let secret = auth.jwt_secret.as_ref()?;
        auth.algorithms.contains(&Algorithm::Hs256).then(|| Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.expose()),
            issuer: auth.issuer.clone(),
            audience: auth.audience.clone(),
        })
    }

    /// A token for `user` that is good from `now` until the second of `now + ttl`.
    pub fn sign(
        &self,
        user: UserId,
        role: Role,
        name: Option<&str>,
        ttl: Duration,
        now: Timestamp,
    ) -> String {
        let claims = NewClaims {
            sub: user.to_string(),
            role: role.as_str(),
            name,
            iss: self.issuer.as_deref(),
            aud: self.audience.as_deref(),
            iat: now.as_unix_seconds(),
            exp: now.plus(ttl).as_unix_seconds(),
        };
        // Strings and numbers always serialise.
        let payload = serde_json::to_vec(&claims).unwrap_or_default();
        let mut token = BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let tag = hmac::sign(&self.key, token.as_bytes());
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(tag, &mut token);
        token
    }
}

/// A token by the configuration `auth`, or `None` when it does not sign (see [`Signer::new`]).
pub fn sign(
    auth: &Auth,
    user: UserId,
    role: Role,
    name: Option<&str>,
    ttl: Duration,
    now: Timestamp,
) -> Option<String> {
    Signer::new(auth).map(|signer| signer.sign(user, role, name, ttl, now))
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}
