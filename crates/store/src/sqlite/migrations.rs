//! The schema, step by step; a database's `user_version` says how many steps it has taken.

use sqlx::SqliteConnection;

use super::file::DatabaseFile;
use super::{Migrated, OpenError};

/// Each step runs once, in this order. A released step is never edited.
const STEPS: [&str; 1] = [include_str!("../../migrations/sqlite/0001_first.sql")];

/// Marks a file as ours: "Hold" in ASCII.
const APPLICATION_ID: u32 = 0x486f_6c64;

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
    file.set_pragma(connection, "user_version", known()).await?;
    Ok(from)
}

/// The database's version, if it is an empty file or one of ours and not of a newer version.
async fn version(file: &DatabaseFile, connection: &mut SqliteConnection) -> Result<u32, OpenError> {
    let application = file.number(connection, "PRAGMA application_id").await?;
    let found = file.number(connection, "PRAGMA user_version").await?;
    let objects = file
        .number(connection, "SELECT count(*) FROM sqlite_schema")
        .await?;
    let path = file.path().to_owned();
    match (application, found, objects) {
        (0, 0, 0) => Ok(0),
        (application, found, _) if application == i64::from(APPLICATION_ID) => {
            let found =
                u32::try_from(found).map_err(|_| OpenError::Foreign { path: path.clone() })?;
            if found > known() {
                return Err(OpenError::Newer {
                    path,
                    found,
                    known: known(),
                });
            }
            Ok(found)
        }
        _ => Err(OpenError::Foreign { path }),
    }
}
