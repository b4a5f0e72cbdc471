//! Identifiers, parsed once: sessions and users (24 hex digits), rooms, sockets.

use std::fmt::{self, Write};

/// The text is no identifier of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct InvalidId;

macro_rules! object_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 12]);

        impl $name {
            /// From its 12 bytes.
            pub const fn from_bytes(bytes: [u8; 12]) -> Self {
                Self(bytes)
            }

            /// Its 12 bytes.
            pub const fn as_bytes(&self) -> &[u8; 12] {
                &self.0
            }

            /// Parses 24 hex digits of either case (reference: "MongoDB ObjectId").
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                parse_hex(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(hex(&self.0, &mut [0; 24]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

object_id! {
    /// A booked visit. 24 hex digits, shown in lower case.
    SessionId
}
object_id! {
    /// A person known to the installation. 24 hex digits, shown in lower case.
    UserId
}

/// The bytes as hex digits; written at once, since ids are shown in every answer.
fn hex<'a>(bytes: &[u8; 12], text: &'a mut [u8; 24]) -> &'a str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 0x0f)];
    }
    // Hex digits are ASCII.
    std::str::from_utf8(text).unwrap_or_default()
}

fn parse_hex(text: &str) -> Result<[u8; 12], InvalidId> {
    let digits = text.as_bytes();
    if digits.len() != 24 {
        return Err(InvalidId);
    }
    let mut bytes = [0; 12];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
    }
    Ok(bytes)
}

fn hex_digit(digit: u8) -> Result<u8, InvalidId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(InvalidId),
    }
}

/// The room of a session: `room-` and a version 4 UUID in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(String);

impl RoomId {
    /// A room id from 16 random bytes, made a version 4 UUID (RFC 9562 §5.4).
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = String::with_capacity(41);
        text.push_str("room-");
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Parses `room-<uuid>`; anything else is no room.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let uuid = text.strip_prefix("room-").ok_or(InvalidId)?;
        let shaped = uuid.len() == 36
            && uuid.bytes().enumerate().all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
            });
        shaped.then(|| Self(text.to_owned())).ok_or(InvalidId)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The public id of a connected socket: 20 printable ASCII characters, known to its room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId([u8; 20]);

impl SocketId {
    /// Parses exactly 20 characters of `A–Z a–z 0–9 _ -`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let bytes: [u8; 20] = text.as_bytes().try_into().map_err(|_| InvalidId)?;
        bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            .then_some(Self(bytes))
            .ok_or(InvalidId)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        // The constructor admits ASCII alone.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SocketId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_ids_are_24_hex_digits_of_either_case() {
        for (text, valid) in [
            ("507f1f77bcf86cd799439011", true),
            ("507F1F77BCF86CD799439011", true),
            ("507f1f77bcf86cd79943901", false),
            ("507f1f77bcf86cd7994390111", false),
            ("507f1f77bcf86cd79943901g", false),
            ("", false),
            ("507f1f77bcf86cd7994390\u{e9}", false),
        ] {
            let parsed = SessionId::parse(text);
            assert_eq!(parsed.is_ok(), valid, "{text}");
            if let Ok(id) = parsed {
                assert_eq!(id.to_string(), text.to_lowercase());
            }
        }
    }

    #[test]
    fn a_room_id_is_a_version_4_uuid() {
        let room = RoomId::from_random([0xff; 16]);
        assert_eq!(room.as_str(), "room-ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(RoomId::parse(room.as_str()), Ok(room));
        for text in [
            "room-",
            "invalid-room-id",
            "room-FFFFFFFF-ffff-4fff-bfff-ffffffffffff",
        ] {
            assert_eq!(RoomId::parse(text), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn a_socket_id_has_20_url_safe_characters() {
        let id = SocketId::parse("AbCdEf0123456789_-xy").unwrap();
        assert_eq!(id.as_str(), "AbCdEf0123456789_-xy");
        for text in ["", "short", "AbCdEf0123456789_-x ", "AbCdEf0123456789_-xyz"] {
            assert!(SocketId::parse(text).is_err(), "{text}");
        }
    }
}
