//! One event as one line: for people, or as a JSON object.

use std::error::Error;
use std::fmt::{self, Write};

use tracing::Event;
use tracing::field::{Field, Visit};

use super::RequestId;
use crate::config::LogFormat;

/// The line of `event`, without its end.
pub(super) fn format(event: &Event<'_>, format: LogFormat, now: jiff::Timestamp) -> String {
    let mut fields = Fields {
        format,
        message: String::new(),
        rest: String::new(),
    };
    event.record(&mut fields);
    if let Some(id) = RequestId::current() {
        fields.text("request", id.as_str());
    }
    let level = event.metadata().level();
    let Fields { message, rest, .. } = fields;
    match format {
        LogFormat::Text => format!("{now:.3} {level:<5} {message}{rest}"),
        LogFormat::Json => {
            let target = event.metadata().target();
            format!(
                r#"{{"time":"{now:.3}","level":"{level}","target":"{target}","message":{}{rest}}}"#,
                json(&message)
            )
        }
    }
}

struct Fields {
    format: LogFormat,
    message: String,
    rest: String,
}

impl Fields {
    /// A number or a flag, which reads the same in both formats.
    fn plain(&mut self, name: &str, value: impl fmt::Display) {
        // Writing to a string does not fail.
        let _ = match self.format {
            LogFormat::Text => write!(self.rest, " {name}={value}"),
            LogFormat::Json => write!(self.rest, r#","{name}":{value}"#),
        };
    }

    fn text(&mut self, name: &str, value: &str) {
        if name == "message" {
            // What people read must not break the line either.
            value.clone_into(&mut self.message);
            self.message = self.message.replace(['\n', '\r'], " ");
            return;
        }
        let bare = self.format == LogFormat::Text
            && !value.is_empty()
            && !value.contains(|letter: char| {
                letter.is_whitespace() || letter.is_control() || letter == '"'
            });
        if bare {
            self.plain(name, value);
        } else {
            self.plain(name, json(value));
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field.name(), &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field.name(), value);
    }

    /// With its causes.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut chain = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(chain, ": {error}");
            cause = error.source();
        }
        self.text(field.name(), &chain);
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Metadata, Subscriber};

    use super::*;

    /// Keeps the lines of this thread.
    struct Kept(LogFormat, Arc<Mutex<Vec<String>>>);

    impl Subscriber for Kept {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn event(&self, event: &Event<'_>) {
            let line = format(event, self.0, jiff::Timestamp::UNIX_EPOCH);
            self.1.lock().unwrap().push(line);
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    fn lines(format: LogFormat, act: impl FnOnce()) -> String {
        let kept = Arc::new(Mutex::new(Vec::new()));
        tracing::subscriber::with_default(Kept(format, Arc::clone(&kept)), act);
        let lines = kept.lock().unwrap();
        lines.join("\n")
    }

    fn say_things() {
        #[derive(Debug, thiserror::Error)]
        #[error("it broke")]
        struct Outer(#[source] std::num::ParseIntError);
        let error = Outer("x".parse::<u8>().unwrap_err());
        tracing::info!(status = 200_u16, cached = true, "one\ntwo");
        tracing::error!(
            error = &error as &dyn Error,
            path = "a b",
            word = "abc",
            "a failure"
        );
    }

    #[test]
    fn a_line_for_people() {
        insta::assert_snapshot!(lines(LogFormat::Text, say_things), @r#"
        1970-01-01T00:00:00.000Z INFO  one two status=200 cached=true
        1970-01-01T00:00:00.000Z ERROR a failure error="it broke: invalid digit found in string" path="a b" word=abc
        "#);
    }

    #[test]
    fn a_line_for_machines() {
        let lines = lines(LogFormat::Json, say_things);
        for line in lines.lines() {
            let _: serde_json::Value = serde_json::from_str(line).unwrap();
        }
        insta::assert_snapshot!(lines, @r#"
        {"time":"1970-01-01T00:00:00.000Z","level":"INFO","target":"holdspace::telemetry::line::tests","message":"one two","status":200,"cached":true}
        {"time":"1970-01-01T00:00:00.000Z","level":"ERROR","target":"holdspace::telemetry::line::tests","message":"a failure","error":"it broke: invalid digit found in string","path":"a b","word":"abc"}
        "#);
    }
}
