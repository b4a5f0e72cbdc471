//! Rooms of a single node: rosters in memory, each under its own lock, their presence in the store.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::sync::Arc;

use async_trait::async_trait;
use holdspace_domain::roster::{
    Delivery, Input, Roster, RosterRefusal, RosterSettings, SignalKind, TokenDigest,
};
use holdspace_domain::{SessionId, SocketId, Timestamp, UserId};
use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;

use super::{Applied, Outbox, RoomStore, kept};
use crate::{Presence, PresenceStore, StoreError};

const SHARDS: usize = 16;
type Shard = RwLock<HashMap<SessionId, Arc<Mutex<Room>>>>;

/// Rosters in memory.
pub struct MemoryRooms {
    settings: RosterSettings,
    outbox: Arc<dyn Outbox>,
    presence: Arc<dyn PresenceStore>,
    /// The name under which this process keeps rooms.
    node: String,
    shards: [Shard; SHARDS],
    hasher: RandomState,
    deadlines: Mutex<BTreeSet<(Timestamp, SessionId)>>,
    /// Rooms whose presence is not saved yet.
    unsaved: Mutex<HashSet<SessionId>>,
    changed: Notify,
}

struct Room {
    roster: Roster,
    deadline: Option<Timestamp>,
    /// Taken out of its shard; whoever still holds it looks again.
    is_retired: bool,
}

impl MemoryRooms {
    /// No rooms yet. `node` names this process among those that share the presence store.
    pub fn new(
        settings: RosterSettings,
        outbox: Arc<dyn Outbox>,
        presence: Arc<dyn PresenceStore>,
        node: String,
    ) -> Self {
        Self {
            settings,
            outbox,
            presence,
            node,
            shards: std::array::from_fn(|_| Shard::default()),
            hasher: RandomState::new(),
            deadlines: Mutex::default(),
            unsaved: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Takes up after a restart: rooms as they were kept, and a room for every call `in_progress`.
    /// A room that cannot be read is left out: its people join anew.
    pub async fn restore(
        &self,
        in_progress: &[SessionId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for presence in self.presence.load_presence().await? {
            self.restore_room(&presence, in_progress.contains(&presence.session), now);
        }
        for &session in in_progress {
            // Known already where the roster was kept as running; told to nobody, for nobody is here.
            let _ = self.change(session, Input::CallStarted { started_at: now }, now);
        }
        Ok(())
    }

    fn restore_room(&self, presence: &Presence, is_running: bool, now: Timestamp) {
        let Ok(mut snapshot) = kept::read(&presence.roster) else {
            tracing::warn!(session = %presence.session, "the room's presence is unreadable");
            self.mark_unsaved(presence.session);
            return;
        };
        if !is_running {
            snapshot.running_since = None;
        }
        let alive_at = presence.node_alive_at;
        let roster = Roster::restore(snapshot, self.settings, alive_at, now);
        self.with_room(presence.session, |room| {
            room.roster = roster;
            self.note_deadline(presence.session, room);
        });
        self.mark_unsaved(presence.session);
    }

    /// Applies an input under the room's lock and delivers what follows.
    fn change(
        &self,
        session: SessionId,
        input: Input,
        now: Timestamp,
    ) -> Result<(), RosterRefusal> {
        self.with_room(session, |room| {
            let before = room.roster.revision();
            let outputs = room.roster.apply(input, now)?;
            for output in outputs {
                self.outbox.deliver(session, output);
            }
            self.note_deadline(session, room);
            if room.roster.revision() != before {
                self.mark_unsaved(session);
            }
            Ok(())
        })
    }

    fn shard(&self, session: SessionId) -> &Shard {
        let hash = self.hasher.hash_one(session);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or(0)]
    }

    fn find(&self, session: SessionId) -> Option<Arc<Mutex<Room>>> {
        self.shard(session).read().get(&session).cloned()
    }

    fn find_or_open(&self, session: SessionId) -> Arc<Mutex<Room>> {
        if let Some(room) = self.find(session) {
            return room;
        }
        let mut shard = self.shard(session).write();
        let room = shard.entry(session).or_insert_with(|| {
            Arc::new(Mutex::new(Room {
                roster: Roster::new(self.settings),
                deadline: None,
                is_retired: false,
            }))
        });
        Arc::clone(room)
    }

    /// Runs `act` under the room's lock, opening the room if need be, and retires it when idle.
    fn with_room<T>(&self, session: SessionId, act: impl FnOnce(&mut Room) -> T) -> T {
        loop {
            let room = self.find_or_open(session);
            let mut room = room.lock();
            if room.is_retired {
                continue;
            }
            let result = act(&mut room);
            if room.roster.is_idle() {
                room.is_retired = true;
                self.shard(session).write().remove(&session);
            }
            return result;
        }
    }

    fn note_deadline(&self, session: SessionId, room: &mut Room) {
        let deadline = room.roster.next_deadline();
        let earlier = mem::replace(&mut room.deadline, deadline);
        if deadline == earlier {
            return;
        }
        let mut deadlines = self.deadlines.lock();
        if let Some(at) = earlier {
            deadlines.remove(&(at, session));
        }
        if let Some(at) = deadline {
            deadlines.insert((at, session));
        }
        drop(deadlines);
        self.changed.notify_one();
    }

    fn mark_unsaved(&self, session: SessionId) {
        self.unsaved.lock().insert(session);
        self.changed.notify_one();
    }

    fn due(&self, now: Timestamp) -> Vec<SessionId> {
        let deadlines = self.deadlines.lock();
        deadlines
            .iter()
            .take_while(|(at, _)| *at <= now)
            .map(|&(_, session)| session)
            .collect()
    }

    /// Whether there is no room at all, so that nobody asks later when this node was alive.
    fn is_quiet(&self) -> bool {
        self.shards.iter().all(|shard| shard.read().is_empty())
    }

    /// The room's lasting facts as they are to be saved, or `None` when it is to be forgotten.
    fn written(&self, session: SessionId) -> Result<Option<String>, StoreError> {
        let snapshot = self
            .find(session)
            .and_then(|room| room.lock().roster.snapshot());
        snapshot.as_ref().map(kept::write).transpose()
    }
}

#[async_trait]
impl RoomStore for MemoryRooms {
    async fn apply(&self, session: SessionId, input: Input, now: Timestamp) -> Applied {
        Ok(self.change(session, input, now))
    }

    async fn signal(
        &self,
        session: SessionId,
        from: SocketId,
        to: SocketId,
        kind: SignalKind,
        payload: &str,
    ) -> Applied {
        let Some(room) = self.find(session) else {
            return Ok(Err(RosterRefusal::NotInRoom));
        };
        // Delivered under the lock: two signals of one sender must not overtake each other, nor the
        // news that their receiver has moved.
        let mut room = room.lock();
        Ok(room.roster.signal(from, to, kind, payload).map(|delivery| {
            if let Delivery::Now(socket) = delivery {
                self.outbox.signal(socket, from, kind, payload);
            }
        }))
    }

    async fn holds_place(
        &self,
        session: SessionId,
        user: UserId,
        token: &TokenDigest,
    ) -> Result<bool, StoreError> {
        let room = self.find(session);
        Ok(room.is_some_and(|room| room.lock().roster.holds_place(user, token)))
    }

    async fn is_abandoned(
        &self,
        session: SessionId,
        empty_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let room = self.find(session);
        Ok(room.is_some_and(|room| room.lock().roster.is_abandoned(empty_since)))
    }

    async fn tick(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        for session in self.due(now) {
            // A tick is never refused.
            let _ = self.change(session, Input::Tick, now);
        }
        Ok(self.deadlines.lock().first().map(|&(at, _)| at))
    }

    async fn save(&self, now: Timestamp) -> Result<(), StoreError> {
        let unsaved = mem::take(&mut *self.unsaved.lock());
        if unsaved.is_empty() {
            return if self.is_quiet() {
                Ok(())
            } else {
                self.presence.beat(&self.node, now).await
            };
        }
        let (mut rosters, mut gone) = (Vec::new(), Vec::new());
        for &session in &unsaved {
            match self.written(session)? {
                Some(roster) => rosters.push((session, roster)),
                None => gone.push(session),
            }
        }
        let saved = self
            .presence
            .save_presence(&self.node, &rosters, &gone, now)
            .await;
        if saved.is_err() {
            self.unsaved.lock().extend(unsaved);
        }
        saved
    }

    async fn is_kept_elsewhere(
        &self,
        session: SessionId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let kept = self.presence.load_presence().await?;
        let room = self.find(session);
        let ours = room.and_then(|room| room.lock().roster.snapshot());
        let ours = ours.and_then(|snapshot| snapshot.empty_since);
        Ok(kept.iter().any(|presence| {
            let is_elsewhere = presence.session == session && presence.node != self.node;
            let is_alive = presence.node_alive_at >= since;
            is_elsewhere && is_alive && was_there_later(presence, ours)
        }))
    }

    async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// Whether somebody is in this room, or was when ours had been empty for a while.
fn was_there_later(presence: &Presence, ours_empty_since: Option<Timestamp>) -> bool {
    kept::read(&presence.roster).is_ok_and(|snapshot| match snapshot.empty_since {
        Some(empty_since) => ours_empty_since.is_none_or(|ours| ours < empty_since),
        None => !snapshot.places.is_empty(),
    })
}

impl std::fmt::Debug for MemoryRooms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryRooms")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}
