//! Opening: new files, known files, several at once, closing.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use holdspace_store::{
    Health, Migrated, Options, SessionStore, Sqlite, Store, StoreError, UserInsert,
};
use tempfile::TempDir;

use super::{filled, open, path, url};
use crate::story::people::{self, CLIENT};
use crate::story::sessions::session;

#[tokio::test]
async fn a_reopened_database_keeps_everything() {
    let directory = filled().await;
    let store = open(&directory, Options::default()).await;
    let booking = store.load_session(session(7).id).await.unwrap().unwrap();
    assert_eq!(booking.session, session(7));
}

#[tokio::test]
async fn a_missing_database_is_made_for_its_owner_alone() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory, Options::default()).await;
    store.ping().await.unwrap();
    let mut seen = 0;
    for entry in directory.path().read_dir().unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
        seen += 1;
    }
    assert_eq!(seen, 3, "the database, its log and its index");
}

#[tokio::test]
async fn a_url_and_a_link_lead_to_the_same_file() {
    let directory = filled().await;
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(path(&directory), &link).unwrap();
    for url in [
        format!("sqlite:{}", link.display()),
        format!("sqlite://{}", link.display()),
        link.display().to_string(),
    ] {
        let store = Sqlite::open(&url, Options::default()).await.unwrap();
        assert_eq!(store.path(), path(&directory).canonicalize().unwrap());
        let found = store.load_session(session(7).id).await.unwrap();
        assert!(found.is_some(), "{url}");
        store.close().await;
    }
}

#[tokio::test]
async fn migrating_says_what_it_did() {
    let directory = TempDir::new().unwrap();
    for migrated in [Migrated { from: 0, to: 2 }, Migrated { from: 2, to: 2 }] {
        let answer = Sqlite::migrate(&url(&directory), Options::default()).await;
        assert_eq!(answer.unwrap(), migrated);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_open_a_missing_database_at_once() {
    let directory = TempDir::new().unwrap();
    let opens: Vec<_> = (0..8)
        .map(|_| {
            let url = url(&directory);
            tokio::spawn(async move { Sqlite::open(&url, Options::default()).await })
        })
        .collect();
    let mut answers = vec![];
    for open in opens {
        let store: Arc<dyn Store> = Arc::new(open.await.unwrap().unwrap());
        answers.push(people::add(&store, CLIENT).await);
    }
    let new = answers.iter().filter(|&&answer| answer == UserInsert::New);
    assert_eq!(new.count(), 1);
}

#[tokio::test]
async fn a_closed_store_leaves_one_file_and_answers_no_more() {
    let directory = filled().await;
    let store = open(&directory, Options::default()).await;
    let clone = store.clone();
    assert!(store.load_session(session(7).id).await.unwrap().is_some());
    store.close().await;
    assert_eq!(directory.path().read_dir().unwrap().count(), 1);
    let loaded = clone.load_session(session(7).id).await;
    assert!(matches!(loaded, Err(StoreError::Unavailable(_))));
    let saved = clone.save_session(&session(7)).await;
    assert!(matches!(saved, Err(StoreError::Unavailable(_))));
    assert!(clone.ping().await.is_err());
}
