//! The kinds of values: each reads one out of what was written, or says what it expected.

use std::time::Duration;

use super::Secret;
use super::values::Value;

/// What a key takes, in words: "must be …".
#[derive(Debug)]
pub(super) struct Expected(pub(super) String);

impl Expected {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

/// A text that is not empty.
pub(super) fn text(value: &Value) -> Result<String, Expected> {
    match value {
        Value::Text(text) | Value::Variable(text) if !text.trim().is_empty() => {
            Ok(text.trim().to_owned())
        }
        _ => Err(Expected::new("must be a text that is not empty")),
    }
}

/// A secret that is not empty, taken as it is.
pub(super) fn secret(value: &Value) -> Result<Secret, Expected> {
    match value {
        Value::Text(text) | Value::Variable(text) if !text.is_empty() => {
            Ok(Secret::new(text.as_bytes()))
        }
        _ => Err(Expected::new("must be a text that is not empty")),
    }
}

/// `true` or `false`.
pub(super) fn flag(value: &Value) -> Result<bool, Expected> {
    match value {
        Value::Flag(flag) => Ok(*flag),
        Value::Variable(text) if text == "true" => Ok(true),
        Value::Variable(text) if text == "false" => Ok(false),
        _ => Err(Expected::new("must be true or false")),
    }
}

/// A list of texts; in a variable they are separated by commas.
pub(super) fn list(value: &Value) -> Result<Vec<String>, Expected> {
    let items: Vec<String> = match value {
        Value::List(items) => items.clone(),
        Value::Variable(text) if text.trim().is_empty() => Vec::new(),
        Value::Variable(text) => text.split(',').map(str::to_owned).collect(),
        _ => return Err(Expected::new("must be a list of texts")),
    };
    let items: Vec<String> = items.iter().map(|item| item.trim().to_owned()).collect();
    if items.iter().any(String::is_empty) {
        return Err(Expected::new("must not have empty items"));
    }
    Ok(items)
}

/// A list whose items are all accepted by `item`.
pub(super) fn list_of<T>(
    item: impl Fn(&str) -> Result<T, Expected>,
) -> impl Fn(&Value) -> Result<Vec<T>, Expected> {
    move |value| list(value)?.iter().map(|text| item(text)).collect()
}

/// A whole number from `min` to `max`, which must fit into `T`.
pub(super) fn whole<T: TryFrom<i64>>(min: i64, max: i64) -> impl Fn(&Value) -> Result<T, Expected> {
    move |value| {
        let number = match value {
            Value::Whole(number) => Some(*number),
            Value::Variable(text) => text.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (min..=max).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| Expected(format!("must be a whole number from {min} to {max}")))
    }
}

/// Milliseconds from `min` to `max`.
pub(super) fn millis(min: i64, max: i64) -> impl Fn(&Value) -> Result<Duration, Expected> {
    move |value| whole(min, max)(value).map(Duration::from_millis)
}

/// Seconds from `min` to `max`.
pub(super) fn seconds(min: i64, max: i64) -> impl Fn(&Value) -> Result<Duration, Expected> {
    move |value| whole(min, max)(value).map(Duration::from_secs)
}

/// Minutes from `min` to `max`.
pub(super) fn minutes(min: i64, max: i64) -> impl Fn(&Value) -> Result<Duration, Expected> {
    move |value| whole(min, max)(value).map(Duration::from_mins)
}
