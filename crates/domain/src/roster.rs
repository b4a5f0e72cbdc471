//! The roster of one room: who is in it, who is lost and may come back, and what everybody is told.
//! A machine without clock or I/O: `apply(input, now)` gives outputs, `next_deadline` says when to tick.

mod call;
mod messages;
mod place;
mod snapshot;

pub use messages::{
    Input, Join, Output, Participant, RemovalReason, RosterRefusal, SignalKind, TokenDigest,
};
pub use snapshot::{PlaceSnapshot, RosterSnapshot};

use std::time::Duration;

use self::call::Call;
use self::messages::Kept;
use self::place::Place;
use crate::{CallLength, SocketId, Timestamp, UserId};

/// The times and sizes by which a roster goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterSettings {
    /// How long a lost socket keeps its place.
    pub grace: Duration,
    /// How long a running call's room may be empty before the call is ended.
    pub auto_end: Duration,
    /// How long after the end those still there are removed.
    pub stay_after_end: Duration,
    /// How much is kept for a lost member.
    pub kept_bytes_max: usize,
}

impl Default for RosterSettings {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(10),
            auto_end: Duration::from_mins(5),
            stay_after_end: Duration::from_secs(30),
            kept_bytes_max: 64 * 1024,
        }
    }
}

/// How a signal went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// To be written to this socket now.
    Now(SocketId),
    /// Kept until its receiver is back.
    Kept,
}

/// The roster of one room.
#[derive(Clone, Debug)]
pub struct Roster {
    settings: RosterSettings,
    /// In the order of joining.
    places: Vec<Place>,
    call: Call,
    empty: Option<Empty>,
    revision: u64,
}

/// Since when nobody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Empty {
    /// When the last one left or was lost: what is recorded.
    since: Timestamp,
    /// From when the wait counts: later than `since` when the server was away in between.
    counted_from: Timestamp,
}

impl Roster {
    /// A roster in which nobody has ever been.
    pub const fn new(settings: RosterSettings) -> Self {
        Self {
            settings,
            places: Vec::new(),
            call: Call::NotStarted,
            empty: None,
            revision: 0,
        }
    }

    /// Takes one input at `now`; outputs are to be delivered in their order.
    pub fn apply(&mut self, input: Input, now: Timestamp) -> Result<Vec<Output>, RosterRefusal> {
        let mut outputs = Vec::new();
        match input {
            Input::Join(join) => self.join(join, &mut outputs)?,
            Input::Leave { socket } => self.leave(socket, now, &mut outputs)?,
            Input::Lose { socket } => self.lose(socket, now, &mut outputs),
            Input::CallStarted { started_at } => self.call_started(started_at, now, &mut outputs),
            Input::CallEnded {
                started_at,
                ended_at,
            } => {
                let length = CallLength::between(started_at, ended_at);
                self.call_ended(ended_at, length, now, &mut outputs);
            }
            Input::Close { reason } => self.close(reason, now, &mut outputs),
            Input::Tick => self.tick(now, &mut outputs),
        }
        Ok(outputs)
    }

    /// Routes a signal from one member to another, by the receiver's current id or one it had before.
    /// What is meant for a lost member is kept, in order.
    pub fn signal(
        &mut self,
        from: SocketId,
        to: SocketId,
        kind: SignalKind,
        payload: &str,
    ) -> Result<Delivery, RosterRefusal> {
        let sender = self.places.iter().position(|place| place.is_here_as(from));
        let sender = sender.ok_or(RosterRefusal::NotInRoom)?;
        let receiver = self.places.iter().position(|place| place.answers_to(to));
        let receiver = receiver.filter(|&index| index != sender);
        let receiver = &mut self.places[receiver.ok_or(RosterRefusal::UnknownPeer)?];
        if receiver.is_here() {
            return Ok(Delivery::Now(receiver.socket));
        }
        let kept = Kept::Signal {
            from,
            kind,
            payload: payload.into(),
        };
        receiver
            .keep(kept, self.settings.kept_bytes_max)
            .map(|()| Delivery::Kept)
    }

    /// When `Input::Tick` is due next, if ever.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let graces = self
            .places
            .iter()
            .filter_map(|place| place.lost_until(self.settings.grace));
        graces.chain(self.call_deadline()).min()
    }

    /// Whether nothing would be lost by forgetting it.
    pub fn is_idle(&self) -> bool {
        self.places.is_empty() && self.call == Call::NotStarted
    }

    /// Changes with everything that a restart must know; signals do not change it.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether this person has a place whose resume token has this digest.
    pub fn holds_place(&self, user: UserId, token: &TokenDigest) -> bool {
        self.resumable(user, token).is_some()
    }

    /// Everybody in the room, in the order of joining, the lost included.
    pub fn participants(&self) -> Vec<Participant> {
        self.places.iter().map(Place::participant).collect()
    }

    fn join(&mut self, join: Join, outputs: &mut Vec<Output>) -> Result<(), RosterRefusal> {
        if let Some(reason) = self.call.shut() {
            return Err(RosterRefusal::Shut(reason));
        }
        if let Some(place) = self
            .places
            .iter_mut()
            .find(|place| place.is_here_as(join.socket))
        {
            // A second join of the same socket, a double click: it is told again, nobody else is.
            place.token = join.token;
            self.welcome(join.socket, outputs);
        } else if let Some(index) = join
            .resume
            .as_ref()
            .and_then(|token| self.resumable(join.user, token))
        {
            self.resume(index, join, outputs);
        } else {
            self.take_a_place(join, outputs)?;
        }
        self.empty = None;
        self.revision += 1;
        Ok(())
    }

    fn resumable(&self, user: UserId, token: &TokenDigest) -> Option<usize> {
        self.places
            .iter()
            .position(|place| place.user == user && place.token == *token)
    }

    fn resume(&mut self, index: usize, join: Join, outputs: &mut Vec<Output>) {
        let place = &mut self.places[index];
        let (socket, user) = (join.socket, join.user);
        let (previous, was_here, kept) = place.resume(join);
        if was_here {
            outputs.push(Output::Disconnect { socket: previous });
        }
        self.welcome(socket, outputs);
        outputs.extend(kept.into_iter().map(|kept| kept.output_to(socket)));
        self.tell_others(socket, outputs, |to| Output::UserReconnected {
            to,
            socket,
            previous,
            user,
        });
    }

    fn take_a_place(&mut self, join: Join, outputs: &mut Vec<Output>) -> Result<(), RosterRefusal> {
        let earlier = self.places.iter().position(|place| place.user == join.user);
        let taken = self.places.len() - usize::from(earlier.is_some());
        if !join.booked && taken >= join.seats {
            return Err(RosterRefusal::Full);
        }
        if let Some(index) = earlier {
            self.replace(index, outputs);
        }
        let place = Place::new(join);
        let (socket, newcomer) = (place.socket, place.participant());
        // Most rooms are of two: a spare place in each would be most of what a room weighs.
        self.places.reserve_exact(1);
        self.places.push(place);
        self.welcome(socket, outputs);
        self.tell_others(socket, outputs, |to| Output::UserJoined {
            to,
            participant: newcomer.clone(),
        });
        Ok(())
    }

    fn replace(&mut self, index: usize, outputs: &mut Vec<Output>) {
        let earlier = self.places.remove(index);
        if earlier.is_here() {
            let reason = RemovalReason::Replaced;
            outputs.push(Output::Removed {
                to: earlier.socket,
                reason,
            });
        }
        self.tell_left(&earlier, outputs);
    }

    fn leave(
        &mut self,
        socket: SocketId,
        now: Timestamp,
        outputs: &mut Vec<Output>,
    ) -> Result<(), RosterRefusal> {
        let index = self
            .places
            .iter()
            .position(|place| place.is_here_as(socket));
        let left = self.places.remove(index.ok_or(RosterRefusal::NotInRoom)?);
        self.tell_left(&left, outputs);
        self.note_absence(now);
        Ok(())
    }

    fn lose(&mut self, socket: SocketId, now: Timestamp, outputs: &mut Vec<Output>) {
        let Some(index) = self
            .places
            .iter()
            .position(|place| place.is_here_as(socket))
        else {
            return;
        };
        if self.settings.grace.is_zero() {
            let left = self.places.remove(index);
            self.tell_left(&left, outputs);
        } else {
            let place = &mut self.places[index];
            place.lose(now);
            let user = place.user;
            self.tell_others(socket, outputs, |to| Output::UserReconnecting {
                to,
                socket,
                user,
            });
        }
        self.note_absence(now);
    }

    fn note_absence(&mut self, now: Timestamp) {
        self.revision += 1;
        if self.empty.is_none() && !self.places.iter().any(Place::is_here) {
            self.empty = Some(Empty {
                since: now,
                counted_from: now,
            });
        }
    }

    fn tick(&mut self, now: Timestamp, outputs: &mut Vec<Output>) {
        self.expire_lost(now, outputs);
        self.tick_call(now, outputs);
    }

    fn expire_lost(&mut self, now: Timestamp, outputs: &mut Vec<Output>) {
        let grace = self.settings.grace;
        let is_over = |place: &Place| place.lost_until(grace).is_some_and(|until| until <= now);
        while let Some(index) = self.places.iter().position(is_over) {
            let left = self.places.remove(index);
            self.tell_left(&left, outputs);
            self.revision += 1;
        }
    }

    fn welcome(&self, socket: SocketId, outputs: &mut Vec<Output>) {
        outputs.push(Output::RoomJoined {
            to: socket,
            participants: self.participants(),
        });
    }

    fn tell_left(&self, left: &Place, outputs: &mut Vec<Output>) {
        let (socket, user) = (left.socket, left.user);
        self.tell_others(socket, outputs, |to| Output::UserLeft { to, socket, user });
    }

    fn tell_others(
        &self,
        socket: SocketId,
        outputs: &mut Vec<Output>,
        output: impl Fn(SocketId) -> Output,
    ) {
        let others = self.here().filter(|&other| other != socket);
        outputs.extend(others.map(output));
    }

    fn here(&self) -> impl Iterator<Item = SocketId> + '_ {
        self.places
            .iter()
            .filter(|place| place.is_here())
            .map(|place| place.socket)
    }

    /// Takes everybody out of the room.
    fn remove_all(&mut self, reason: RemovalReason, now: Timestamp, outputs: &mut Vec<Output>) {
        outputs.extend(self.here().map(|to| Output::Removed { to, reason }));
        self.places.clear();
        self.note_absence(now);
    }
}

#[cfg(test)]
mod tests;
