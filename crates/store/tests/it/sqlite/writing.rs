//! Writes in company: refused alone, failed together, and well again afterwards.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use holdspace_domain::Session;
use holdspace_store::{
    Begun, Health, IdempotencyKey, Inserted, Options, Reply, SessionStore, Sqlite, Store,
    StoreError,
};
use sqlx::Executor;
use tempfile::TempDir;

use super::{connect, filled, open};
use crate::story::people::{CLIENT, STRANGER};
use crate::story::sessions::session;
use crate::story::{NOW, later};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_write_fails_alone() {
    let directory = filled().await;
    let store = open(&directory, Options::default()).await;
    let inserts: Vec<_> = (10..50)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let guests = if number % 2 == 0 {
                    vec![STRANGER]
                } else {
                    vec![]
                };
                let session = Session {
                    guests,
                    ..session(number)
                };
                (number, store.insert_session(&session).await)
            })
        })
        .collect();
    for insert in inserts {
        let (number, answer) = insert.await.unwrap();
        let refused = matches!(answer, Err(StoreError::Refused(_)));
        let stored = matches!(answer, Ok(Inserted::New));
        assert_eq!((refused, stored), (number % 2 == 0, number % 2 == 1));
        let found = store.load_session(session(number).id).await.unwrap();
        assert_eq!(found.is_some(), stored, "{number}");
    }
}

#[tokio::test]
async fn a_busy_database_is_unavailable_and_then_works() {
    let directory = filled().await;
    let options = Options {
        busy_timeout: Duration::from_millis(20),
        ..Options::default()
    };
    let store = open(&directory, options).await;
    store.ping().await.unwrap();
    let mut connection = connect(&directory).await;
    connection.execute("BEGIN IMMEDIATE").await.unwrap();
    let answer = store.save_session(&session(7)).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    assert!(matches!(
        store.ping().await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(store.load_session(session(7).id).await.unwrap().is_some());
    connection.execute("ROLLBACK").await.unwrap();
    assert!(store.save_session(&session(7)).await.unwrap());
    store.ping().await.unwrap();
}

fn key(number: u32) -> IdempotencyKey {
    IdempotencyKey {
        user: CLIENT,
        path: "/sessions".to_owned(),
        key: number.to_string(),
    }
}

/// Claims a key and keeps a reply of 64 KiB under it.
async fn keep(store: &Sqlite, number: u32) -> Result<(), StoreError> {
    let store: Arc<dyn Store> = Arc::new(store.clone());
    let reply = Reply {
        status: 200,
        body: Bytes::from(vec![b'x'; 64 * 1024]),
    };
    store.begin_idempotent(&key(number), [0; 32], NOW).await?;
    store.finish_idempotent(&key(number), &reply, NOW).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_is_unavailable_and_works_again_when_there_is_room() {
    let directory = TempDir::new().unwrap();
    let options = Options {
        pages_max: Some(300),
        ..Options::default()
    };
    let store = open(&directory, options).await;
    let keeps: Vec<_> = (0..64)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { (number, keep(&store, number).await) })
        })
        .collect();
    let mut kept = vec![];
    for keep in keeps {
        match keep.await.unwrap() {
            (number, Ok(())) => kept.push(number),
            (_, Err(StoreError::Unavailable(_))) => {}
            (_, Err(other)) => panic!("{other:?}"),
        }
    }
    // Alone, some may still fit beside what a crowd could not.
    for number in 64..96 {
        if keep(&store, number).await.is_ok() {
            kept.push(number);
        }
    }
    assert!((1..90).contains(&kept.len()), "{} were kept", kept.len());
    for number in kept {
        let all: &dyn Store = &store;
        let answer = all.begin_idempotent(&key(number), [0; 32], NOW).await;
        assert!(
            matches!(answer, Ok(Begun::Replay(_))),
            "{number}: {answer:?}"
        );
    }

    let day = later(24 * 60 * 60 * 1000);
    let all: &dyn Store = &store;
    all.purge_idempotent(day).await.unwrap();
    keep(&store, 1000).await.unwrap();
    store.ping().await.unwrap();
}
