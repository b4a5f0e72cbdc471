//! One running node: the use cases, the rooms and the sockets, put together and kept moving.

use std::sync::Arc;

use holdspace_domain::roster::RosterSettings;
use holdspace_socketio as socketio;
use holdspace_store::{LimitStore, MemoryRooms, Store, StoreError};
use tokio::task::JoinHandle;

use crate::app::App;
use crate::app::keeper::{drive_rooms, end_abandoned_calls, tend_rooms};
use crate::auth::KeyError;
use crate::clock::Clock;
use crate::config::Config;
use crate::relay::Access;
use crate::signaling::{Signaling, SocketOutbox};

/// The application and its sockets.
#[derive(Debug)]
pub struct Node {
    pub app: Arc<App>,
    /// To be mounted at `/socket.io/`.
    pub sockets: socketio::Server<Signaling>,
    keepers: [JoinHandle<()>; 2],
}

/// Why a node cannot run.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the system gives no random numbers")]
    Random(#[from] getrandom::Error),
}

impl Node {
    /// Takes up where the last one on this store stopped: calls in progress go on, kept places wait.
    pub async fn start(
        config: Config,
        clock: Arc<dyn Clock>,
        store: Arc<dyn Store>,
        limits: Arc<dyn LimitStore>,
        relay: Option<Arc<Access>>,
    ) -> Result<Self, NodeError> {
        let resume_seconds = config.signaling.reconnect_grace.as_secs();
        let (outbox, abandoned) = SocketOutbox::new(resume_seconds);
        let rooms = Arc::new(MemoryRooms::new(
            roster_settings(&config),
            outbox.clone(),
            store.clone(),
            node_name()?,
        ));
        let in_progress = store.sessions_in_progress().await?;
        let in_progress: Vec<_> = in_progress.iter().map(|session| session.id).collect();
        rooms.restore(&in_progress, clock.now()).await?;
        let transport = transport_settings(&config);
        let app = Arc::new(App::new(config, clock, store, limits, rooms, relay)?);
        let signaling = Arc::new(Signaling::new(app.clone(), outbox));
        Ok(Self {
            sockets: socketio::Server::new(transport, signaling),
            keepers: [
                tokio::spawn(drive_rooms(app.clone())),
                tokio::spawn(end_abandoned_calls(app.clone(), abandoned)),
            ],
            app,
        })
    }

    /// Tells every socket that the server stops, and saves who was there.
    pub async fn stop(&self) {
        self.sockets.close().await;
        for keeper in &self.keepers {
            keeper.abort();
        }
        tend_rooms(&self.app).await;
    }
}

/// A name of this process among those that share a store.
fn node_name() -> Result<String, getrandom::Error> {
    Ok(format!("{:016x}", getrandom::u64()?))
}

fn roster_settings(config: &Config) -> RosterSettings {
    RosterSettings {
        grace: config.signaling.reconnect_grace,
        auto_end: config.room.auto_end,
        ..RosterSettings::default()
    }
}

fn transport_settings(config: &Config) -> socketio::Config {
    socketio::Config {
        ping_interval: config.signaling.ping_interval,
        ping_timeout: config.signaling.ping_timeout,
        connect_timeout: config.signaling.connect_timeout,
        payload_bytes_max: config.signaling.max_payload_bytes,
        ..socketio::Config::default()
    }
}
