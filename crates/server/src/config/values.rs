//! What was given, by key, with where it came from; and the asking for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::ConfigError;
use super::kinds::Expected;

/// A value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Flag(bool),
    List(Vec<String>),
    /// Of an environment variable: what it is depends on who asks.
    Variable(String),
    /// A section without keys, which says nothing.
    EmptyTable,
    /// Something that no key takes, by the name of its kind.
    Other(&'static str),
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    File { path: String, line: usize },
    Variable(String),
    Default,
}

#[derive(Clone, Debug)]
struct Given {
    value: Value,
    origin: Origin,
}

/// Everything given. Keys are asked for one by one; what nobody asks for is unknown.
#[derive(Debug, Default)]
pub(super) struct Values {
    given: BTreeMap<String, Given>,
    known: BTreeSet<&'static str>,
    stray_variables: Vec<String>,
}

impl Values {
    /// Gives a key; the last one given counts.
    pub(super) fn give(&mut self, key: String, value: Value, origin: Origin) {
        self.given.insert(key, Given { value, origin });
    }

    /// Notes a variable that looks like ours but lacks the double underscore.
    pub(super) fn note_stray(&mut self, name: String) {
        self.stray_variables.push(name);
    }

    /// The value of `key` as `kind` reads it, if it was given.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        kind: impl Fn(&Value) -> Result<T, Expected>,
    ) -> Result<Option<T>, ConfigError> {
        self.known.insert(key);
        let Some(given) = self.given.get(key) else {
            return Ok(None);
        };
        let answer = kind(&given.value);
        answer
            .map(Some)
            .map_err(|expected| self.refuse(key, &expected.0))
    }

    /// The same, or `default`.
    pub(super) fn read_or<T>(
        &mut self,
        key: &'static str,
        kind: impl Fn(&Value) -> Result<T, Expected>,
        default: T,
    ) -> Result<T, ConfigError> {
        Ok(self.read(key, kind)?.unwrap_or(default))
    }

    /// The same for a text that may be left out; an empty variable leaves it out.
    pub(super) fn read_optional<T>(
        &mut self,
        key: &'static str,
        kind: impl Fn(&Value) -> Result<T, Expected>,
    ) -> Result<Option<T>, ConfigError> {
        if self.is_empty_variable(key) {
            self.given.remove(key);
        }
        self.read(key, kind)
    }

    /// Whether it was given at all.
    pub(super) fn is_given(&self, key: &str) -> bool {
        self.given.contains_key(key)
    }

    /// The error for `key`, whose value cannot be because of `problem`.
    pub(super) fn refuse(&self, key: &str, problem: &str) -> ConfigError {
        match self.given.get(key) {
            Some(Given { value, origin }) => {
                ConfigError::key(key, &shown(key, value), origin, problem)
            }
            None => ConfigError::key(key, "(not set)", &Origin::Default, problem),
        }
    }

    /// Refuses what nobody asked for.
    pub(super) fn refuse_unknown(&self) -> Result<(), ConfigError> {
        for (key, given) in &self.given {
            let known = match given.value {
                Value::EmptyTable => self.is_section(key),
                _ => self.known.contains(key.as_str()),
            };
            if !known {
                return Err(self.refuse(key, &self.unknown(key)));
            }
        }
        self.stray_variables
            .iter()
            .find_map(|name| self.meant(name))
            .map_or(Ok(()), Err)
    }

    /// One line for each key given.
    pub(super) fn describe(&self) -> Vec<String> {
        self.given
            .iter()
            .map(|(key, given)| {
                let value = shown(key, &given.value);
                format!("{key} = {value} ({})", given.origin)
            })
            .collect()
    }

    /// Every key that was asked for.
    #[cfg(test)]
    pub(super) fn known(&self) -> BTreeSet<&'static str> {
        self.known.clone()
    }

    fn is_empty_variable(&self, key: &str) -> bool {
        matches!(self.given.get(key), Some(Given { value: Value::Variable(text), .. }) if text.is_empty())
    }

    fn is_section(&self, name: &str) -> bool {
        let mut sections = self.known.iter().filter_map(|key| key.split_once('.'));
        sections.any(|(section, _)| section == name)
    }

    fn unknown(&self, key: &str) -> String {
        let nearest = self
            .known
            .iter()
            .map(|known| (distance(key, known), known))
            .min()
            .filter(|(edits, _)| *edits <= 3);
        match nearest {
            Some((_, known)) => format!("unknown key; did you mean {known}?"),
            None => "unknown key".to_owned(),
        }
    }

    fn meant(&self, name: &str) -> Option<ConfigError> {
        let known = self
            .known
            .iter()
            .map(|key| variable_name(key))
            .find(|known| known.replace("__", "_") == name)?;
        let problem = format!("unknown variable; did you mean {known}?");
        Some(ConfigError::file(name, problem))
    }
}

/// The environment variable of a key: `HOLDSPACE_HTTP__PORT`.
pub(super) fn variable_name(key: &str) -> String {
    format!("HOLDSPACE_{}", key.replacen('.', "__", 1).to_uppercase())
}

const SHOWN_CHARS_MAX: usize = 100;

/// The value for a message: never a secret, never a password in a URL, never more than a line.
fn shown(key: &str, value: &Value) -> String {
    let secret = ["secret", "credential", "password", "token"];
    // Lifetimes are named after what lives, and are no secret.
    if secret.iter().any(|word| key.contains(word)) && !key.ends_with("_seconds") {
        return "(hidden)".to_owned();
    }
    match value {
        Value::Text(text) | Value::Variable(text) => quoted(text),
        Value::Whole(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::EmptyTable => "(an empty section)".to_owned(),
        Value::Other(kind) => format!("({kind})"),
    }
}

fn quoted(text: &str) -> String {
    let without_password = match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            format!("{}://…{}", &text[..scheme], &text[at..])
        }
        _ => text.to_owned(),
    };
    let mut short: String = without_password.chars().take(SHOWN_CHARS_MAX).collect();
    if short.len() < without_password.len() {
        short.push('…');
    }
    format!("{short:?}")
}

/// How many letters differ (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Variable(name) => f.write_str(name),
            Self::Default => f.write_str("default"),
        }
    }
}
