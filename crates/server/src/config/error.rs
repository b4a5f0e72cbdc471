//! Why a configuration is refused, in one line.

use std::fmt;

use super::values::Origin;

/// Names the key, the value unless it is secret, where it came from, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    line: String,
}

impl ConfigError {
    /// A key with a value that cannot be.
    pub(super) fn key(key: &str, shown: &str, origin: &Origin, problem: &str) -> Self {
        Self::line(&format!("{key} = {shown} ({origin}): {problem}"))
    }

    /// A file that cannot be read, or is no TOML.
    pub(super) fn file(place: impl fmt::Display, problem: impl fmt::Display) -> Self {
        Self::line(&format!("{place}: {problem}"))
    }

    fn line(text: &str) -> Self {
        Self {
            line: text.replace(['\n', '\r'], " "),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl std::error::Error for ConfigError {}
