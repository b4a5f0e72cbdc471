//! Reads of many at once, which one statement answers together.

use std::sync::Arc;

use holdspace_domain::Session;
use holdspace_store::{Options, Store, StoreError};

use super::{add, connect, filled, open, session};

/// Sessions 10 to 41 beside 7.
async fn many() -> (tempfile::TempDir, Arc<dyn Store>) {
    let directory = filled().await;
    let store: Arc<dyn Store> = Arc::new(open(&directory, Options::default()).await);
    for number in 10..42 {
        add(&store, &session(number)).await;
    }
    (directory, store)
}

async fn load_all(store: &Arc<dyn Store>) -> Vec<(Session, Result<(), StoreError>)> {
    let loads: Vec<_> = (10..42)
        .map(|number| {
            let (store, session) = (Arc::clone(store), session(number));
            tokio::spawn(async move {
                let loaded = store.load_session(session.id).await;
                let same = loaded.map(|found| assert_eq!(found.unwrap().session, session));
                (session, same)
            })
        })
        .collect();
    let mut answers = Vec::new();
    for load in loads {
        answers.push(load.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn a_record_that_cannot_be_read_troubles_nobody_else() {
    let (directory, store) = many().await;
    let mut connection = connect(&directory).await;
    sqlx::raw_sql(
        "PRAGMA ignore_check_constraints = ON;
         UPDATE sessions SET status = 'nonsense' WHERE id = x'0c0c0c0c0c0c0c0c0c0c0c0c'",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    for (session, answer) in load_all(&store).await {
        let is_broken = session.id == super::session(12).id;
        assert_eq!(answer.is_err(), is_broken, "{session:?}: {answer:?}");
    }
}

#[tokio::test]
async fn who_gives_up_waiting_takes_nobody_along() {
    let (_directory, store) = many().await;
    let givers_up: Vec<_> = (10..42)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.load_session(session(number).id).await })
        })
        .collect();
    // All of them are waiting, one as the leader, when they are dropped.
    tokio::task::yield_now().await;
    for one in &givers_up {
        one.abort();
    }
    for (session, answer) in load_all(&store).await {
        assert!(answer.is_ok(), "{session:?}: {answer:?}");
    }
}
