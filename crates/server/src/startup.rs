//! Starts a server and takes it down in order.

mod arrival;
mod base_path;
mod front;
mod secret;
mod signals;

pub use secret::{load_or_make_secret, load_or_make_turn_secret};
pub use signals::Signals;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use holdspace_store::{
    IdempotencyStore, MemoryLimits, OpenError, Options, RefreshTokenStore, Sqlite,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::front::Front;
use crate::app::relaying;
use crate::auth::Verifier;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Http, StoreUrl};
use crate::listener::{Listener, TrustedProxies};
use crate::node::{Node, NodeError};
use crate::relay::{Relay, RelayError};

/// How long requests in flight and sockets may take to end when the server stops.
const STOP_MAX: Duration = Duration::from_secs(10);
/// How often what has expired is forgotten.
const PURGE_EVERY: Duration = Duration::from_mins(10);
/// An address that comes while the server runs is open to peers for no longer.
const LOOK_AT_ADDRESSES_EVERY: Duration = Duration::from_secs(30);

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error("the secret {} cannot be read or made: {source}", path.display())]
    Secret { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Relay(#[from] RelayError),
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error("cannot listen on {address}: {source}")]
    Listen { address: String, source: io::Error },
}

/// Opens the database that the configuration names.
pub async fn open_store(url: &StoreUrl) -> Result<Sqlite, OpenError> {
    let url = format!("sqlite:{}", url.path.display());
    Sqlite::open(&url, Options::default()).await
}

/// A server that accepts connections.
pub struct Running {
    pub node: Arc<Node>,
    /// With the real port.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    relay: Option<Arc<Relay>>,
    /// The database, and what keeps it tidy.
    keeping: Option<(Arc<Sqlite>, JoinHandle<()>)>,
}

impl Running {
    /// Starts everything that `config` describes. When this returns, connections are accepted.
    pub async fn start(mut config: Config) -> Result<Self, StartError> {
        let store = Arc::new(open_store(&config.store).await?);
        load_or_make_secret(&mut config)?;
        load_or_make_turn_secret(&mut config)?;
        // Nothing is opened to the world by a server that will not run.
        Verifier::new(&config.auth).map_err(NodeError::Keys)?;
        let listener = bind(&config.http).await?;
        let clock = Arc::new(SystemClock);
        let ended = relaying::ended_before(&*store, &config, clock.now()).await;
        let relay = Relay::start(&mut config, &ended.map_err(NodeError::Store)?)?.map(Arc::new);
        let limits = Arc::new(MemoryLimits::default());
        let access = relay.as_deref().map(Relay::access);
        let node = Node::start(config, clock, store.clone(), limits, access).await?;
        if let Some(relay) = &relay {
            tokio::spawn(watch_addresses(Arc::downgrade(relay)));
        }
        let mut running = Self::serve_on(listener, node, relay);
        running.keeping = Some((store.clone(), tokio::spawn(purge(store))));
        Ok(running)
    }

    /// Serves a node where its configuration says, without a relay.
    pub async fn serve(node: Node) -> Result<Self, StartError> {
        let listener = bind(&node.app.config.http).await?;
        Ok(Self::serve_on(listener, node, None))
    }

    fn serve_on(listener: Listener, node: Node, relay: Option<Arc<Relay>>) -> Self {
        let node = Arc::new(node);
        let http = &node.app.config.http;
        let address = listener.address();
        let (stop, stopped) = watch::channel(false);
        let proxies = TrustedProxies::new(&http.trusted_proxies);
        let front = Arc::new(Front::new(&node, relay.clone()));
        let serving = tokio::spawn(listener.serve(front, proxies, stopped));
        Self {
            node,
            address,
            stop,
            serving,
            relay,
            keeping: None,
        }
    }

    /// Where it listens, as a URL without a path.
    pub fn origin(&self) -> String {
        self.origin_at(self.address)
    }

    /// The same under another address of this machine.
    pub fn origin_at(&self, address: SocketAddr) -> String {
        let is_secure = self.node.app.config.http.tls.is_some();
        let scheme = if is_secure { "https" } else { "http" };
        format!("{scheme}://{address}")
    }

    /// Accepts no more, tells the sockets, finishes what is in flight, saves the rooms, closes the database.
    pub async fn stop(mut self) {
        if let Some(relay) = &self.relay {
            relay.drain();
        }
        // An error means that nothing is served any more.
        let _ = self.stop.send(true);
        let done = async { tokio::join!(self.node.stop(), &mut self.serving) };
        if tokio::time::timeout(STOP_MAX, done).await.is_err() {
            tracing::warn!("some requests were not finished in time");
        }
        if let Some((store, purging)) = self.keeping {
            purging.abort();
            store.close().await;
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Takes the address; connections wait until it is served.
async fn bind(http: &Http) -> Result<Listener, StartError> {
    let listener = Listener::bind(&http.host, http.port)
        .await
        .map_err(|source| StartError::Listen {
            address: format!("{}:{}", http.host, http.port),
            source,
        })?;
    Ok(match &http.tls {
        Some(tls) => listener.with_tls(tls),
        None => listener,
    })
}

/// Keeps the relay closed to what the machine's addresses are now, until there is no relay.
async fn watch_addresses(relay: Weak<Relay>) {
    loop {
        tokio::time::sleep(LOOK_AT_ADDRESSES_EVERY).await;
        let Some(relay) = relay.upgrade() else { return };
        relay.look_at_addresses();
    }
}

/// Forgets expired replies and refresh tokens, until it is dropped.
async fn purge(store: Arc<Sqlite>) {
    loop {
        let now = SystemClock.now();
        let replies = store.purge_idempotent(now).await;
        if let Err(error) = replies.and(store.purge_refresh_tokens(now).await) {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "nothing was purged");
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
}
