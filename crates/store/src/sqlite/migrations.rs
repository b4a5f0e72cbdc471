//! The schema, step by step; a database's `user_version` says how many steps it has taken.

use sqlx::SqliteConnection;

use super::file::DatabaseFile;
use super::{Migrated, OpenError};

/// Each step runs once, in this order. A released step is never edited.
const STEPS: [&str; 2] = [
    include_str!("../../migrations/sqlite/0001_first.sql"),
    include_str!("../../migrations/sqlite/0002_closed_sessions.sql"),
];

/// Marks a file as ours: "Hold" in ASCII.
const APPLICATION_ID: i64 = 0x486f_6c64;

/// Whose file it is, how far it has come, and whether there is anything in it: one statement, so that
/// another process that is just migrating is seen before or after, never between.
const WHAT_IT_IS: &str = "SELECT
    (SELECT application_id FROM pragma_application_id),
    (SELECT user_version FROM pragma_user_version),
    (SELECT count(*) FROM sqlite_schema)";

/// Brings the schema up to date in one transaction. Of several processes at once one does the work and
/// the others find it done.
pub(super) async fn run(
    file: &DatabaseFile,
    connection: &mut SqliteConnection,
) -> Result<Migrated, OpenError> {
    let known = known();
    let found = version(file, connection).await?;
    if found == known {
        return Ok(Migrated {
            from: known,
            to: known,
        });
    }
    file.execute(connection, "BEGIN IMMEDIATE").await?;
    let taken = take_steps(file, connection).await;
    match taken {
        Ok(from) => {
            file.execute(connection, "COMMIT").await?;
            Ok(Migrated { from, to: known })
        }
        Err(error) => {
            // The error that led here says more than one of this.
            let _ = file.execute(connection, "ROLLBACK").await;
            Err(error)
        }
    }
}

/// Refuses a file that is not ours or of a newer version.
pub(super) async fn check_version(
    file: &DatabaseFile,
    connection: &mut SqliteConnection,
) -> Result<(), OpenError> {
    version(file, connection).await.map(drop)
}

/// The steps that `run` would take.
pub(super) async fn missing(
    file: &DatabaseFile,
    connection: &mut SqliteConnection,
) -> Result<Migrated, OpenError> {
    let from = version(file, connection).await?;
    Ok(Migrated { from, to: known() })
}

/// How many steps this version knows.
fn known() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Takes the missing steps and says how many there were before.
async fn take_steps(
    file: &DatabaseFile,
    connection: &mut SqliteConnection,
) -> Result<u32, OpenError> {
    let from = version(file, connection).await?;
    for step in STEPS.iter().skip(from as usize) {
        file.execute(connection, step).await?;
    }
    file.set_pragma(connection, "application_id", APPLICATION_ID)
        .await?;
    file.set_pragma(connection, "user_version", known().into())
        .await?;
    Ok(from)
}

/// The database's version, if it is an empty file or one of ours and not of a newer version.
async fn version(file: &DatabaseFile, connection: &mut SqliteConnection) -> Result<u32, OpenError> {
    let path = file.path().to_owned();
    let found = match file.row(connection, WHAT_IT_IS).await? {
        (0, 0, 0) => return Ok(0),
        (APPLICATION_ID, found, _) if found > 0 => found,
        _ => return Err(OpenError::Foreign { path }),
    };
    let known = known();
    // Positive numbers of 32 bits, as SQLite keeps it.
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    if found > known {
        return Err(OpenError::Newer { path, found, known });
    }
    Ok(found)
}
