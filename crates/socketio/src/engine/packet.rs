//! Engine.IO packets: one a websocket message, several in a polling payload.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Between the packets of a polling payload.
pub(crate) const SEPARATOR: u8 = 0x1e;

pub(crate) const OPEN: u8 = b'0';
pub(crate) const CLOSE: u8 = b'1';
pub(crate) const PING: u8 = b'2';
pub(crate) const PONG: u8 = b'3';
pub(crate) const MESSAGE: u8 = b'4';
pub(crate) const UPGRADE: u8 = b'5';
pub(crate) const NOOP: u8 = b'6';
/// Before a binary packet of a polling payload.
pub(crate) const BASE64: u8 = b'b';

/// A packet that a client may send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    Close,
    /// A ping is the probe of an upgrade: heartbeats go the other way.
    Probe,
    Pong,
    Text(&'a str),
    Binary(Vec<u8>),
    Upgrade,
    Noop,
}

/// The text is no packet that a client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'a> Packet<'a> {
    /// Reads the text of a websocket message.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Malformed> {
        let kind = text.bytes().next().ok_or(Malformed)?;
        match (kind, text.get(1..).ok_or(Malformed)?) {
            (MESSAGE, data) => Ok(Self::Text(data)),
            (PONG, _) => Ok(Self::Pong),
            (PING, "probe") => Ok(Self::Probe),
            (CLOSE, "") => Ok(Self::Close),
            (UPGRADE, "") => Ok(Self::Upgrade),
            (NOOP, "") => Ok(Self::Noop),
            _ => Err(Malformed),
        }
    }

    /// Reads one packet of a polling payload, where a binary is in base64.
    pub(crate) fn parse_polled(text: &'a str) -> Result<Self, Malformed> {
        match text.strip_prefix(char::from(BASE64)) {
            Some(data) => STANDARD
                .decode(data)
                .map(Self::Binary)
                .map_err(|_| Malformed),
            None => Self::parse(text),
        }
    }
}

/// The packets of a polling payload.
pub(crate) fn split(payload: &str) -> impl Iterator<Item = &str> {
    payload.split(char::from(SEPARATOR))
}

/// Writes a binary packet of a polling payload.
pub(crate) fn write_base64(out: &mut Vec<u8>, data: &[u8]) {
    let start = out.len() + 1;
    out.push(BASE64);
    out.resize(start + data.len().div_ceil(3) * 4, b'=');
    let written = STANDARD.encode_slice(data, &mut out[start..]).unwrap_or(0);
    out.truncate(start + written);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read() {
        let cases = [
            ("4", Packet::Text("")),
            ("4hello", Packet::Text("hello")),
            ("42[\"ž\"]", Packet::Text("2[\"ž\"]")),
            ("3", Packet::Pong),
            ("3probe", Packet::Pong),
            ("2probe", Packet::Probe),
            ("1", Packet::Close),
            ("5", Packet::Upgrade),
            ("6", Packet::Noop),
        ];
        for (text, packet) in cases {
            assert_eq!(Packet::parse(text), Ok(packet), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "", "0", "0{}", "2", "2x", "1x", "5x", "6x", "7", "abc", "bAQID", "ž", " 4", "\u{1e}",
        ] {
            assert_eq!(Packet::parse(text), Err(Malformed), "{text}");
        }
        for text in ["b?", "bAQI", "bAQIDBA=", "bAQ==\n", "abc", ""] {
            assert_eq!(Packet::parse_polled(text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn binaries_survive_the_way_through_base64() {
        for length in 0..70_usize {
            let data: Vec<u8> = (0..length)
                .map(|index| u8::try_from(index * 7 % 256).unwrap())
                .collect();
            let mut out = Vec::new();
            write_base64(&mut out, &data);
            let text = String::from_utf8(out).unwrap();
            assert_eq!(Packet::parse_polled(&text), Ok(Packet::Binary(data)));
        }
    }

    #[test]
    fn a_payload_is_split_at_each_separator() {
        let parts: Vec<_> = split("4a\u{1e}bAQ==\u{1e}\u{1e}3").collect();
        assert_eq!(parts, ["4a", "bAQ==", "", "3"]);
    }
}
