//! The log: who may write to it, what a line looks like, and which request a line belongs to.

mod line;
mod request_id;

pub use request_id::{RequestId, X_REQUEST_ID};

use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Level, Metadata};

use crate::config::{Log, LogFormat};

/// Sends the log to standard error from now on, and panics to the log. Later calls change nothing.
pub fn start(log: &Log) {
    let lines = Lines {
        format: log.format,
        level: log.level,
    };
    if tracing::subscriber::set_global_default(lines).is_ok() {
        panic::set_hook(Box::new(log_panic));
    }
}

/// Writes events as lines. There are no spans: a request's id is known to its task (`RequestId`), which
/// costs a request next to nothing when it logs nothing.
#[derive(Debug)]
struct Lines {
    format: LogFormat,
    level: Level,
}

impl Lines {
    /// Libraries say more than is good at the finer levels, payloads included; only their warnings count.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let ours = metadata.target().starts_with("holdspace");
        let level = if ours {
            self.level
        } else {
            self.level.min(Level::WARN)
        };
        !metadata.is_span() && *metadata.level() <= level
    }
}

impl Subscriber for Lines {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.level))
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = line::format(event, self.format, jiff::Timestamp::now());
        line.push('\n');
        // One write a line, so that lines of several threads do not mix. Nobody can be told that
        // standard error is gone.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A panic is a line like any other. Its message is shown only when it is a literal: a formatted one
/// could carry somebody's data.
fn log_panic(info: &PanicHookInfo<'_>) {
    let message = info.payload().downcast_ref::<&'static str>();
    let message = message.copied().unwrap_or("(not shown)");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(
        place,
        panic = message,
        "a panic, which is a mistake in this program"
    );
}
