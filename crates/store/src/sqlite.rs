//! Everything durable in one SQLite file, which several processes may use at once.
//!
//! Writes go through one task that commits many at a time (`writer`); reads go to one connection, many keys
//! in one statement where many wait (`queue`), and bookings and people are answered without it for as long
//! as nobody has committed anything (`wal_index`, `cache`).

mod cache;
mod failure;
mod file;
mod health;
mod idempotency;
mod location;
mod migrations;
mod open_error;
mod presence;
mod queue;
mod reader;
mod refresh_tokens;
mod rows;
mod session_pages;
mod session_writes;
mod sessions;
mod users;
mod wal_index;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use open_error::OpenError;

use file::DatabaseFile;
use health::Probe;
use reader::Reader;
use writer::Writer;

/// How to use a database.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long a write waits for another process that is writing before it is `Unavailable`.
    pub busy_timeout: Duration,
    /// Refuse to grow beyond so many pages of 4 KiB, as if the disk were full.
    pub pages_max: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            pages_max: None,
        }
    }
}

/// What a migration did: schema versions before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    pub from: u32,
    pub to: u32,
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Sqlite {
    path: Arc<Path>,
    writer: Arc<Writer>,
    reader: Arc<Reader>,
    probe: Arc<Probe>,
}

impl Sqlite {
    /// Opens the database at `sqlite:PATH`, `sqlite://PATH` or a plain path; a missing one is made,
    /// readable by its owner alone, and an older one brought up to date. Must be called within a Tokio
    /// runtime, which has to outlive the handle.
    pub async fn open(url: &str, options: Options) -> Result<Self, OpenError> {
        let file = DatabaseFile::find(url, &options)?;
        let mut writing = file.connect().await?;
        prepare(&file, &mut writing).await?;
        let reading = file.connect().await?;
        let reader = Reader::start(file.path(), reading)
            .await
            .map_err(|error| OpenError::from_sqlx(file.path(), error))?;
        let probe = Arc::new(Probe::default());
        Ok(Self {
            path: file.path().into(),
            writer: Arc::new(Writer::start(writing, Arc::clone(&probe))),
            reader: Arc::new(reader),
            probe,
        })
    }

    /// Brings a database up to date, making it when missing. `open` does the same by itself.
    pub async fn migrate(url: &str, options: Options) -> Result<Migrated, OpenError> {
        let file = DatabaseFile::find(url, &options)?;
        let mut connection = file.connect().await?;
        let migrated = prepare(&file, &mut connection).await?;
        file.close(connection).await?;
        Ok(migrated)
    }

    /// Looks at a database that is there, and changes nothing in it: `from` is its schema, `to` the one that
    /// `open` would bring it to.
    pub async fn inspect(url: &str, options: Options) -> Result<Migrated, OpenError> {
        let file = DatabaseFile::find(url, &options)?;
        let mut connection = file.connect().await?;
        let migrated = look_at(&file, &mut connection).await?;
        file.close(connection).await?;
        Ok(migrated)
    }

    /// The path that a URL names, whether there is a file or not.
    pub fn path_of(url: &str) -> Result<PathBuf, OpenError> {
        location::path_of(url)
    }

    /// Finishes the writes that are queued and closes the file, so that nothing is left beside it and the
    /// next start has nothing to recover. Every later call, by any clone, is `Unavailable`.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }

    /// The database's file, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

async fn prepare(
    file: &DatabaseFile,
    connection: &mut sqlx::SqliteConnection,
) -> Result<Migrated, OpenError> {
    file.check(connection).await?;
    // Before anything is changed in a file that might not be ours.
    migrations::check_version(file, connection).await?;
    file.use_wal(connection).await?;
    let migrated = migrations::run(file, connection).await?;
    file.check_writable(connection).await?;
    Ok(migrated)
}

async fn look_at(
    file: &DatabaseFile,
    connection: &mut sqlx::SqliteConnection,
) -> Result<Migrated, OpenError> {
    file.check(connection).await?;
    let missing = migrations::missing(file, connection).await?;
    if missing.from == missing.to {
        file.check_writable(connection).await?;
    }
    Ok(missing)
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
