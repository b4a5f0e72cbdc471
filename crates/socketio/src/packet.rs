//! Socket.IO packets: what a client may send, read without copying, and what is sent, written without building.
use std::borrow::Cow;

use crate::Args;
use crate::json::{self, Fields};

mod outgoing;
#[cfg(test)]
mod tests;

pub(crate) use outgoing::Outgoing;

/// A packet of a client, before its attachments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) kind: Kind<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// The payload is an object.
    Connect {
        auth: Option<&'a str>,
    },
    Disconnect,
    Event {
        name: Cow<'a, str>,
        args: Args<'a>,
        id: Option<u64>,
        attachments: usize,
    },
    Ack {
        args: Args<'a>,
        id: u64,
        attachments: usize,
    },
}

/// The text is no packet that a client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl From<json::Malformed> for Malformed {
    fn from(_: json::Malformed) -> Self {
        Self
    }
}

/// Names that mean something to the client itself.
const RESERVED: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

impl<'a> Packet<'a> {
    /// Reads `<type>[<attachments>-][<namespace>,][<id>][<payload>]`.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Malformed> {
        let kind = text.bytes().next().ok_or(Malformed)?;
        let mut rest = text.get(1..).ok_or(Malformed)?;
        let mut attachments = 0;
        if matches!(kind, b'5' | b'6') {
            let (count, after) = rest.split_once('-').ok_or(Malformed)?;
            attachments = number(count)
                .and_then(|count| usize::try_from(count).ok())
                .ok_or(Malformed)?;
            rest = after;
        }
        if kind >= b'5' && attachments == 0 {
            return Err(Malformed);
        }
        let namespace = take_namespace(&mut rest);
        let id = take_id(&mut rest)?;
        let kind = match kind {
            b'0' if id.is_none() => Kind::Connect { auth: auth(rest)? },
            b'1' if id.is_none() && rest.is_empty() => Kind::Disconnect,
            b'2' | b'5' => {
                let (name, args) = array(rest, true)?;
                Kind::Event {
                    name: event_name(name)?,
                    args,
                    id,
                    attachments,
                }
            }
            b'3' | b'6' => Kind::Ack {
                args: array(rest, false)?.1,
                id: id.ok_or(Malformed)?,
                attachments,
            },
            _ => return Err(Malformed),
        };
        Ok(Self { namespace, kind })
    }
}

fn take_namespace<'a>(rest: &mut &'a str) -> &'a str {
    if !rest.starts_with('/') {
        return "/";
    }
    let (namespace, after) = rest.split_once(',').unwrap_or((rest, ""));
    *rest = after;
    namespace
}

fn take_id(rest: &mut &str) -> Result<Option<u64>, Malformed> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Ok(None);
    }
    let (id, after) = rest.split_at(digits);
    *rest = after;
    number(id).map(Some).ok_or(Malformed)
}

/// A number that a client can represent exactly: up to 15 digits.
fn number(digits: &str) -> Option<u64> {
    let valid =
        (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if valid { digits.parse().ok() } else { None }
}

fn auth(text: &str) -> Result<Option<&str>, Malformed> {
    if text.is_empty() {
        return Ok(None);
    }
    let start = json::skip_space(text.as_bytes(), 0);
    let end = json::value_end(text.as_bytes(), start)?;
    let object = text.as_bytes().get(start) == Some(&b'{');
    if !object || json::skip_space(text.as_bytes(), end) != text.len() {
        return Err(Malformed);
    }
    text.get(start..end).map(Some).ok_or(Malformed)
}

/// The arguments of an array that is the whole text, and what stands in the array before them: the name of an event.
fn array(text: &str, named: bool) -> Result<(&str, Args<'_>), Malformed> {
    let bytes = text.as_bytes();
    let mut at = json::skip_space(bytes, 0);
    if bytes.get(at) != Some(&b'[') {
        return Err(Malformed);
    }
    at = json::skip_space(bytes, at + 1);
    let mut name = 0..0;
    if named {
        name = at..json::value_end(bytes, at)?;
        at = json::skip_space(bytes, name.end);
        match bytes.get(at) {
            Some(b',') => at = value_start(bytes, at + 1)?,
            Some(b']') => {}
            _ => return Err(Malformed),
        }
    }
    let (args, end) = arguments(text, at)?;
    if json::skip_space(bytes, end) != text.len() {
        return Err(Malformed);
    }
    Ok((text.get(name).ok_or(Malformed)?, args))
}

/// Where the value begins that must follow a comma.
fn value_start(bytes: &[u8], after: usize) -> Result<usize, Malformed> {
    let at = json::skip_space(bytes, after);
    if bytes.get(at) == Some(&b']') {
        Err(Malformed)
    } else {
        Ok(at)
    }
}

/// The values from here to the end of the array, and where it ends.
fn arguments(text: &str, start: usize) -> Result<(Args<'_>, usize), Malformed> {
    let bytes = text.as_bytes();
    if bytes.get(start) == Some(&b']') {
        return Ok((Args::default(), start + 1));
    }
    let mut fields = Fields::default();
    let first = json::object_end(&bytes[start..], 0, &mut fields)?;
    let mut end = start + first;
    loop {
        let at = json::skip_space(bytes, end);
        match bytes.get(at) {
            Some(b',') => end = json::value_end(bytes, json::skip_space(bytes, at + 1))?,
            Some(b']') => {
                let args = text.get(start..end).ok_or(Malformed)?;
                return Ok((Args::new(args, first, fields), at + 1));
            }
            _ => return Err(Malformed),
        }
    }
}

/// The name of an event, which is a string or a number.
fn event_name(raw: &str) -> Result<Cow<'_, str>, Malformed> {
    let name = match raw.as_bytes() {
        [b'"', ..] if raw.contains('\\') => {
            Cow::Owned(serde_json::from_str(raw).map_err(|_| Malformed)?)
        }
        [b'"', .., b'"'] => Cow::Borrowed(raw.get(1..raw.len() - 1).ok_or(Malformed)?),
        [b'-' | b'0'..=b'9', ..] => Cow::Borrowed(raw),
        _ => return Err(Malformed),
    };
    if RESERVED.contains(&&*name) {
        Err(Malformed)
    } else {
        Ok(name)
    }
}
