//! Lists of sessions: order, pages, filters.

use std::sync::Arc;

use holdspace_domain::{Session, SessionId, SessionState, SessionStatus};
use holdspace_store::{SessionFilter, Store};

use super::people::{CLIENT, GUEST, PSYCHOLOGIST};
use super::sessions::{add, add_people, session};
use super::{NOW, Stores, later};

/// Sessions 1 to 9: dates go up in pairs, every third is pending, 4 and 8 have a guest.
async fn fill(store: &Arc<dyn Store>) {
    add_people(store).await;
    for number in 1..=9 {
        let mut session = Session {
            session_date: later(i64::from(number / 2) * 1000),
            ..session(number)
        };
        if number % 3 == 0 {
            session.state = SessionState::Pending;
        }
        if number % 4 == 0 {
            session.guests = vec![GUEST];
        }
        add(store, &session).await;
    }
}

async fn list(store: &Arc<dyn Store>, filter: SessionFilter) -> (Vec<u8>, bool) {
    let page = store.list_sessions(&filter).await.unwrap();
    let numbers = page
        .bookings
        .iter()
        .map(|booking| booking.session.id.as_bytes()[0]);
    (numbers.collect(), page.more)
}

fn all() -> SessionFilter {
    SessionFilter {
        limit: 100,
        ..SessionFilter::default()
    }
}

pub(crate) async fn latest_come_first(stores: Stores) {
    fill(&stores.one).await;
    for user in [None, Some(CLIENT), Some(PSYCHOLOGIST)] {
        let filter = SessionFilter { user, ..all() };
        let listed = list(&stores.other, filter).await;
        assert_eq!(listed, (vec![9, 8, 7, 6, 5, 4, 3, 2, 1], false));
    }
    let booking = &stores.other.list_sessions(&all()).await.unwrap().bookings[1];
    assert_eq!(booking.people.len(), 3);
}

pub(crate) async fn pages_meet_without_gap_or_overlap(stores: Stores) {
    fill(&stores.one).await;
    for user in [None, Some(CLIENT)] {
        for limit in 1..=10 {
            let mut filter = SessionFilter {
                user,
                limit,
                ..all()
            };
            let mut seen = vec![];
            loop {
                let page = stores.one.list_sessions(&filter).await.unwrap();
                assert!(page.bookings.len() <= limit);
                let sessions = page.bookings.iter().map(|booking| &booking.session);
                seen.extend(sessions.map(|session| session.id.as_bytes()[0]));
                if !page.more {
                    break;
                }
                let last = &page.bookings.last().unwrap().session;
                filter.after = Some((last.session_date, last.id));
            }
            assert_eq!(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1], "limit {limit}");
        }
    }
}

pub(crate) async fn filters_combine(stores: Stores) {
    fill(&stores.one).await;
    let pending = Some(SessionStatus::Pending);
    for (filter, expected) in [
        (
            SessionFilter {
                user: Some(GUEST),
                ..all()
            },
            vec![8, 4],
        ),
        (
            SessionFilter {
                status: pending,
                ..all()
            },
            vec![9, 6, 3],
        ),
        (
            SessionFilter {
                from: Some(later(3000)),
                ..all()
            },
            vec![9, 8, 7, 6],
        ),
        (
            SessionFilter {
                to: Some(later(1000)),
                ..all()
            },
            vec![3, 2, 1],
        ),
        (
            SessionFilter {
                user: Some(CLIENT),
                status: pending,
                from: Some(later(1000)),
                to: Some(later(3000)),
                ..all()
            },
            vec![6, 3],
        ),
        (
            SessionFilter {
                status: Some(SessionStatus::Confirmed),
                after: Some((later(3000), SessionId::from_bytes([7; 12]))),
                limit: 2,
                ..all()
            },
            vec![5, 4],
        ),
        (
            SessionFilter {
                status: Some(SessionStatus::Completed),
                ..all()
            },
            vec![],
        ),
    ] {
        let shown = format!("{filter:?}");
        assert_eq!(list(&stores.one, filter).await.0, expected, "{shown}");
    }
}

pub(crate) async fn a_moved_date_moves_in_every_list(stores: Stores) {
    fill(&stores.one).await;
    let moved = Session {
        session_date: later(60_000),
        ..session(1)
    };
    assert!(stores.one.save_session(&moved).await.unwrap());
    for user in [None, Some(CLIENT), Some(PSYCHOLOGIST)] {
        let filter = SessionFilter {
            user,
            limit: 2,
            ..all()
        };
        assert_eq!(list(&stores.other, filter).await, (vec![1, 9], true));
        let filter = SessionFilter {
            user,
            to: Some(NOW),
            ..all()
        };
        assert_eq!(list(&stores.other, filter).await, (vec![], false));
    }
}
