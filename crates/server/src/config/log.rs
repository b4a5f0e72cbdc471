//! `[log]`: what is logged, and for whom it is written.

use super::ConfigError;
use super::kinds::{self, Expected};
use super::values::{Value, Values};

/// Shape and level of the log.
#[derive(Clone, Debug)]
pub struct Log {
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: tracing::Level,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: tracing::Level::INFO,
        }
    }
}

impl Log {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        Ok(Self {
            format: values.read_or("log.format", format, default.format)?,
            level: values.read_or("log.level", level, default.level)?,
        })
    }
}

fn format(value: &Value) -> Result<LogFormat, Expected> {
    match kinds::text(value).unwrap_or_default().as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(Expected::new("must be text or json")),
    }
}

fn level(value: &Value) -> Result<tracing::Level, Expected> {
    match kinds::text(value).unwrap_or_default().as_str() {
        "error" => Ok(tracing::Level::ERROR),
        "warn" => Ok(tracing::Level::WARN),
        "info" => Ok(tracing::Level::INFO),
        "debug" => Ok(tracing::Level::DEBUG),
        "trace" => Ok(tracing::Level::TRACE),
        _ => Err(Expected::new("must be error, warn, info, debug or trace")),
    }
}
