//! The whole relay, as an application starts and stops it.
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use thiserror::Error;

use crate::config::Config;
use crate::core::Shared;
use crate::counters::{Board, Counters};
use crate::credentials::Credentials;
use crate::io::{
    Addresses, Admission, Control, Features, ListenError, Listeners, Shard, Surroundings,
};

/// Why a relay did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// An address is taken, or not this machine's.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// It listens for TLS and has no certificate.
    #[error("TLS needs a certificate")]
    NoCertificate,
    #[error("the system refused what a relay needs: {0}")]
    System(#[from] io::Error),
    #[error("the system has no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// A running relay. Dropping it stops it.
#[derive(Debug)]
pub struct Relay {
    shared: Arc<Shared>,
    addresses: Addresses,
    features: Features,
    boards: Vec<Arc<Board>>,
    shards: Vec<(Control, Option<JoinHandle<()>>)>,
}

impl Relay {
    /// Opens every address and starts the shards.
    ///
    /// # Errors
    /// When an address cannot be listened at, with the address in the text; nothing is left running then.
    pub fn start(config: &Config, credentials: Arc<dyn Credentials>) -> Result<Self, StartError> {
        let (listeners, addresses, surroundings) = prepare(config, credentials)?;
        let mut relay = Self {
            shared: surroundings.shared.clone(),
            addresses,
            features: surroundings.features,
            boards: Vec::new(),
            shards: Vec::new(),
        };
        for (index, listeners) in listeners.into_iter().enumerate() {
            let board = Arc::new(Board::new());
            let (running, control) =
                Shard::new(surroundings.clone(), listeners, &random()?, board.clone())?;
            relay.boards.push(board);
            relay.shards.push((control, None));
            let thread = std::thread::Builder::new()
                .name(format!("turn-{index}"))
                .spawn(move || {
                    if let Err(error) = running.run() {
                        tracing::error!(%error, "a shard of the relay has ended");
                    }
                })?;
            relay.shards[index].1 = Some(thread);
        }
        Ok(relay)
    }

    /// Where it listens, with the ports that it was given for port 0.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// How it reads and writes datagrams, in words, for the log.
    pub fn features(&self) -> String {
        self.features.to_string()
    }

    /// What it has counted since the start, over all shards; at most a moment old.
    pub fn counters(&self) -> Counters {
        Counters::sum(self.boards.iter().map(AsRef::as_ref))
    }

    /// How many shards run, and how many were started. One that has ended has said why in the log.
    pub fn shards(&self) -> (usize, usize) {
        let is_running = |thread: &&JoinHandle<()>| !thread.is_finished();
        let threads = self.shards.iter().filter_map(|(_, thread)| thread.as_ref());
        (threads.filter(is_running).count(), self.shards.len())
    }

    /// Lets nobody new in: they are sent to the alternate server, or refused. Those who are there stay.
    pub fn drain(&self) {
        self.shared.drain();
    }

    /// The machine has these addresses now: see [`crate::Rules::inside`].
    pub fn set_inside(&self, addresses: &[IpAddr]) {
        self.shared.set_inside(addresses);
    }

    /// Ends every allocation and waits for the shards.
    pub fn stop(&mut self) {
        for (control, _) in &self.shards {
            control.stop();
        }
        for (_, thread) in &mut self.shards {
            // A shard that has panicked has said so.
            if let Some(thread) = thread.take() {
                drop(thread.join());
            }
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Opens every address, and makes what the shards have in common.
pub(crate) fn prepare(
    config: &Config,
    credentials: Arc<dyn Credentials>,
) -> Result<(Vec<Listeners>, Addresses, Surroundings), StartError> {
    if !config.tls.is_empty() && config.tls_config.is_none() {
        return Err(StartError::NoCertificate);
    }
    let (listeners, addresses) = Listeners::open(config)?;
    let surroundings = Surroundings {
        shared: Arc::new(Shared::new(config.rules.clone(), credentials, &random()?)),
        admission: Arc::new(Admission::new(
            config.connections_max,
            config.connections_per_address_max,
        )),
        tls_config: config.tls_config.clone(),
        idle_max: config.idle_max,
        features: Features::detect(config.path),
        start: Instant::now(),
    };
    Ok((listeners, addresses, surroundings))
}

pub(crate) fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
