//! Two processes on one file: each sees what the other has written, and one of them wins.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use holdspace_domain::Session;
use holdspace_store::{Options, SessionStore, Sqlite, Store, UserStore};
use sqlx::Executor;

use super::{child, connect, filled, open, url};
use crate::story::people::CLIENT;
use crate::story::sessions::session;

const SAVES: u64 = 100;

/// Two that write without pause may keep each other waiting for longer than a server would.
fn patient() -> Options {
    Options {
        busy_timeout: Duration::from_mins(1),
        ..Options::default()
    }
}

async fn version(store: &Sqlite) -> u64 {
    let store: &dyn Store = store;
    let booking = store.load_session(session(7).id).await.unwrap().unwrap();
    booking.session.version
}

/// Saves until it has won `SAVES` times, telling each version that it made.
async fn save_often(store: &Sqlite, tell: impl Fn(u64)) {
    let store: Arc<dyn Store> = Arc::new(store.clone());
    let mut won = 0;
    let mut seen = 0;
    while won < SAVES {
        let booking = store.load_session(session(7).id).await.unwrap().unwrap();
        assert!(booking.session.version >= seen, "a load went back");
        seen = booking.session.version;
        let saved = Session::clone(&booking.session);
        if store.save_session(&saved).await.unwrap() {
            won += 1;
            seen += 1;
            tell(seen);
        }
    }
}

/// The other process.
#[tokio::test]
async fn saving_child() {
    let Some(url) = child::argument("SAVING") else {
        return;
    };
    let store = Sqlite::open(&url, patient()).await.unwrap();
    save_often(&store, |version| println!("saved {version}")).await;
}

#[tokio::test]
async fn each_save_is_seen_by_the_other_process() {
    let directory = filled().await;
    let store = open(&directory, patient()).await;
    let mut child = child::command(
        "sqlite::two_processes::saving_child",
        "SAVING",
        &url(&directory),
    )
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut told = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((_, saved)) = line.split_once("saved ") else {
            continue;
        };
        let saved: u64 = saved.parse().unwrap();
        assert!(version(&store).await >= saved, "{saved} is not seen");
        told += 1;
    }
    assert!(child.wait().unwrap().success());
    assert_eq!((told, version(&store).await), (SAVES, SAVES));
}

#[tokio::test]
async fn no_save_of_either_process_is_lost() {
    let directory = filled().await;
    let store = open(&directory, patient()).await;
    let child = child::command(
        "sqlite::two_processes::saving_child",
        "SAVING",
        &url(&directory),
    )
    .stdout(Stdio::null())
    .spawn()
    .unwrap();
    save_often(&store, |_| ()).await;
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(version(&store).await, 2 * SAVES);
}

#[tokio::test]
async fn loads_stay_right_while_the_log_is_reset_and_the_file_rewritten() {
    let directory = filled().await;
    let store = open(&directory, patient()).await;
    let mut connection = connect(&directory).await;
    for round in 0..20 {
        let step = match round % 4 {
            0 => "PRAGMA wal_checkpoint(TRUNCATE)",
            1 => "PRAGMA wal_checkpoint(RESTART)",
            2 => "VACUUM",
            _ => "PRAGMA wal_checkpoint(PASSIVE)",
        };
        connection.execute(step).await.unwrap();
        assert_eq!(version(&store).await, round, "{step}");
        connection
            .execute("UPDATE sessions SET version = version + 1")
            .await
            .unwrap();
        assert_eq!(version(&store).await, round + 1, "{step}");
    }
}

#[tokio::test]
async fn a_person_renamed_by_another_program_is_seen() {
    let directory = filled().await;
    let store = open(&directory, patient()).await;
    let mut connection = connect(&directory).await;
    for name in ["Maria", "Marie"] {
        sqlx::query("UPDATE users SET name = ?")
            .bind(name)
            .execute(&mut connection)
            .await
            .unwrap();
        for _ in 0..2 {
            let person = store.load_user(CLIENT).await.unwrap().unwrap();
            assert_eq!(person.name, name);
        }
        let booking = store.load_session(session(7).id).await.unwrap().unwrap();
        assert!(booking.people.iter().all(|person| person.name == name));
    }
}
