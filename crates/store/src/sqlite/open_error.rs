//! Why a database cannot be opened, in words for its operator.

use std::io;
use std::path::{Path, PathBuf};

use super::failure::{BUSY, CANNOT_OPEN, CORRUPT, NOT_A_DATABASE, READ_ONLY, primary_code};

/// Why a database cannot be opened. Whatever it is, the file is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("not a database of this kind: expected sqlite:PATH or sqlite://PATH")]
    Url,
    #[error("{} cannot be opened or made: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} cannot be written: the file, its directory or its volume is read-only", path.display())]
    ReadOnly { path: PathBuf },
    #[error("{} is not an SQLite database", path.display())]
    NotADatabase { path: PathBuf },
    #[error("{} is an SQLite database, but not one of Holdspace", path.display())]
    Foreign { path: PathBuf },
    #[error("{} is damaged ({finding}); restore it from a backup", path.display())]
    Damaged { path: PathBuf, finding: String },
    #[error(
        "{} was written by a newer version (schema {found}, this version knows {known}); \
         start that version or a later one",
        path.display()
    )]
    Newer {
        path: PathBuf,
        found: u32,
        known: u32,
    },
    #[error("{} is held by another process", path.display())]
    Busy { path: PathBuf },
    #[error("{} cannot be used: {source}", path.display())]
    Other { path: PathBuf, source: sqlx::Error },
}

impl OpenError {
    pub(super) fn from_sqlx(path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        match primary_code(&source) {
            Some(BUSY) => Self::Busy { path },
            Some(READ_ONLY) => Self::ReadOnly { path },
            // A database in WAL mode needs its `-shm` beside it, which cannot be made.
            Some(CANNOT_OPEN) => Self::File {
                path,
                source: io::ErrorKind::PermissionDenied.into(),
            },
            Some(NOT_A_DATABASE) => Self::NotADatabase { path },
            Some(CORRUPT) => Self::Damaged {
                path,
                finding: "malformed".to_owned(),
            },
            _ => Self::Other { path, source },
        }
    }
}
