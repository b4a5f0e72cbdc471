//! What is sent to a client: written piece by piece into its buffer, and never built before.
use std::borrow::Cow;

use crate::engine::Text;
use crate::json;

/// A packet to a client, written from its pieces.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    kind: u8,
    attachments: usize,
    namespace: &'a str,
    id: Option<u64>,
    payload: Payload<'a>,
}

/// What follows the head of a packet; the pieces together are JSON, or a list of JSON values.
#[derive(Debug)]
enum Payload<'a> {
    Event {
        name: Cow<'a, str>,
        args: &'a [&'a str],
    },
    Array(&'a [&'a str]),
    Plain(&'a [&'a str]),
}

impl<'a> Outgoing<'a> {
    pub(crate) fn event(
        namespace: &'a str,
        id: Option<u64>,
        name: &'a str,
        args: &'a [&'a str],
        attachments: usize,
    ) -> Self {
        debug_assert!(is_list(args), "{name}: the arguments are no JSON: {args:?}");
        let kind = if attachments == 0 { b'2' } else { b'5' };
        Self {
            kind,
            attachments,
            namespace,
            id,
            payload: Payload::Event {
                name: escaped(name),
                args,
            },
        }
    }

    pub(crate) fn ack(
        namespace: &'a str,
        id: u64,
        args: &'a [&'a str],
        attachments: usize,
    ) -> Self {
        debug_assert!(is_list(args), "the arguments are no JSON: {args:?}");
        let kind = if attachments == 0 { b'3' } else { b'6' };
        Self {
            kind,
            attachments,
            namespace,
            id: Some(id),
            payload: Payload::Array(args),
        }
    }

    pub(crate) const fn connect(namespace: &'a str, payload: &'a [&'a str]) -> Self {
        Self {
            kind: b'0',
            attachments: 0,
            namespace,
            id: None,
            payload: Payload::Plain(payload),
        }
    }

    pub(crate) const fn disconnect(namespace: &'a str) -> Self {
        Self {
            kind: b'1',
            attachments: 0,
            namespace,
            id: None,
            payload: Payload::Plain(&[]),
        }
    }

    pub(crate) const fn connect_error(namespace: &'a str, payload: &'a [&'a str]) -> Self {
        Self {
            kind: b'4',
            attachments: 0,
            namespace,
            id: None,
            payload: Payload::Plain(payload),
        }
    }

    /// The packet as a text of its own.
    pub(crate) fn text(&self) -> String {
        let mut bytes = Vec::with_capacity(self.length());
        self.write(&mut bytes);
        // Only texts and digits were written.
        String::from_utf8(bytes).unwrap_or_default()
    }
}

impl Text for Outgoing<'_> {
    fn length(&self) -> usize {
        let attachments = if self.attachments == 0 {
            0
        } else {
            digits(self.attachments as u64) + 1
        };
        let namespace = if self.namespace == "/" {
            0
        } else {
            self.namespace.len() + 1
        };
        let payload = match &self.payload {
            Payload::Event { name, args } => {
                let args = total(args);
                4 + name.len() + if args == 0 { 0 } else { args + 1 }
            }
            Payload::Array(args) => 2 + total(args),
            Payload::Plain(pieces) => total(pieces),
        };
        1 + attachments + namespace + self.id.map_or(0, digits) + payload
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.kind);
        if self.attachments > 0 {
            write_number(out, self.attachments as u64);
            out.push(b'-');
        }
        if self.namespace != "/" {
            out.extend_from_slice(self.namespace.as_bytes());
            out.push(b',');
        }
        if let Some(id) = self.id {
            write_number(out, id);
        }
        match &self.payload {
            Payload::Event { name, args } => {
                out.extend_from_slice(b"[\"");
                out.extend_from_slice(name.as_bytes());
                out.push(b'"');
                if total(args) > 0 {
                    out.push(b',');
                }
                write_pieces(out, args);
                out.push(b']');
            }
            Payload::Array(args) => {
                out.push(b'[');
                write_pieces(out, args);
                out.push(b']');
            }
            Payload::Plain(pieces) => write_pieces(out, pieces),
        }
    }
}

fn total(pieces: &[&str]) -> usize {
    pieces.iter().map(|piece| piece.len()).sum()
}

fn write_pieces(out: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

fn write_number(out: &mut Vec<u8>, mut number: u64) {
    let start = out.len();
    loop {
        // A remainder of ten is a digit.
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out[start..].reverse();
}

/// A name as it stands between the quotes of a JSON string.
fn escaped(name: &str) -> Cow<'_, str> {
    if name
        .bytes()
        .all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
    {
        return Cow::Borrowed(name);
    }
    let quoted = serde_json::Value::from(name).to_string();
    Cow::Owned(quoted[1..quoted.len() - 1].to_owned())
}

/// Whether the pieces are JSON values with commas between them, or nothing.
fn is_list(pieces: &[&str]) -> bool {
    let array = format!("[{}]", pieces.concat());
    json::value_end(array.as_bytes(), 0) == Ok(array.len())
}
