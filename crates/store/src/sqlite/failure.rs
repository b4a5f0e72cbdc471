//! What an error of SQLite means to callers.

use crate::StoreError;

/// Primary result codes (<https://sqlite.org/rescode.html>); the lower byte of what sqlx reports.
pub(super) const BUSY: i32 = 5;
pub(super) const READ_ONLY: i32 = 8;
pub(super) const CORRUPT: i32 = 11;
pub(super) const CANNOT_OPEN: i32 = 14;
pub(super) const CONSTRAINT: i32 = 19;
pub(super) const NOT_A_DATABASE: i32 = 26;

/// The primary result code, when SQLite gave one.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(error) = error else {
        return None;
    };
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        match (primary_code(&error), &error) {
            (Some(CONSTRAINT), sqlx::Error::Database(cause)) => Self::Refused(match cause.kind() {
                ErrorKind::ForeignKeyViolation => "it names somebody unknown",
                ErrorKind::UniqueViolation => "it is there already",
                _ => "its parts do not fit together",
            }),
            (Some(CORRUPT | NOT_A_DATABASE), _) => Self::Corrupt("the file is damaged".to_owned()),
            (None, sqlx::Error::ColumnDecode { index, .. }) => {
                Self::Corrupt(format!("column {index}"))
            }
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}
