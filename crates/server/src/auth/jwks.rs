//! Public keys from a JWKS URL: cached, fetched again for an unknown `kid` but never often, and kept
//! through an outage of their publisher.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use holdspace_domain::Timestamp;
use http::{Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use parking_lot::RwLock;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::public_key::{Jwk, PublicKey};
use crate::config::Algorithm;

/// Between two fetches, whatever asks for them.
const REFETCH_AFTER: Duration = Duration::from_secs(30);
/// After this long the keys are fetched anew, so that a withdrawn one stops counting.
const STALE_AFTER: Duration = Duration::from_mins(10);
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
const KEYS_MAX: usize = 64;

/// Why a JWKS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    #[error("the URL of the keys must be https, or http on the loopback")]
    Url,
    #[error("no certificate authorities are known here: {0}")]
    Roots(std::io::Error),
    #[error("the keys cannot be fetched: {0}")]
    Fetch(Box<dyn std::error::Error + Send + Sync>),
    #[error("the publisher of the keys answered {0}")]
    Status(StatusCode),
    #[error("the keys did not come in time")]
    Timeout,
    #[error("what was fetched is no JWKS: {0}")]
    Document(serde_json::Error),
}

/// The keys of one fetch.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    /// Grows with every set that differs from the one before.
    pub(super) version: u64,
    fetched_at: Option<Timestamp>,
    keys: Vec<(Option<String>, PublicKey)>,
}

impl KeySet {
    /// The keys that may have signed a token with this header.
    pub(super) fn candidates(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &PublicKey> {
        self.keys
            .iter()
            .filter(move |(own, key)| {
                key.algorithm() == algorithm
                    && (kid.is_none() || own.is_none() || own.as_deref() == kid)
            })
            .map(|(_, key)| key)
    }

    fn is_stale(&self, now: Timestamp) -> bool {
        self.fetched_at
            .is_none_or(|fetched_at| now >= fetched_at.plus(STALE_AFTER))
    }
}

/// A JWKS URL and what it last said.
#[derive(Clone, Debug)]
pub(super) struct Jwks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: Uri,
    client: HttpClient,
    current: RwLock<Arc<KeySet>>,
    /// When the last fetch began; held while one runs, so that there is one at a time.
    last_fetch: Mutex<Option<Timestamp>>,
}

impl Jwks {
    /// Nothing is fetched yet.
    pub(super) fn new(url: &str) -> Result<Self, JwksError> {
        let url: Uri = url.parse().map_err(|_| JwksError::Url)?;
        Ok(Self(Arc::new(Inner {
            client: HttpClient::for_url(&url)?,
            url,
            current: RwLock::default(),
            last_fetch: Mutex::new(None),
        })))
    }

    /// The keys to check a token with this header. Stale ones are renewed behind the caller's back.
    pub(super) async fn keys(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Arc<KeySet> {
        let current = self.current(now);
        if current.candidates(kid, algorithm).next().is_some() {
            return current;
        }
        self.refetch(now, |set| set.candidates(kid, algorithm).next().is_some())
            .await;
        Arc::clone(&self.0.current.read())
    }

    /// The keys as they are; stale ones are renewed behind the caller's back.
    pub(super) fn current(&self, now: Timestamp) -> Arc<KeySet> {
        let current = Arc::clone(&self.0.current.read());
        if current.fetched_at.is_some() && current.is_stale(now) && self.may_fetch(now) {
            let this = self.clone();
            tokio::spawn(async move { this.refetch(now, |set| !set.is_stale(now)).await });
        }
        current
    }

    fn may_fetch(&self, now: Timestamp) -> bool {
        self.0
            .last_fetch
            .try_lock()
            .is_ok_and(|last| is_due(*last, now))
    }

    /// Fetches unless it was done a moment ago, or somebody did meanwhile what was wanted.
    async fn refetch(&self, now: Timestamp, is_enough: impl Fn(&KeySet) -> bool + Send) {
        let mut last_fetch = self.0.last_fetch.lock().await;
        if is_enough(&self.0.current.read()) || !is_due(*last_fetch, now) {
            return;
        }
        *last_fetch = Some(now);
        match self.fetch().await {
            Ok(keys) => self.replace(keys, now),
            Err(error) => {
                tracing::warn!(%error, "the keys of the tokens' issuer could not be renewed");
            }
        }
    }

    fn replace(&self, keys: Vec<(Option<String>, PublicKey)>, now: Timestamp) {
        let mut current = self.0.current.write();
        *current = Arc::new(KeySet {
            version: current.version + 1,
            fetched_at: Some(now),
            keys,
        });
    }

    async fn fetch(&self) -> Result<Vec<(Option<String>, PublicKey)>, JwksError> {
        let body = tokio::time::timeout(FETCH_TIMEOUT, self.download())
            .await
            .map_err(|_| JwksError::Timeout)??;
        let document: Document = serde_json::from_slice(&body).map_err(JwksError::Document)?;
        Ok(document
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value::<Jwk>(key).ok())
            .filter_map(|jwk| PublicKey::from_jwk(&jwk).map(|key| (jwk.kid, key)))
            .take(KEYS_MAX)
            .collect())
    }

    async fn download(&self) -> Result<Bytes, JwksError> {
        let response = self.0.client.get(&self.0.url).await?;
        // A redirect could lead off https, so none is followed.
        if response.status() != StatusCode::OK {
            return Err(JwksError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), DOCUMENT_BYTES_MAX);
        let body = body.collect().await.map_err(JwksError::Fetch)?;
        Ok(body.to_bytes())
    }
}

/// How many keys that could check a token are published at `url` at this moment.
pub async fn count_published_keys(url: &str) -> Result<usize, JwksError> {
    let keys = Jwks::new(url)?.fetch().await?;
    Ok(keys.len())
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

fn is_due(last_fetch: Option<Timestamp>, now: Timestamp) -> bool {
    // A clock set back must not stop fetching for good.
    last_fetch.is_none_or(|last| now >= last.plus(REFETCH_AFTER) || now < last)
}

/// Over TLS, or in the clear to this very machine.
#[derive(Clone, Debug)]
enum HttpClient {
    Tls(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>),
    Loopback(Client<HttpConnector, Empty<Bytes>>),
}

impl HttpClient {
    fn for_url(url: &Uri) -> Result<Self, JwksError> {
        match url.scheme_str() {
            Some("https") => {
                let connector = HttpsConnectorBuilder::new()
                    .with_native_roots()
                    .map_err(JwksError::Roots)?
                    .https_only()
                    .enable_http1()
                    .build();
                Ok(Self::Tls(
                    Client::builder(TokioExecutor::new()).build(connector),
                ))
            }
            Some("http") if is_loopback(url.host().unwrap_or_default()) => Ok(Self::Loopback(
                Client::builder(TokioExecutor::new()).build_http(),
            )),
            _ => Err(JwksError::Url),
        }
    }

    async fn get(&self, url: &Uri) -> Result<Response<Incoming>, JwksError> {
        let request = Request::get(url)
            .header(header::ACCEPT, "application/json")
            .body(Empty::new())
            .map_err(|error| JwksError::Fetch(error.into()))?;
        let response = match self {
            Self::Tls(client) => client.request(request).await,
            Self::Loopback(client) => client.request(request).await,
        };
        response.map_err(|error| JwksError::Fetch(error.into()))
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_the_loopback_is_trusted() {
        for (url, trusted) in [
            ("http://127.0.0.1:9/keys", true),
            ("http://localhost/keys", true),
            ("http://[::1]:9/keys", true),
            ("http://example.org/keys", false),
            ("http://127.0.0.1.example.org/keys", false),
            ("file:///keys", false),
            ("keys", false),
        ] {
            assert_eq!(Jwks::new(url).is_ok(), trusted, "{url}");
        }
    }
}
