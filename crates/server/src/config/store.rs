//! `[store]`: where the records are kept.

use std::path::PathBuf;

use super::ConfigError;
use super::kinds::{self, Expected};
use super::values::{Value, Values};

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

impl StoreUrl {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        values.read_or("store.url", url, Self::default())
    }
}

fn url(value: &Value) -> Result<StoreUrl, Expected> {
    let text = kinds::text(value)?;
    let path = text
        .strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("sqlite:"))
        .ok_or_else(|| {
            Expected::new("must be sqlite:PATH; this version knows no other database")
        })?;
    if path.is_empty() || path.starts_with(":memory:") || path.contains(['?', '\0']) {
        return Err(Expected::new(
            "must name a file, as in sqlite:PATH, without parameters",
        ));
    }
    Ok(StoreUrl {
        path: PathBuf::from(path),
    })
}
