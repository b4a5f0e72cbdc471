//! What can be asked of the runner.
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};

use crate::subject::Kind;

/// Measures the server beside a bare WebSocket relay and a Node peer, and prints one table.
///
/// Exit code 0: every "must" is met. 1: something failed, or a message was lost, changed or out of order.
/// 2: measured, but a "must" is not met.
#[derive(Debug, Parser)]
#[command(name = "holdspace-bench")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Only these figures, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Figure>,
    /// Leave these servers out, separated by commas.
    #[arg(long, value_delimiter = ',')]
    without: Vec<Kind>,
    /// Interleaved rounds of each figure.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,
    /// The server's binary [default: `holdspace` beside this program].
    #[arg(long)]
    holdspace: Option<PathBuf>,
    /// The Node peer's folder, its packages installed.
    #[arg(long, default_value = "bench/node-peer")]
    pub(crate) node_peer: PathBuf,
    /// The folder of the call page and its end-to-end tests, packages installed.
    #[arg(long, default_value = "web")]
    pub(crate) web: PathBuf,
    /// Replace the table in this Markdown file; only a whole table.
    #[arg(long, conflicts_with_all = ["only", "without"])]
    pub(crate) write: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve as the bare relay on a free port of 127.0.0.1.
    Relay,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Figure {
    Relay,
    Accept,
    Memory,
    CanJoin,
    Startup,
    FirstFrame,
}

impl Arguments {
    pub(crate) fn wants(&self, figure: Figure) -> bool {
        self.only.is_empty() || self.only.contains(&figure)
    }

    /// The servers that take part.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> {
        Kind::value_variants()
            .iter()
            .copied()
            .filter(|kind| !self.without.contains(kind))
    }

    pub(crate) fn rounds(&self) -> usize {
        usize::from(self.rounds)
    }

    /// The absolute path of the server's binary.
    pub(crate) fn holdspace(&self) -> Result<PathBuf> {
        let path = match &self.holdspace {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("holdspace"),
        };
        path.canonicalize()
            .with_context(|| format!("no server at {}", path.display()))
    }
}
