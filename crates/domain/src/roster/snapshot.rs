//! What a restart must know of a roster, and a roster made from it.

use super::call::Call;
use super::messages::TokenDigest;
use super::place::{Place, Presence};
use super::{Empty, Roster, RosterSettings};
use crate::{Role, SocketId, Timestamp, UserId};

/// A roster's lasting facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterSnapshot {
    pub places: Vec<PlaceSnapshot>,
    /// When the call's start became known here, while it runs.
    pub running_since: Option<Timestamp>,
    /// Since when nobody is there; `None` while somebody is, or when nobody ever was.
    pub empty_since: Option<Timestamp>,
}

/// One place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceSnapshot {
    pub socket: SocketId,
    pub user: UserId,
    pub name: String,
    pub role: Role,
    pub token: TokenDigest,
}

impl Roster {
    /// Its lasting facts, or `None` when there are none to keep.
    pub fn snapshot(&self) -> Option<RosterSnapshot> {
        let running_since = match self.call {
            Call::Running { known_at, .. } => Some(known_at),
            Call::NotStarted => None,
            Call::Ended { .. } | Call::Closed { .. } => return None,
        };
        if self.is_idle() {
            return None;
        }
        Some(RosterSnapshot {
            places: self.places.iter().map(Place::snapshot).collect(),
            running_since,
            empty_since: self.empty.map(|empty| empty.since),
        })
    }

    /// The roster after a restart at `now`, of a server last known alive at `alive_at`: everybody
    /// who was there is lost since then, and has the whole grace from now to come back.
    pub fn restore(
        snapshot: RosterSnapshot,
        settings: RosterSettings,
        alive_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        let mut roster = Self::new(settings);
        let somebody_was_there = !snapshot.places.is_empty();
        let since = snapshot
            .empty_since
            .or(somebody_was_there.then_some(alive_at));
        roster.empty = since.map(|since| Empty {
            since,
            counted_from: if somebody_was_there { now } else { since },
        });
        roster.places = snapshot
            .places
            .into_iter()
            .map(|place| Place::restore(place, now))
            .collect();
        if let Some(known_at) = snapshot.running_since {
            roster.call = Call::Running {
                known_at,
                not_before: known_at,
            };
        }
        roster
    }
}

impl Place {
    fn snapshot(&self) -> PlaceSnapshot {
        PlaceSnapshot {
            socket: self.socket,
            user: self.user,
            name: self.name.clone(),
            role: self.role,
            token: self.token,
        }
    }

    fn restore(snapshot: PlaceSnapshot, now: Timestamp) -> Self {
        Self {
            socket: snapshot.socket,
            user: snapshot.user,
            name: snapshot.name,
            role: snapshot.role,
            token: snapshot.token,
            previous: Vec::new(),
            presence: Presence::lost(now),
        }
    }
}
