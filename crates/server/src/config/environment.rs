//! Reads environment variables: `HOLDSPACE_<SECTION>__<KEY>`, and the usual short names.

use std::ffi::OsString;

use super::ConfigError;
use super::values::{Origin, Value, Values};

/// Names that platforms set by convention. An empty one is as good as none.
const SHORT_NAMES: [(&str, &str); 6] = [
    ("HOST", "http.host"),
    ("PORT", "http.port"),
    ("DATABASE_URL", "store.url"),
    ("REDIS_URL", "redis.url"),
    ("JWT_SECRET", "auth.jwt_secret"),
    ("CORS_ORIGIN", "http.cors_origins"),
];

/// Reads the short names first, so that the long ones beat them.
pub(super) fn read(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    values: &mut Values,
) -> Result<(), ConfigError> {
    let mut long = Vec::new();
    for (name, value) in environment {
        let Ok(name) = name.into_string() else {
            continue;
        };
        let short = SHORT_NAMES.iter().find(|(short, _)| *short == name);
        if short.is_none() && !name.starts_with("HOLDSPACE_") {
            continue;
        }
        let Ok(value) = value.into_string() else {
            return Err(ConfigError::file(name, "is not valid UTF-8"));
        };
        match short {
            Some((_, key)) if !value.is_empty() => give(values, (*key).to_owned(), value, name),
            Some(_) => {}
            None => long.push((name, value)),
        }
    }
    // The system gives them in no order, and the first problem should always be the same one.
    long.sort();
    for (name, value) in long {
        match long_key(&name) {
            Some(key) => give(values, key, value, name),
            None => values.note_stray(name),
        }
    }
    Ok(())
}

fn give(values: &mut Values, key: String, value: String, name: String) {
    values.give(key, Value::Variable(value), Origin::Variable(name));
}

fn long_key(name: &str) -> Option<String> {
    let (section, key) = name.strip_prefix("HOLDSPACE_")?.split_once("__")?;
    Some(format!("{section}.{key}").to_lowercase())
}
