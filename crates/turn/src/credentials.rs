//! Who may use the relay: asked of the application, at every request that needs to be authenticated.
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crate::core::Transport;

/// Whether a user who knows the password may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// For this long; an allocation ends one default lifetime (600 s) later at the latest.
    Valid { remaining: Duration },
    /// The password would be right, but what it was made for is over: 403 at once.
    Over,
}

/// What is known of a username.
#[derive(Clone)]
pub struct Credential {
    /// Whom quotas are counted for: several usernames can be one user.
    pub user: String,
    /// Passwords that are good, usually one; two while a secret is being changed.
    pub passwords: Vec<String>,
    pub standing: Standing,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("user", &self.user)
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

/// What an allocation was, when it is gone.
#[derive(Clone, Copy, Debug)]
pub struct Usage<'a> {
    pub username: &'a str,
    pub user: &'a str,
    /// What [`Credentials::allocated`] said.
    pub tag: u64,
    /// How the client reached the relay.
    pub transport: Transport,
    pub client: SocketAddr,
    pub duration: Duration,
    /// From the client to peers.
    pub sent_bytes: u64,
    pub sent_packets: u64,
    /// From peers to the client.
    pub received_bytes: u64,
    pub received_packets: u64,
}

/// The application's side. Its methods are called on the threads that relay: they must answer from memory.
pub trait Credentials: Send + Sync {
    /// What is known of `username`; `None` when it is unknown, malformed or expired (401).
    fn find(&self, username: &str) -> Option<Credential>;

    /// Tells that this user got an allocation; gives a number by which the application knows it again.
    fn allocated(&self, _user: &str) -> u64 {
        0
    }

    /// Tells that an allocation is gone.
    fn released(&self, _usage: &Usage<'_>) {}
}
