//! A database file being opened: connections to it, and the checks before it is trusted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use super::failure::{BUSY, primary_code};
use super::{OpenError, Options, location};

/// Files up to this many pages (1 MiB) are checked whole when they are opened; of larger ones, only what
/// is read, lest a start take seconds.
const CHECKED_PAGES_MAX: i64 = 256;
/// How often, and after which pause, the switch to WAL is tried while others hold the file.
const WAL_TRIES: u32 = 100;
const WAL_PAUSE: Duration = Duration::from_millis(50);

/// The file and how to connect to it.
pub(super) struct DatabaseFile {
    path: PathBuf,
    connect: SqliteConnectOptions,
}

impl DatabaseFile {
    /// Finds the file or makes an empty one.
    pub(super) fn find(url: &str, options: &Options) -> Result<Self, OpenError> {
        let path = location::found_or_made(&location::path_of(url)?)?;
        let mut connect = SqliteConnectOptions::new()
            .filename(&path)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(options.busy_timeout)
            .pragma("trusted_schema", "OFF")
            // After a peak the write-ahead log shrinks to this again.
            .pragma("journal_size_limit", "16777216")
            // The rows of a full batch of lookups fit, so that their reader is woken once.
            .row_buffer_size(256)
            // In KiB: the upper levels of every index and the leaves of a busy day.
            .pragma("cache_size", "-16384")
            .thread_name(|number| format!("sqlite-{number}"))
            .disable_statement_logging();
        if let Some(pages) = options.pages_max {
            connect = connect.pragma("max_page_count", pages.to_string());
        }
        Ok(Self { path, connect })
    }

    /// The file, without symbolic links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> Result<SqliteConnection, OpenError> {
        self.connect
            .connect()
            .await
            .map_err(|error| self.explain(error))
    }

    /// Closes a connection.
    pub(super) async fn close(&self, connection: SqliteConnection) -> Result<(), OpenError> {
        connection
            .close()
            .await
            .map_err(|error| self.explain(error))
    }

    /// Switches to the write-ahead log, which a database then keeps.
    pub(super) async fn use_wal(&self, connection: &mut SqliteConnection) -> Result<(), OpenError> {
        // Changing the mode needs the file alone, and does not wait for that by itself.
        for _ in 1..WAL_TRIES {
            match self.try_wal(connection).await {
                Err(error) if primary_code(&error) == Some(BUSY) => {
                    tokio::time::sleep(WAL_PAUSE).await;
                }
                other => return other.map_err(|error| self.explain(error)),
            }
        }
        self.try_wal(connection)
            .await
            .map_err(|error| self.explain(error))
    }

    async fn try_wal(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let (mode,): (String,) = sqlx::query_as("PRAGMA journal_mode = WAL")
            .fetch_one(connection)
            .await?;
        if mode == "wal" {
            return Ok(());
        }
        Err(sqlx::Error::Configuration(
            "this file system does not support write-ahead logging".into(),
        ))
    }

    /// Refuses a damaged file, as far as a quick look shows. A file that is shorter than it says is
    /// refused by SQLite at the first read.
    pub(super) async fn check(&self, connection: &mut SqliteConnection) -> Result<(), OpenError> {
        let (pages,): (i64,) = self.row(connection, "PRAGMA page_count").await?;
        if pages > CHECKED_PAGES_MAX {
            return Ok(());
        }
        let (finding,): (String,) = self.row(connection, "PRAGMA quick_check(1)").await?;
        if finding == "ok" {
            return Ok(());
        }
        Err(OpenError::Damaged {
            path: self.path.clone(),
            // The first line only names the schema.
            finding: finding.lines().last().unwrap_or_default().to_owned(),
        })
    }

    /// Refuses a file that cannot be written. Its schema must be up to date.
    pub(super) async fn check_writable(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(), OpenError> {
        match self.execute(connection, "BEGIN IMMEDIATE").await {
            Ok(()) => {}
            // Somebody else is writing it, so it can be written.
            Err(OpenError::Busy { .. }) => return Ok(()),
            Err(error) => return Err(error),
        }
        // A transaction on a read-only file begins all the same; only a write fails.
        let wrote = self
            .execute(connection, "UPDATE probe SET count = count")
            .await;
        self.execute(connection, "ROLLBACK").await?;
        wrote
    }

    /// Runs one or more statements.
    pub(super) async fn execute(
        &self,
        connection: &mut SqliteConnection,
        sql: &'static str,
    ) -> Result<(), OpenError> {
        match sqlx::raw_sql(sql).execute(connection).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.explain(error)),
        }
    }

    pub(super) async fn set_pragma(
        &self,
        connection: &mut SqliteConnection,
        name: &'static str,
        value: i64,
    ) -> Result<(), OpenError> {
        // A pragma takes no parameters; both parts are ours.
        let sql = AssertSqlSafe(format!("PRAGMA {name} = {value}"));
        match sqlx::raw_sql(sql).execute(connection).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// The single row that a query answers.
    pub(super) async fn row<T>(
        &self,
        connection: &mut SqliteConnection,
        sql: &'static str,
    ) -> Result<T, OpenError>
    where
        T: for<'r> sqlx::FromRow<'r, SqliteRow> + Send + Unpin,
    {
        sqlx::query_as(sql)
            .fetch_one(connection)
            .await
            .map_err(|error| self.explain(error))
    }

    fn explain(&self, error: sqlx::Error) -> OpenError {
        OpenError::from_sqlx(&self.path, error)
    }
}
