//! Files that are refused, each with its reason, and left as they are.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use holdspace_store::{OpenError, Options, SessionStore, Sqlite, StoreError};
use sqlx::{Connection, Executor};
use tempfile::TempDir;

use super::{child, connect, filled, open, path, url};
use crate::story::sessions::session;

/// Tries to open the database; it must be refused and stay the same.
async fn refusal(directory: &TempDir) -> OpenError {
    let before = fs::read(path(directory)).unwrap();
    let answer = Sqlite::open(&url(directory), Options::default()).await;
    let error = answer.expect_err("it was opened");
    let text = error.to_string();
    assert!(text.contains("holdspace.db"), "{text}");
    let untouched = fs::read(path(directory)).unwrap() == before;
    assert!(untouched, "{text}");
    error
}

#[tokio::test]
async fn a_newer_version_is_refused() {
    let directory = filled().await;
    let mut connection = connect(&directory).await;
    connection.execute("PRAGMA user_version = 9").await.unwrap();
    connection.close().await.unwrap();
    let error = refusal(&directory).await;
    assert!(
        matches!(
            error,
            OpenError::Newer {
                found: 9,
                known: 2,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let directory = TempDir::new().unwrap();
    fs::write(path(&directory), "Dear diary, ".repeat(1000)).unwrap();
    let error = refusal(&directory).await;
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
}

#[tokio::test]
async fn somebody_elses_database_is_refused() {
    let directory = TempDir::new().unwrap();
    let mut connection = connect(&directory).await;
    connection
        .execute("CREATE TABLE theirs (id)")
        .await
        .unwrap();
    connection.close().await.unwrap();
    let error = refusal(&directory).await;
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn a_cut_off_database_is_refused() {
    let directory = filled().await;
    let file = fs::OpenOptions::new().write(true).open(path(&directory));
    file.unwrap().set_len(5 * 4096).unwrap();
    let error = refusal(&directory).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn a_scribbled_page_is_noticed() {
    let directory = filled().await;
    let whole = fs::read(path(&directory)).unwrap();
    for page in 1..whole.len() / 4096 {
        let mut scribbled = whole.clone();
        scribbled[page * 4096..][..64].fill(0xa5);
        fs::write(path(&directory), &scribbled).unwrap();
        let error = refusal(&directory).await;
        assert!(
            matches!(error, OpenError::Damaged { .. }),
            "{page}: {error}"
        );
    }
    fs::write(path(&directory), &whole).unwrap();
    open(&directory, Options::default()).await;
}

#[tokio::test]
async fn a_directory_is_no_database() {
    let directory = TempDir::new().unwrap();
    fs::create_dir(path(&directory)).unwrap();
    let missing = format!("sqlite:{}/nowhere/h.db", directory.path().display());
    for url in [url(&directory), missing] {
        let error = Sqlite::open(&url, Options::default()).await.unwrap_err();
        assert!(matches!(error, OpenError::File { .. }), "{error}");
    }
}

#[tokio::test]
async fn what_this_version_does_not_write_is_called_corrupt() {
    let directory = filled().await;
    let store = open(&directory, Options::default()).await;
    assert!(store.load_session(session(7).id).await.is_ok());
    let mut connection = connect(&directory).await;
    connection
        .execute("PRAGMA ignore_check_constraints = ON; UPDATE sessions SET status = 'odd'")
        .await
        .unwrap();
    let answer = store.load_session(session(7).id).await;
    assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{answer:?}");
}

/// Runs in a child that may not write where `READ_ONLY` is.
#[tokio::test]
async fn read_only_child() {
    let Some(url) = child::argument("READ_ONLY") else {
        return;
    };
    let error = Sqlite::open(&url, Options::default()).await.unwrap_err();
    let refused = match &error {
        OpenError::ReadOnly { .. } => true,
        OpenError::File { source, .. } => source.kind() == std::io::ErrorKind::PermissionDenied,
        _ => false,
    };
    assert!(refused, "{error:?}");
}

#[tokio::test]
async fn what_cannot_be_written_is_refused() {
    let directory = filled().await;
    let set = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let missing = format!("sqlite:{}/other.db", directory.path().display());
    let before = fs::read(path(&directory)).unwrap();
    for (file_mode, directory_mode, url) in [
        (0o444, 0o555, url(&directory)),
        (0o666, 0o555, url(&directory)),
        (0o444, 0o777, url(&directory)),
        (0o444, 0o555, missing),
    ] {
        set(&path(&directory), file_mode);
        set(directory.path(), directory_mode);
        let output =
            child::run_unprivileged("sqlite::refusing::read_only_child", "READ_ONLY", &url);
        assert!(
            output.status.success(),
            "{file_mode:o} {directory_mode:o} {output:?}"
        );
        set(directory.path(), 0o755);
        assert!(fs::read(path(&directory)).unwrap() == before);
    }
}
