//! How a command ends when it does not end well.

use std::io;

use holdspace_store::{OpenError, StoreError};

use crate::config::ConfigError;
use crate::node::NodeError;
use crate::startup::StartError;

/// One line for the operator, and an exit code.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Failure {
    /// As `--help` tells.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Config(_)
            | Self::Usage(_)
            | Self::Start(StartError::Node(NodeError::Keys(_))) => 2,
            Self::Open(_) | Self::Start(StartError::Store(_)) => 3,
            _ => 1,
        }
    }
}
