//! `[store]`: where the records are kept.

use std::path::PathBuf;

/// `store.url`. This version keeps its records in SQLite alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreUrl {
    /// The database file, made when missing.
    pub path: PathBuf,
}

impl Default for StoreUrl {
    fn default() -> Self {
        Self {
            path: PathBuf::from("holdspace.db"),
        }
    }
}
