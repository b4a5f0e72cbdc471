//! Where a database lies: its URL, its file, and the making of a new one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use super::OpenError;

/// SQLite gives its companions (`-wal`, `-shm`) the same mode.
const OWNER_ONLY: u32 = 0o600;

/// Held while a database file is made, since closing a descriptor of a file drops every lock that this
/// process holds on it: nobody else here may open it before ours is closed.
static MAKING: Mutex<()> = Mutex::new(());

/// The path in `sqlite:PATH`, `sqlite://PATH` or a plain path.
pub(super) fn path_of(url: &str) -> Result<PathBuf, OpenError> {
    let path = match url.strip_prefix("sqlite:") {
        Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
        None if url.contains("://") => "",
        None => url,
    };
    if path.is_empty() || path == ":memory:" || path.contains(['?', '\0']) {
        return Err(OpenError::Url);
    }
    Ok(PathBuf::from(path))
}

/// Makes an empty file for its owner alone, if there is none, and follows every link to it.
pub(super) fn found_or_made(path: &Path) -> Result<PathBuf, OpenError> {
    make(path).map_err(|source| OpenError::File {
        path: path.to_owned(),
        source,
    })
}

fn make(path: &Path) -> io::Result<PathBuf> {
    let _making = MAKING.lock();
    if path.try_exists()? {
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        return fs::canonicalize(path);
    }
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(path);
    match file {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?.sync_all()?,
    }
    let path = fs::canonicalize(path)?;
    if let Some(directory) = path.parent() {
        // A new name is durable only when its directory is.
        File::open(directory)?.sync_all()?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_path() {
        for (url, path) in [
            ("sqlite:holdspace.db", Some("holdspace.db")),
            ("sqlite://holdspace.db", Some("holdspace.db")),
            ("sqlite:///var/lib/h.db", Some("/var/lib/h.db")),
            ("sqlite:/var/lib/h.db", Some("/var/lib/h.db")),
            ("./holdspace.db", Some("./holdspace.db")),
            ("sqlite:", None),
            ("sqlite::memory:", None),
            ("sqlite:h.db?mode=ro", None),
            ("postgres://host/h", None),
            ("", None),
        ] {
            assert_eq!(path_of(url).ok(), path.map(PathBuf::from), "{url}");
        }
    }
}
