//! `data` of config: the servers that help two browsers to find each other.

use holdspace_domain::{Timestamp, TurnCredential, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::scalar::Time;
use crate::config::Ice;

/// `iceServers` as a browser takes them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct IceView<'a> {
    ice_servers: Vec<IceServerView<'a>>,
    /// When the credentials expire; only there when they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Time>,
}

/// One server.
#[derive(Serialize, ToSchema)]
struct IceServerView<'a> {
    #[schema(examples("stun:stun.l.google.com:19302"))]
    urls: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'a str>,
}

/// The credential that a user gets, when the TURN servers share a secret with us.
pub(in crate::http) fn mint(ice: &Ice, user: UserId, now: Timestamp) -> Option<TurnCredential> {
    let secret = ice.turn_secret.as_ref()?;
    let ttl = ice.credential_ttl;
    let minted = || TurnCredential::mint(secret.expose(), user, ttl, now);
    (!ice.turn_urls.is_empty()).then(minted)
}

impl<'a> IceView<'a> {
    /// The configured servers, with the minted credential or the configured one.
    pub(in crate::http) fn new(ice: &'a Ice, minted: Option<&'a TurnCredential>) -> Self {
        let fixed = ice.turn_credential.as_ref();
        let fixed = fixed.and_then(|secret| std::str::from_utf8(secret.expose()).ok());
        let username = minted.map_or(ice.turn_username.as_deref(), |minted| {
            Some(&*minted.username)
        });
        let credential = minted.map_or(fixed, |minted| Some(&*minted.credential));
        let stun = ice.stun_urls.iter().map(|urls| IceServerView {
            urls,
            username: None,
            credential: None,
        });
        let turn = ice.turn_urls.iter().map(|urls| IceServerView {
            urls,
            username,
            credential,
        });
        Self {
            ice_servers: stun.chain(turn).collect(),
            expires_at: minted.map(|minted| Time(minted.expires_at)),
        }
    }
}
