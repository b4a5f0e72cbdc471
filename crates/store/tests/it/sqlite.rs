//! SQLite: the story, told by two handles on one file.

use std::sync::Arc;

use holdspace_store::{Options, Sqlite};
use tempfile::TempDir;

use crate::story::Stores;

crate::story::story!(crate::sqlite::open_two);

/// Two handles on one new file.
pub(crate) async fn open_two() -> Stores {
    let directory = TempDir::new().unwrap();
    let one = open(&directory).await;
    let other = open(&directory).await;
    Stores {
        one: Arc::new(one),
        other: Arc::new(other),
        _ground: Box::new(directory),
    }
}

/// The database in this directory.
pub(crate) async fn open(directory: &TempDir) -> Sqlite {
    Sqlite::open(&url(directory), Options::default())
        .await
        .unwrap()
}

pub(crate) fn url(directory: &TempDir) -> String {
    format!("sqlite:{}", directory.path().join("holdspace.db").display())
}
