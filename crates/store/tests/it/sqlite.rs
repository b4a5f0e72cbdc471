//! SQLite: the story, told by two handles on one file, and what is SQLite's alone.

mod child;
mod opening;
mod reading;
mod refusing;
mod two_processes;
mod writing;

use std::path::PathBuf;
use std::sync::Arc;

use holdspace_store::{Options, Sqlite, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tempfile::TempDir;

use crate::story::Stores;
use crate::story::sessions::{add, add_people, session};

crate::story::story!(crate::sqlite::open_two);

/// Two handles on one new file.
pub(crate) async fn open_two() -> Stores {
    let directory = TempDir::new().unwrap();
    let one = open(&directory, Options::default()).await;
    let other = open(&directory, Options::default()).await;
    Stores {
        one: Arc::new(one),
        other: Arc::new(other),
        _ground: Box::new(directory),
    }
}

/// The database in this directory.
async fn open(directory: &TempDir, options: Options) -> Sqlite {
    Sqlite::open(&url(directory), options).await.unwrap()
}

fn url(directory: &TempDir) -> String {
    format!("sqlite:{}", path(directory).display())
}

fn path(directory: &TempDir) -> PathBuf {
    directory.path().join("holdspace.db")
}

/// A connection past the store, as another program would have it.
async fn connect(directory: &TempDir) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path(directory))
        .create_if_missing(true)
        .connect()
        .await
        .unwrap()
}

/// A closed database with people and session 7 in it.
async fn filled() -> TempDir {
    let directory = TempDir::new().unwrap();
    let store = open(&directory, Options::default()).await;
    let all: Arc<dyn Store> = Arc::new(store.clone());
    add_people(&all).await;
    add(&all, &session(7)).await;
    store.close().await;
    directory
}
