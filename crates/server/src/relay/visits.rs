//! Which visit the relay was used for: credentials name a person, so the visit is the one whose room that person was in when
//! the allocation was made. Told once nobody of it has an allocation any more.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use holdspace_domain::{SessionId, UserId};
use holdspace_turn::Usage;
use parking_lot::Mutex;

/// Who is in which room, and what is relayed for it. Asked when somebody joins, leaves, gets an allocation or loses it.
#[derive(Debug, Default)]
pub(super) struct Visits(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Somebody in two rooms is counted for the one joined last.
    present: HashMap<String, Vec<SessionId>>,
    numbers: HashMap<SessionId, u64>,
    visits: HashMap<u64, Visit>,
    last_number: u64,
}

#[derive(Debug)]
struct Visit {
    session: SessionId,
    allocations: usize,
    used: BTreeMap<(String, &'static str), Used>,
}

#[derive(Debug, Default)]
struct Used {
    duration: Duration,
    sent_bytes: u64,
    received_bytes: u64,
}

/// What was relayed for a visit.
#[derive(Debug)]
pub(super) struct Relayed {
    pub(super) session: SessionId,
    used: BTreeMap<(String, &'static str), Used>,
}

/// Somebody in the room of a visit, until it is dropped.
#[derive(Debug)]
pub struct Presence {
    visits: Arc<Visits>,
    user: String,
    session: SessionId,
}

impl Visits {
    pub(super) fn enter(self: &Arc<Self>, user: UserId, session: SessionId) -> Presence {
        let user = user.to_string();
        let mut state = self.0.lock();
        state.present.entry(user.clone()).or_default().push(session);
        Presence {
            visits: Arc::clone(self),
            user,
            session,
        }
    }

    /// The number of the visit that a new allocation of this user is for; 0 when there is none.
    pub(super) fn allocated(&self, user: &str) -> u64 {
        let mut state = self.0.lock();
        let State {
            present,
            numbers,
            visits,
            last_number,
        } = &mut *state;
        let Some(session) = present.get(user).and_then(|rooms| rooms.last()).copied() else {
            return 0;
        };
        let number = *numbers.entry(session).or_insert_with(|| {
            *last_number += 1;
            *last_number
        });
        let visit = visits.entry(number).or_insert_with(|| Visit {
            session,
            allocations: 0,
            used: BTreeMap::new(),
        });
        visit.allocations += 1;
        number
    }

    /// Counts what an allocation was; all of its visit, when it was the last one and there is something to tell.
    pub(super) fn released(&self, usage: &Usage<'_>) -> Option<Relayed> {
        let mut state = self.0.lock();
        let visit = state.visits.get_mut(&usage.tag)?;
        if usage.sent_bytes + usage.received_bytes > 0 {
            let who = (usage.user.to_owned(), usage.transport.name());
            let used = visit.used.entry(who).or_default();
            used.duration = used.duration.max(usage.duration);
            used.sent_bytes += usage.sent_bytes;
            used.received_bytes += usage.received_bytes;
        }
        visit.allocations = visit.allocations.saturating_sub(1);
        if visit.allocations > 0 {
            return None;
        }
        let Visit { session, used, .. } = state.visits.remove(&usage.tag)?;
        state.numbers.remove(&session);
        (!used.is_empty()).then_some(Relayed { session, used })
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut state = self.visits.0.lock();
        if let Some(rooms) = state.present.get_mut(&self.user) {
            if let Some(index) = rooms.iter().rposition(|room| *room == self.session) {
                rooms.remove(index);
            }
            if rooms.is_empty() {
                state.present.remove(&self.user);
            }
        }
    }
}

impl Relayed {
    /// How long the longest allocation lasted.
    pub(super) fn duration(&self) -> Duration {
        let durations = self.used.values().map(|used| used.duration);
        durations.max().unwrap_or_default()
    }

    /// From clients to peers.
    pub(super) fn sent_bytes(&self) -> u64 {
        self.used.values().map(|used| used.sent_bytes).sum()
    }

    /// From peers to clients.
    pub(super) fn received_bytes(&self) -> u64 {
        self.used.values().map(|used| used.received_bytes).sum()
    }
}

/// Who was relayed by what: `<user> udp <bytes sent>/<bytes received>`, separated by commas.
impl fmt::Display for Relayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, ((user, transport), used)) in self.used.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let (sent, received) = (used.sent_bytes, used.received_bytes);
            write!(f, "{comma}{user} {transport} {sent}/{received}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use holdspace_turn::Transport;

    use super::*;

    const ALICE: UserId = UserId::from_bytes([0xa; 12]);
    const BOB: UserId = UserId::from_bytes([0xb; 12]);
    const FIRST: SessionId = SessionId::from_bytes([1; 12]);
    const SECOND: SessionId = SessionId::from_bytes([2; 12]);

    fn allocated(visits: &Visits, user: UserId) -> u64 {
        visits.allocated(&user.to_string())
    }

    /// What is told when an allocation by UDP is gone by which so much was sent.
    fn released(visits: &Visits, user: UserId, tag: u64, sent_bytes: u64) -> Option<String> {
        released_by(visits, user, tag, Transport::Udp, sent_bytes)
    }

    fn released_by(
        visits: &Visits,
        user: UserId,
        tag: u64,
        transport: Transport,
        sent_bytes: u64,
    ) -> Option<String> {
        let usage = Usage {
            username: "",
            user: &user.to_string(),
            tag,
            transport,
            client: ([192, 0, 2, 1], 1).into(),
            duration: Duration::from_secs(sent_bytes),
            sent_bytes,
            sent_packets: 0,
            received_bytes: 0,
            received_packets: 0,
        };
        let relayed = visits.released(&usage)?;
        Some(format!(
            "{} {}s {relayed}",
            relayed.session,
            relayed.duration().as_secs()
        ))
    }

    fn is_empty(visits: &Visits) -> bool {
        let state = visits.0.lock();
        state.present.is_empty() && state.numbers.is_empty() && state.visits.is_empty()
    }

    #[test]
    fn a_visit_is_told_once_with_all_who_were_relayed() {
        let visits = Arc::new(Visits::default());
        let presences = [visits.enter(ALICE, FIRST), visits.enter(BOB, FIRST)];
        let tags = [ALICE, ALICE, BOB].map(|user| allocated(&visits, user));
        assert!(tags[0] > 0 && tags == [tags[0]; 3]);
        // They hang up before the relay hears of it.
        drop(presences);
        assert_eq!(released(&visits, ALICE, tags[0], 7), None);
        assert_eq!(
            released_by(&visits, BOB, tags[0], Transport::Tls, 5),
            None,
            "one of hers is left"
        );
        let told = released(&visits, ALICE, tags[0], 2).unwrap();
        assert_eq!(told, format!("{FIRST} 7s {ALICE} udp 9/0, {BOB} tls 5/0"));
        assert!(is_empty(&visits));
    }

    #[test]
    fn what_was_not_used_is_not_told() {
        let visits = Arc::new(Visits::default());
        let presence = visits.enter(ALICE, FIRST);
        let tag = allocated(&visits, ALICE);
        assert_eq!(released(&visits, ALICE, tag, 0), None);
        drop(presence);
        assert!(is_empty(&visits));
    }

    #[test]
    fn who_is_in_no_room_is_relayed_for_no_visit() {
        let visits = Arc::new(Visits::default());
        assert_eq!(allocated(&visits, ALICE), 0);
        assert_eq!(released(&visits, ALICE, 0, 7), None);
        drop(visits.enter(ALICE, FIRST));
        assert_eq!(allocated(&visits, ALICE), 0);
        assert!(is_empty(&visits));
    }

    #[test]
    fn one_visit_after_the_other_is_told_apart() {
        let visits = Arc::new(Visits::default());
        let first = visits.enter(ALICE, FIRST);
        let early = allocated(&visits, ALICE);
        // The next room is entered before the first one is left.
        let second = visits.enter(ALICE, SECOND);
        drop(first);
        let late = allocated(&visits, ALICE);
        assert_ne!(early, late);
        let told = released(&visits, ALICE, late, 3).unwrap();
        assert!(told.starts_with(&SECOND.to_string()), "{told}");
        let told = released(&visits, ALICE, early, 1).unwrap();
        assert!(told.starts_with(&FIRST.to_string()), "{told}");
        drop(second);
        assert!(is_empty(&visits));
    }

    #[test]
    fn a_second_tab_that_closes_takes_the_first_one_out_of_no_room() {
        let visits = Arc::new(Visits::default());
        let first = visits.enter(ALICE, FIRST);
        drop(visits.enter(ALICE, FIRST));
        let tag = allocated(&visits, ALICE);
        assert!(released(&visits, ALICE, tag, 1).is_some());
        // Somebody who comes back later is told of again.
        let again = allocated(&visits, ALICE);
        assert!(released(&visits, ALICE, again, 1).is_some());
        drop(first);
        assert!(is_empty(&visits));
    }
}
