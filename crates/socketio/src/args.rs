//! The arguments of an event or an acknowledgement, as slices of the JSON in which they came.
use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{self, Fields};

/// Arguments, each valid JSON and not parsed any further.
#[derive(Clone, Copy, Debug, Default)]
pub struct Args<'a> {
    /// All of them as they came, separated by commas.
    text: &'a str,
    /// Bytes of the first.
    first: usize,
    /// Its fields, if it is an object.
    fields: Fields,
}

impl PartialEq for Args<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Args<'_> {}

impl<'a> Args<'a> {
    /// Trusts that the text is a list of JSON values with commas between them, and what is said of the first.
    pub(crate) const fn new(text: &'a str, first: usize, fields: Fields) -> Self {
        Self {
            text,
            first,
            fields,
        }
    }

    pub(crate) const fn fields(&self) -> Fields {
        self.fields
    }

    /// All arguments as they came: JSON values separated by commas, fit to be sent on.
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// The arguments one by one, as JSON.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut rest = self.text;
        std::iter::from_fn(move || {
            let start = json::skip_space(rest.as_bytes(), 0);
            if start == rest.len() {
                return None;
            }
            let end = json::value_end(rest.as_bytes(), start).ok()?;
            let value = rest.get(start..end)?;
            let comma = json::skip_space(rest.as_bytes(), end);
            rest = rest.get(comma + 1..).unwrap_or("");
            Some(value)
        })
    }

    /// The argument at a position, as JSON.
    pub fn get(&self, index: usize) -> Option<&'a str> {
        if index == 0 {
            // Most events have one argument, and it need not be looked through again.
            return self
                .text
                .get(..self.first)
                .filter(|first| !first.is_empty());
        }
        self.iter().nth(index)
    }

    /// Parses the argument at a position; `None` when there is none.
    pub fn parse<T: Deserialize<'a>>(&self, index: usize) -> Option<serde_json::Result<T>> {
        self.get(index).map(serde_json::from_str)
    }

    /// The value of a field of the first argument, as JSON; `None` when that is no object or has no such field. Where
    /// the fields stand was noted down when the packet was checked, so a large value costs nothing to find.
    pub fn field(&self, key: &str) -> Option<&'a str> {
        if self.fields.is_complete() {
            return self.fields.find(self.text, key);
        }
        let object: HashMap<Cow<'a, str>, &'a RawValue> = self.parse(0)?.ok()?;
        object.get(key).map(|value| value.get())
    }

    /// Whether the first argument is an object.
    pub fn is_object(&self) -> bool {
        self.get(0).is_some_and(|first| first.starts_with('{'))
    }
}
