//! A database file being opened: connections to it, and the checks before it is trusted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};

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
        let row = sqlx::query("PRAGMA journal_mode = WAL")
            .fetch_one(connection)
            .await?;
        match row.try_get::<&str, _>(0)? {
            "wal" => Ok(()),
            _ => Err(sqlx::Error::Configuration(
                "this file system does not support write-ahead logging".into(),
            )),
        }
    }

    /// Refuses a damaged file, as far as a quick look shows. A file that is shorter than it says is
    /// refused by SQLite at the first read.
    pub(super) async fn check(&self, connection: &mut SqliteConnection) -> Result<(), OpenError> {
        let pages = self.number(connection, "PRAGMA page_count").await?;
        if pages > CHECKED_PAGES_MAX {
            return Ok(());
        }
        let row = sqlx::query("PRAGMA quick_check(1)")
            .fetch_one(connection)
            .await
            .map_err(|error| self.explain(error))?;
        match row.try_get::<String, _>(0) {
            Ok(finding) if finding == "ok" => Ok(()),
            Ok(finding) => Err(OpenError::Damaged {
                path: self.path.clone(),
                finding: finding.lines().last().unwrap_or_default().to_owned(),
            }),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// Refuses a file that cannot be written.
    pub(super) async fn check_writable(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(), OpenError> {
        match self.execute(connection, "BEGIN IMMEDIATE").await {
            Ok(()) => self.execute(connection, "ROLLBACK").await,
            // Somebody else is writing it, so it can be written.
            Err(OpenError::Busy { .. }) => Ok(()),
            Err(error) => Err(error),
        }
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
        value: u32,
    ) -> Result<(), OpenError> {
        // A pragma takes no parameters; both parts are ours.
        let sql = AssertSqlSafe(format!("PRAGMA {name} = {value}"));
        match sqlx::raw_sql(sql).execute(connection).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// The single number that a query answers.
    pub(super) async fn number(
        &self,
        connection: &mut SqliteConnection,
        sql: &'static str,
    ) -> Result<i64, OpenError> {
        sqlx::query_scalar(sql)
            .fetch_one(connection)
            .await
            .map_err(|error| self.explain(error))
    }

    fn explain(&self, error: sqlx::Error) -> OpenError {
        OpenError::from_sqlx(&self.path, error)
    }
}
