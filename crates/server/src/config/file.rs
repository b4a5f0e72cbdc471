//! Reads the TOML file into values that know their lines.

use std::io;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::values::{Origin, Value, Values};
use super::{ConfigError, DEFAULT_FILE};

/// A configuration is a page of text; more than this is some other file.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Reads the file that was named, or the default one if it is there.
pub(super) fn read(named: Option<&Path>, values: &mut Values) -> Result<(), ConfigError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let text = match read_text(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(ConfigError::file(
                path.display(),
                format!("cannot be read: {error}"),
            ));
        }
    };
    Document {
        path: path.display().to_string(),
        text: &text,
    }
    .read(values)
}

fn read_text(path: &Path) -> io::Result<String> {
    if std::fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    std::fs::read_to_string(path)
}

struct Document<'a> {
    path: String,
    text: &'a str,
}

impl Document<'_> {
    fn read(&self, values: &mut Values) -> Result<(), ConfigError> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let line = self.line(error.span().map_or(0, |span| span.start));
            ConfigError::file(format!("{}:{line}", self.path), error.message())
        })?;
        for (name, value) in table.get_ref() {
            match value.get_ref() {
                DeValue::Table(section) if !section.is_empty() => {
                    self.read_section(name.get_ref(), section, values);
                }
                _ => self.give(name.get_ref().to_string(), value, values),
            }
        }
        Ok(())
    }

    fn read_section(&self, section: &str, table: &DeTable<'_>, values: &mut Values) {
        for (name, value) in table {
            self.give(format!("{section}.{}", name.get_ref()), value, values);
        }
    }

    fn give(&self, key: String, value: &Spanned<DeValue<'_>>, values: &mut Values) {
        let origin = Origin::File {
            path: self.path.clone(),
            line: self.line(value.span().start),
        };
        values.give(key, plain(value.get_ref()), origin);
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        before.filter(|&&byte| byte == b'\n').count() + 1
    }
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a number out of range"), Value::Whole),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map_or(Value::Other("a list of mixed things"), Value::List),
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Table(table) if table.is_empty() => Value::EmptyTable,
        DeValue::Table(_) => Value::Other("a table"),
    }
}
