//! A relay without a thread: it does nothing but what it is told to, so that a test can count what it does.
use std::fmt;
use std::io;
use std::sync::Arc;

use mio::Events;

use crate::config::Config;
use crate::counters::{Board, Counters};
use crate::credentials::Credentials;
use crate::io::{Addresses, EVENTS, Shard};
use crate::relay::{StartError, prepare, random};

/// One shard of a relay, with its sockets.
pub struct Stepped {
    shard: Shard,
    events: Events,
    addresses: Addresses,
    board: Arc<Board>,
}

impl fmt::Debug for Stepped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stepped")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Stepped {
    /// Opens every address; the number of shards is one, whatever `config` says.
    ///
    /// # Errors
    /// As [`crate::Relay::start`].
    pub fn start(config: &Config, credentials: Arc<dyn Credentials>) -> Result<Self, StartError> {
        let config = Config {
            shards: 1,
            ..config.clone()
        };
        let (listeners, addresses, surroundings) = prepare(&config, credentials)?;
        let board = Arc::new(Board::new());
        let listeners = listeners.into_iter().next().unwrap_or_default();
        let (shard, _) = Shard::new(surroundings, listeners, &random()?, board.clone())?;
        Ok(Self {
            shard,
            events: Events::with_capacity(EVENTS),
            addresses,
            board,
        })
    }

    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Waits until something has come, or a second at most; then everybody who has something gets one turn.
    ///
    /// # Errors
    /// When the poll fails.
    pub fn round(&mut self) -> io::Result<()> {
        self.shard.round(&mut self.events)
    }

    /// What it has counted.
    pub fn counters(&self) -> Counters {
        Counters::sum([&*self.board])
    }
}
