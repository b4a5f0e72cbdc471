//! Where the fields of an object stand, noted down while it is scanned.
use std::ops::Range;

/// Objects with more fields are looked through again when they are asked.
const FIELDS_MAX: usize = 6;

/// What a scan finds at the top level of an object.
pub(crate) trait Record {
    /// A key, without its quotes.
    fn key(&mut self, text: &[u8], range: Range<usize>);
    /// The value of the last key.
    fn value(&mut self, range: Range<usize>);
}

/// Nobody wants to know.
pub(super) struct Nothing;

impl Record for Nothing {
    fn key(&mut self, _: &[u8], _: Range<usize>) {}
    fn value(&mut self, _: Range<usize>) {}
}

/// The fields of an object, as positions in the scanned text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fields {
    entries: [Entry; FIELDS_MAX],
    count: usize,
    /// There are more fields, or a key with an escape.
    incomplete: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    key: (usize, usize),
    value: (usize, usize),
}

impl Record for Fields {
    fn key(&mut self, text: &[u8], range: Range<usize>) {
        let escaped = text
            .get(range.clone())
            .is_some_and(|key| key.contains(&b'\\'));
        self.incomplete |= escaped || self.count == FIELDS_MAX;
        if let Some(entry) = self.entries.get_mut(self.count) {
            entry.key = (range.start, range.end);
        }
    }

    fn value(&mut self, range: Range<usize>) {
        if let Some(entry) = self.entries.get_mut(self.count) {
            entry.value = (range.start, range.end);
            self.count += 1;
        }
    }
}

impl Fields {
    /// Whether every field is known.
    pub(crate) const fn is_complete(&self) -> bool {
        !self.incomplete
    }

    /// The value of a field in the text that was scanned. Of several with one key the last counts, as in JavaScript.
    pub(crate) fn find<'a>(&self, text: &'a str, key: &str) -> Option<&'a str> {
        let found = self.entries[..self.count]
            .iter()
            .rev()
            .find(|entry| text.get(entry.key.0..entry.key.1) == Some(key))?;
        text.get(found.value.0..found.value.1)
    }
}
