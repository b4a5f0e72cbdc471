//! First replies: claimed once, replayed for a day.

use bytes::Bytes;
use holdspace_store::{Begun, IdempotencyKey, Reply};

use super::people::{CLIENT, PSYCHOLOGIST};
use super::{NOW, Stores, later};

const DAY: i64 = 24 * 60 * 60 * 1000;
const BODY: [u8; 32] = [1; 32];
const OTHER_BODY: [u8; 32] = [2; 32];

fn key() -> IdempotencyKey {
    IdempotencyKey {
        user: CLIENT,
        path: "/video-calls/start/507f1f77bcf86cd799439011".to_owned(),
        key: "first try".to_owned(),
    }
}

fn reply(text: &'static str) -> Reply {
    Reply {
        status: 201,
        body: Bytes::from_static(text.as_bytes()),
    }
}

pub(crate) async fn a_finished_reply_is_replayed_for_a_day(stores: Stores) {
    let (one, other) = (&stores.one, &stores.other);
    assert_eq!(
        one.begin_idempotent(&key(), BODY, NOW).await.unwrap(),
        Begun::First
    );
    one.finish_idempotent(&key(), &reply("{}"), NOW)
        .await
        .unwrap();
    for (now, begun) in [
        (NOW, Begun::Replay(reply("{}"))),
        (later(DAY - 1), Begun::Replay(reply("{}"))),
        (later(DAY), Begun::First),
    ] {
        let answer = other.begin_idempotent(&key(), BODY, now).await.unwrap();
        assert_eq!(answer, begun);
    }
}

pub(crate) async fn another_body_is_noticed(stores: Stores) {
    let store = &stores.one;
    store.begin_idempotent(&key(), BODY, NOW).await.unwrap();
    let answer = store.begin_idempotent(&key(), OTHER_BODY, NOW).await;
    assert_eq!(answer.unwrap(), Begun::OtherBody);
    store
        .finish_idempotent(&key(), &reply("{}"), NOW)
        .await
        .unwrap();
    let answer = store.begin_idempotent(&key(), OTHER_BODY, NOW).await;
    assert_eq!(answer.unwrap(), Begun::OtherBody);
}

pub(crate) async fn a_key_is_in_flight_until_it_is_finished(stores: Stores) {
    stores
        .one
        .begin_idempotent(&key(), BODY, NOW)
        .await
        .unwrap();
    let answer = stores
        .other
        .begin_idempotent(&key(), BODY, later(14_999))
        .await;
    assert_eq!(answer.unwrap(), Begun::InFlight);
    let finished = stores.one.finish_idempotent(&key(), &reply(""), NOW).await;
    finished.unwrap();
    let answer = stores.other.begin_idempotent(&key(), BODY, NOW).await;
    assert_eq!(answer.unwrap(), Begun::Replay(reply("")));
}

pub(crate) async fn an_abandoned_key_is_free(stores: Stores) {
    let store = &stores.one;
    store.begin_idempotent(&key(), BODY, NOW).await.unwrap();
    store.abandon_idempotent(&key()).await.unwrap();
    let answer = store.begin_idempotent(&key(), OTHER_BODY, NOW).await;
    assert_eq!(answer.unwrap(), Begun::First);
    store
        .finish_idempotent(&key(), &reply("{}"), NOW)
        .await
        .unwrap();
    // An answer is not given back.
    store.abandon_idempotent(&key()).await.unwrap();
    let answer = store.begin_idempotent(&key(), OTHER_BODY, NOW).await;
    assert_eq!(answer.unwrap(), Begun::Replay(reply("{}")));
}

pub(crate) async fn an_old_claim_is_taken_over(stores: Stores) {
    stores
        .one
        .begin_idempotent(&key(), BODY, NOW)
        .await
        .unwrap();
    let answer = stores
        .other
        .begin_idempotent(&key(), BODY, later(15_000))
        .await;
    assert_eq!(answer.unwrap(), Begun::First);
    let answer = stores
        .one
        .begin_idempotent(&key(), BODY, later(15_001))
        .await;
    assert_eq!(answer.unwrap(), Begun::InFlight);
}

pub(crate) async fn keys_are_kept_apart(stores: Stores) {
    let elsewhere = IdempotencyKey {
        path: "/sessions".to_owned(),
        ..key()
    };
    let another = IdempotencyKey {
        key: "First try".to_owned(),
        ..key()
    };
    let of_another = IdempotencyKey {
        user: PSYCHOLOGIST,
        ..key()
    };
    for key in [key(), elsewhere, another, of_another] {
        let answer = stores.one.begin_idempotent(&key, BODY, NOW).await.unwrap();
        assert_eq!(answer, Begun::First, "{key:?}");
    }
}

pub(crate) async fn of_many_claims_one_is_first(stores: Stores) {
    let answers = stores
        .crowd(|_, store| async move { store.begin_idempotent(&key(), BODY, NOW).await.unwrap() })
        .await;
    let first = answers.iter().filter(|&answer| *answer == Begun::First);
    assert_eq!(first.count(), 1);
    let waiting = answers.iter().filter(|&answer| *answer == Begun::InFlight);
    assert_eq!(waiting.count(), 31);
}

pub(crate) async fn the_first_reply_stays(stores: Stores) {
    stores
        .one
        .begin_idempotent(&key(), BODY, NOW)
        .await
        .unwrap();
    for text in ["first", "second"] {
        let finished = stores
            .one
            .finish_idempotent(&key(), &reply(text), NOW)
            .await;
        finished.unwrap();
    }
    let answer = stores
        .one
        .begin_idempotent(&key(), BODY, NOW)
        .await
        .unwrap();
    assert_eq!(answer, Begun::Replay(reply("first")));
}

pub(crate) async fn purging_keeps_what_counts(stores: Stores) {
    let store = &stores.one;
    store.begin_idempotent(&key(), BODY, NOW).await.unwrap();
    store
        .finish_idempotent(&key(), &reply("{}"), NOW)
        .await
        .unwrap();
    store.purge_idempotent(later(DAY - 1)).await.unwrap();
    let answer = store.begin_idempotent(&key(), BODY, NOW).await.unwrap();
    assert_eq!(answer, Begun::Replay(reply("{}")));
    store.purge_idempotent(later(DAY)).await.unwrap();
    let answer = store.begin_idempotent(&key(), BODY, NOW).await.unwrap();
    assert_eq!(answer, Begun::First);
}
