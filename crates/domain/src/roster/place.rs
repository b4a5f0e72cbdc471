//! One person's place in a room: the socket behind it, the sockets it had, and what is kept for it.

use std::fmt;
use std::time::Duration;

use super::messages::{Join, Kept, Participant, RosterRefusal, TokenDigest};
use crate::{Role, SocketId, Timestamp, UserId};

/// How many earlier socket ids a place answers to.
const PREVIOUS_MAX: usize = 8;

#[derive(Clone)]
pub(super) struct Place {
    pub(super) socket: SocketId,
    pub(super) user: UserId,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) token: TokenDigest,
    pub(super) previous: Vec<SocketId>,
    pub(super) presence: Presence,
}

#[derive(Clone, Debug)]
pub(super) enum Presence {
    Here,
    Lost {
        since: Timestamp,
        kept: Vec<Kept>,
        kept_bytes: usize,
    },
}

impl Presence {
    pub(super) const fn lost(since: Timestamp) -> Self {
        Self::Lost {
            since,
            kept: Vec::new(),
            kept_bytes: 0,
        }
    }
}

impl Place {
    pub(super) fn new(join: Join) -> Self {
        Self {
            socket: join.socket,
            user: join.user,
            name: join.name,
            role: join.role,
            token: join.token,
            previous: Vec::new(),
            presence: Presence::Here,
        }
    }

    pub(super) fn participant(&self) -> Participant {
        Participant {
            socket: self.socket,
            user: self.user,
            name: self.name.clone(),
            role: self.role,
            reconnecting: !self.is_here(),
        }
    }

    pub(super) const fn is_here(&self) -> bool {
        matches!(self.presence, Presence::Here)
    }

    pub(super) fn is_here_as(&self, socket: SocketId) -> bool {
        self.is_here() && self.socket == socket
    }

    /// Whether a signal to `socket` is meant for this place.
    pub(super) fn answers_to(&self, socket: SocketId) -> bool {
        self.socket == socket || self.previous.contains(&socket)
    }

    pub(super) fn lose(&mut self, now: Timestamp) {
        self.presence = Presence::lost(now);
    }

    /// When a lost place is given up.
    pub(super) fn lost_until(&self, grace: Duration) -> Option<Timestamp> {
        match &self.presence {
            Presence::Here => None,
            Presence::Lost { since, .. } => Some(since.plus(grace)),
        }
    }

    /// Keeps something for a lost member; nothing is dropped to make room.
    pub(super) fn keep(&mut self, item: Kept, bytes_max: usize) -> Result<(), RosterRefusal> {
        let Presence::Lost {
            kept, kept_bytes, ..
        } = &mut self.presence
        else {
            return Ok(());
        };
        if *kept_bytes + item.bytes() > bytes_max {
            return Err(RosterRefusal::KeptTooMuch);
        }
        *kept_bytes += item.bytes();
        kept.push(item);
        Ok(())
    }

    /// Puts a new socket behind the place; gives the old one, whether it was here, and what was kept.
    pub(super) fn resume(&mut self, join: Join) -> (SocketId, bool, Vec<Kept>) {
        let previous = std::mem::replace(&mut self.socket, join.socket);
        if self.previous.len() == PREVIOUS_MAX {
            self.previous.remove(0);
        }
        self.previous.push(previous);
        self.name = join.name;
        self.role = join.role;
        match std::mem::replace(&mut self.presence, Presence::Here) {
            Presence::Here => (previous, true, Vec::new()),
            Presence::Lost { kept, .. } => (previous, false, kept),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("socket", &self.socket)
            .field("user", &self.user)
            .field("is_here", &self.is_here())
            .finish_non_exhaustive()
    }
}
