//! Sessions: stored whole, saved by compare and swap, seen by everybody at once.

use std::sync::Arc;

use holdspace_domain::{
    NewSession, PaymentStatus, RoomId, Session, SessionId, SessionState, SessionType, UserId,
};
use holdspace_store::{Inserted, Store, StoreError};

use super::people::{self, CLIENT, GUEST, PSYCHOLOGIST, STRANGER};
use super::{NOW, Stores, later};

/// A confirmed and paid session of the client and the psychologist.
pub(crate) fn session(number: u8) -> Session {
    let new = NewSession {
        id: SessionId::from_bytes([number; 12]),
        external_id: None,
        client: CLIENT,
        psychologist: PSYCHOLOGIST,
        guests: vec![],
        session_date: NOW,
        duration_minutes: 50,
        session_type: SessionType::Individual,
        confirmed: true,
        payment: PaymentStatus::Completed,
    };
    Session::book(new, 8, NOW).unwrap()
}

pub(crate) async fn add_people(store: &Arc<dyn Store>) {
    for id in [CLIENT, PSYCHOLOGIST, GUEST] {
        people::add(store, id).await;
    }
}

pub(crate) async fn add(store: &Arc<dyn Store>, session: &Session) {
    let answer = store.insert_session(session).await.unwrap();
    assert!(matches!(answer, Inserted::New));
}

async fn load(store: &Arc<dyn Store>, id: SessionId) -> Session {
    let booking = store.load_session(id).await.unwrap().unwrap();
    booking.session.clone()
}

pub(crate) async fn a_session_comes_back_as_stored(stores: Stores) {
    add_people(&stores.one).await;
    let booked = Session {
        external_id: Some("visit-42".to_owned()),
        guests: vec![GUEST],
        session_type: SessionType::Family,
        room: Some(RoomId::from_random([5; 16])),
        ..session(7)
    };
    add(&stores.one, &booked).await;
    for store in [&stores.one, &stores.other] {
        let booking = store.load_session(booked.id).await.unwrap().unwrap();
        assert_eq!(booking.session, booked);
        let people = [CLIENT, PSYCHOLOGIST, GUEST].map(people::person);
        assert_eq!(booking.people, people);
    }
    let nobody = stores.one.load_session(session(8).id).await.unwrap();
    assert_eq!(nobody, None);
}

pub(crate) async fn every_state_comes_back_with_its_facts(stores: Stores) {
    add_people(&stores.one).await;
    let states = [
        SessionState::Pending,
        SessionState::Confirmed,
        SessionState::Declined,
        SessionState::Cancelled { started_at: None },
        SessionState::Cancelled {
            started_at: Some(NOW),
        },
        SessionState::InProgress { started_at: NOW },
        SessionState::Completed {
            started_at: NOW,
            ended_at: later(60_000),
        },
    ];
    for (number, state) in (1..).zip(states) {
        let found = Session {
            state,
            ..session(number)
        };
        add(&stores.one, &found).await;
        assert_eq!(load(&stores.other, found.id).await, found);
        // A save says the same as an insert.
        assert!(stores.one.save_session(&found).await.unwrap());
        let saved = Session {
            version: 1,
            ..found
        };
        assert_eq!(load(&stores.other, saved.id).await, saved);
    }
    let impossible = Session {
        state: SessionState::Completed {
            started_at: NOW,
            ended_at: later(-1),
        },
        ..session(99)
    };
    let answer = stores.one.insert_session(&impossible).await;
    assert!(matches!(answer, Err(StoreError::Refused(_))), "{answer:?}");
}

pub(crate) async fn of_many_who_ask_at_once_each_gets_his_own(stores: Stores) {
    const STORED: usize = 25;
    add_people(&stores.one).await;
    let numbered = |number: usize| Session {
        room: Some(RoomId::from_random([u8::try_from(number).unwrap(); 16])),
        ..session(u8::try_from(number).unwrap())
    };
    for number in 0..STORED {
        add(&stores.one, &numbered(number)).await;
    }
    let answers = stores
        .crowd(move |number, store| async move {
            let asked = numbered(number);
            let room = asked.room.clone().unwrap();
            let by_id = store.load_session(asked.id).await.unwrap();
            let by_room = store.load_session_by_room(&room).await.unwrap();
            (asked, by_id, by_room)
        })
        .await;
    for (number, (asked, by_id, by_room)) in answers.into_iter().enumerate() {
        let expected = (number < STORED).then_some(asked);
        assert_eq!(by_id.map(|found| found.session.clone()), expected);
        assert_eq!(by_room.map(|found| found.session.clone()), expected);
    }
}

pub(crate) async fn a_known_external_id_answers_the_stored_session(stores: Stores) {
    add_people(&stores.one).await;
    let first = Session {
        external_id: Some("visit-42".to_owned()),
        ..session(7)
    };
    add(&stores.one, &first).await;
    let second = Session {
        id: session(8).id,
        ..first.clone()
    };
    match stores.other.insert_session(&second).await.unwrap() {
        Inserted::Known(booking) => assert_eq!(booking.session, first),
        Inserted::New => panic!("stored twice"),
    }
    assert_eq!(stores.one.load_session(second.id).await.unwrap(), None);
}

pub(crate) async fn of_many_with_one_external_id_one_is_new(stores: Stores) {
    add_people(&stores.one).await;
    let answers = stores
        .crowd(|number, store| async move {
            let session = Session {
                external_id: Some("visit-42".to_owned()),
                ..session(u8::try_from(number).unwrap())
            };
            match store.insert_session(&session).await.unwrap() {
                Inserted::New => (true, session.id),
                Inserted::Known(booking) => (false, booking.session.id),
            }
        })
        .await;
    assert_eq!(answers.iter().filter(|(new, _)| *new).count(), 1);
    let (_, first) = answers[0];
    assert!(answers.iter().all(|&(_, id)| id == first));
}

pub(crate) async fn a_booking_of_somebody_unknown_is_refused_and_leaves_nothing(stores: Stores) {
    add_people(&stores.one).await;
    let unknown = Session {
        guests: vec![STRANGER],
        ..session(7)
    };
    let answer = stores.one.insert_session(&unknown).await;
    assert!(matches!(answer, Err(StoreError::Refused(_))), "{answer:?}");
    assert_eq!(stores.one.load_session(unknown.id).await.unwrap(), None);

    add(&stores.one, &session(7)).await;
    let answer = stores.one.save_session(&unknown).await;
    assert!(matches!(answer, Err(StoreError::Refused(_))), "{answer:?}");
    assert_eq!(load(&stores.one, unknown.id).await, session(7));
}

pub(crate) async fn a_save_of_an_old_version_changes_nothing(stores: Stores) {
    add_people(&stores.one).await;
    add(&stores.one, &session(7)).await;
    let declined = Session {
        state: SessionState::Declined,
        ..session(7)
    };
    assert!(stores.one.save_session(&declined).await.unwrap());
    assert!(!stores.other.save_session(&session(7)).await.unwrap());
    let found = load(&stores.other, declined.id).await;
    assert_eq!((found.state, found.version), (SessionState::Declined, 1));
    let absent = stores.one.save_session(&session(8)).await.unwrap();
    assert!(!absent);
}

pub(crate) async fn of_many_saves_one_wins(stores: Stores) {
    add_people(&stores.one).await;
    add(&stores.one, &session(7)).await;
    for version in 0..4 {
        let answers = stores
            .crowd(move |number, store| async move {
                let started_at = later(i64::try_from(number).unwrap());
                let started = Session {
                    state: SessionState::InProgress { started_at },
                    version,
                    ..session(7)
                };
                let won = store.save_session(&started).await.unwrap();
                won.then_some(started.state)
            })
            .await;
        let winners: Vec<_> = answers.into_iter().flatten().collect();
        let found = load(&stores.one, session(7).id).await;
        assert_eq!(winners, [found.state]);
        assert_eq!(found.version, version + 1);
    }
}

pub(crate) async fn guests_change_with_a_save(stores: Stores) {
    add_people(&stores.one).await;
    add(&stores.one, &session(7)).await;
    for (version, guests) in (0..).zip([vec![GUEST], vec![GUEST], vec![]]) {
        let changed = Session {
            guests,
            version,
            ..session(7)
        };
        assert!(stores.one.save_session(&changed).await.unwrap());
        let booking = stores
            .other
            .load_session(changed.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(booking.session.guests, changed.guests);
        let people: Vec<UserId> = booking.people.iter().map(|person| person.id).collect();
        assert_eq!(people, changed.people().collect::<Vec<_>>());
    }
}

pub(crate) async fn a_session_is_found_by_its_room(stores: Stores) {
    add_people(&stores.one).await;
    add(&stores.one, &session(7)).await;
    let room = RoomId::from_random([5; 16]);
    let found = stores.one.load_session_by_room(&room).await.unwrap();
    assert_eq!(found, None);
    let roomy = session(7).with_room(room.clone(), later(1));
    assert!(stores.one.save_session(&roomy).await.unwrap());
    let found = stores.other.load_session_by_room(&room).await.unwrap();
    let found = found.unwrap();
    assert_eq!(
        (found.session.id, found.session.room.as_ref()),
        (roomy.id, Some(&room))
    );
    assert_eq!(found.people.len(), 2);
}

pub(crate) async fn a_room_belongs_to_one_session(stores: Stores) {
    add_people(&stores.one).await;
    let room = RoomId::from_random([5; 16]);
    for number in [7, 8] {
        add(&stores.one, &session(number)).await;
    }
    let mut answers = vec![];
    for number in [7, 8] {
        let roomy = session(number).with_room(room.clone(), NOW);
        answers.push(stores.one.save_session(&roomy).await);
    }
    assert!(
        matches!(answers[..], [Ok(true), Err(StoreError::Refused(_))]),
        "{answers:?}"
    );
}

pub(crate) async fn a_load_sees_every_write_before_it(stores: Stores) {
    add_people(&stores.one).await;
    let room = RoomId::from_random([5; 16]);
    let roomy = session(7).with_room(room.clone(), NOW);
    add(&stores.one, &roomy).await;
    for version in 0..50 {
        let (writer, reader) = if version % 2 == 0 {
            (&stores.one, &stores.other)
        } else {
            (&stores.other, &stores.one)
        };
        let changed = Session {
            version,
            ..roomy.clone()
        };
        assert!(writer.save_session(&changed).await.unwrap());
        for store in [reader, writer] {
            assert_eq!(load(store, changed.id).await.version, version + 1);
            let found = store.load_session_by_room(&room).await.unwrap();
            assert_eq!(found.unwrap().session.version, version + 1);
        }
    }
}

/// While one handle saves, loads of both see versions that only grow, and none older than the last one
/// that was acknowledged before the load began.
pub(crate) async fn loads_beside_writes_never_go_back(stores: Stores) {
    use std::sync::atomic::{AtomicU64, Ordering};
    const SAVES: u64 = 100;
    add_people(&stores.one).await;
    add(&stores.one, &session(7)).await;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = [&stores.one, &stores.other, &stores.one, &stores.other]
        .map(|store| {
            let (store, acknowledged) = (Arc::clone(store), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                let mut seen = 0;
                while seen < SAVES {
                    let least = acknowledged.load(Ordering::SeqCst).max(seen);
                    seen = load(&store, session(7).id).await.version;
                    assert!(seen >= least, "saw {seen} after {least}");
                    tokio::task::yield_now().await;
                }
            })
        })
        .into();
    for version in 0..SAVES {
        let changed = Session {
            version,
            ..session(7)
        };
        assert!(stores.one.save_session(&changed).await.unwrap());
        acknowledged.store(version + 1, Ordering::SeqCst);
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

pub(crate) async fn calls_in_progress_are_found(stores: Stores) {
    add_people(&stores.one).await;
    let running = SessionState::InProgress { started_at: NOW };
    for (number, state) in [
        (1, running),
        (2, SessionState::Confirmed),
        (3, running),
        (4, SessionState::Declined),
    ] {
        let session = Session {
            state,
            ..session(number)
        };
        add(&stores.one, &session).await;
    }
    let found = stores.other.sessions_in_progress().await.unwrap();
    let found: Vec<SessionId> = found.iter().map(|found| found.id).collect();
    assert_eq!(found, [session(1).id, session(3).id]);
}

pub(crate) async fn what_was_closed_lately_is_found(stores: Stores) {
    add_people(&stores.one).await;
    let ended = SessionState::Completed {
        started_at: NOW,
        ended_at: NOW,
    };
    let cancelled = SessionState::Cancelled { started_at: None };
    for (number, state, changed) in [
        (1, ended, 30),
        (2, SessionState::Confirmed, 30),
        (3, cancelled, 20),
        (4, SessionState::Declined, 10),
        (5, ended, 9),
    ] {
        let session = Session {
            state,
            updated_at: later(changed),
            ..session(number)
        };
        add(&stores.one, &session).await;
    }
    let found = stores.other.sessions_closed_since(later(10)).await.unwrap();
    let found: Vec<SessionId> = found.iter().map(|found| found.id).collect();
    assert_eq!(found, [4, 3, 1].map(|number| session(number).id));
}
