//! What the core meets while it is fuzzed: people, a network made of lists, and the script that says what happens.
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::{Credential, Credentials, RelayId, Sockets, Standing};

/// Users 1 and 2, whose visits can be over.
#[derive(Default)]
pub(super) struct People {
    pub(super) is_over: [AtomicBool; 2],
}

impl People {
    pub(super) fn is_over(&self, username: &str) -> bool {
        let user = username
            .strip_prefix("user-")
            .and_then(|user| user.parse().ok());
        user.and_then(|user: usize| self.is_over.get(user.wrapping_sub(1)))
            .is_some_and(|is_over| is_over.load(Ordering::Relaxed))
    }
}

impl Credentials for People {
    fn find(&self, username: &str) -> Option<Credential> {
        let standing = if self.is_over(username) {
            Standing::Over
        } else {
            Standing::Valid {
                remaining: Duration::from_secs(4000),
            }
        };
        username.strip_prefix("user-").map(|user| Credential {
            user: user.to_owned(),
            passwords: vec!["old".to_owned(), "secret".to_owned()],
            standing,
        })
    }
}

#[derive(Default)]
pub(super) struct Network {
    pub(super) open: HashMap<RelayId, SocketAddr>,
}

impl Sockets for Network {
    fn open(&mut self, relay: RelayId, address: SocketAddr) -> io::Result<()> {
        // Some ports are held by others.
        if address.port().is_multiple_of(7) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        assert!(
            self.open.values().all(|open| *open != address),
            "a port is given once"
        );
        assert!(
            self.open.insert(relay, address).is_none(),
            "a number is given once"
        );
        Ok(())
    }

    fn close(&mut self, relay: RelayId) {
        assert!(
            self.open.remove(&relay).is_some(),
            "what is closed was open"
        );
    }
}

/// Reads a script.
pub(super) struct Script<'a>(pub(super) &'a [u8]);

impl<'a> Script<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(super) fn index(&mut self, end: usize) -> Option<usize> {
        Some(usize::from(self.byte()?) % end)
    }

    /// As many bytes as the next one says, or all that are left.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(bytes)
    }
}
