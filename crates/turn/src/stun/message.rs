//! Reading a message: everything about its shape is checked once, then attributes are slices of it.
use std::net::SocketAddr;

use thiserror::Error;

use super::{Attribute, HEADER_BYTES, Key, MAGIC_COOKIE, Seal, address, crc};

/// More attributes than any message of TURN has; a bound on the work that one datagram makes.
const ATTRIBUTES_MAX: usize = 64;

/// What every FINGERPRINT is XORed with (RFC 8489 §14.7).
pub(super) const FINGERPRINT_MASK: u32 = 0x5354_554E;

/// The class of a message (RFC 8489 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Request,
    Indication,
    Success,
    Error,
}

/// The method of a message: STUN's Binding and those of TURN (RFC 8656 §17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Method {
    Binding = 0x001,
    Allocate = 0x003,
    Refresh = 0x004,
    Send = 0x006,
    Data = 0x007,
    CreatePermission = 0x008,
    ChannelBind = 0x009,
}

impl Method {
    fn from_number(number: u16) -> Option<Self> {
        match number {
            0x001 => Some(Self::Binding),
            0x003 => Some(Self::Allocate),
            0x004 => Some(Self::Refresh),
            0x006 => Some(Self::Send),
            0x007 => Some(Self::Data),
            0x008 => Some(Self::CreatePermission),
            0x009 => Some(Self::ChannelBind),
            _ => None,
        }
    }
}

/// What tells transactions of a client apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransactionId(pub [u8; 12]);

/// Not a STUN message that this relay has to do with: it is dropped in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a STUN message")]
pub struct Malformed;

/// A message whose header, attribute lengths and FINGERPRINT are right.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    class: Class,
    method: Method,
    /// Where MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 begin.
    seals: [Option<usize>; 2],
    has_fingerprint: bool,
}

impl<'a> Message<'a> {
    /// Reads `bytes` as exactly one message.
    ///
    /// # Errors
    /// `Malformed` when they are not one, or of an unknown method.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let header = bytes.first_chunk::<HEADER_BYTES>().ok_or(Malformed)?;
        let kind = u16::from_be_bytes([header[0], header[1]]);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let cookie = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        if kind >= 0x4000
            || cookie != MAGIC_COOKIE
            || !length.is_multiple_of(4)
            || bytes.len() != HEADER_BYTES + length
        {
            return Err(Malformed);
        }
        let class = match (kind & 0x0100 != 0, kind & 0x0010 != 0) {
            (false, false) => Class::Request,
            (false, true) => Class::Indication,
            (true, false) => Class::Success,
            (true, true) => Class::Error,
        };
        // RFC 8489 §5: the method's bits stand around the two of the class.
        let number = (kind & 0x000F) | ((kind & 0x00E0) >> 1) | ((kind & 0x3E00) >> 2);
        let mut message = Self {
            bytes,
            class,
            method: Method::from_number(number).ok_or(Malformed)?,
            seals: [None; 2],
            has_fingerprint: false,
        };
        message.check_attributes()?;
        Ok(message)
    }

    fn check_attributes(&mut self) -> Result<(), Malformed> {
        let mut position = HEADER_BYTES;
        let mut count = 0;
        while position < self.bytes.len() {
            let (kind, value) = attribute_at(self.bytes, position).ok_or(Malformed)?;
            count += 1;
            if count > ATTRIBUTES_MAX || self.has_fingerprint {
                return Err(Malformed);
            }
            match kind {
                Attribute::MESSAGE_INTEGRITY if self.seals == [None; 2] => {
                    self.seals[0] = Some(position);
                }
                Attribute::MESSAGE_INTEGRITY_SHA256 if self.seals[1].is_none() => {
                    self.seals[1] = Some(position);
                }
                Attribute::FINGERPRINT => {
                    self.has_fingerprint = true;
                    self.check_fingerprint(position, value)?;
                }
                _ => {}
            }
            position += 4 + value.len().next_multiple_of(4);
        }
        Ok(())
    }

    fn check_fingerprint(&self, position: usize, value: &[u8]) -> Result<(), Malformed> {
        let expected = crc::crc32(&[&self.bytes[..position]]) ^ FINGERPRINT_MASK;
        if value == expected.to_be_bytes() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    pub fn class(&self) -> Class {
        self.class
    }

    pub fn method(&self) -> Method {
        self.method
    }

    pub fn has_fingerprint(&self) -> bool {
        self.has_fingerprint
    }

    pub fn transaction(&self) -> TransactionId {
        let mut id = [0; 12];
        id.copy_from_slice(&self.bytes[8..HEADER_BYTES]);
        TransactionId(id)
    }

    /// The attributes that count: those before the first MESSAGE-INTEGRITY (RFC 8489 §14.5).
    pub fn attributes(&self) -> impl Iterator<Item = (Attribute, &'a [u8])> + use<'a> {
        let end = self
            .seals
            .iter()
            .flatten()
            .min()
            .copied()
            .unwrap_or(self.bytes.len());
        let bytes = &self.bytes[..end];
        let mut position = HEADER_BYTES;
        std::iter::from_fn(move || {
            let (kind, value) = attribute_at(bytes, position)?;
            position += 4 + value.len().next_multiple_of(4);
            Some((kind, value))
        })
        .filter(|(kind, _)| *kind != Attribute::FINGERPRINT)
    }

    /// The first attribute of this kind; others of the same kind are ignored (RFC 8489 §14).
    pub fn get(&self, kind: Attribute) -> Option<&'a [u8]> {
        self.attributes()
            .find(|(found, _)| *found == kind)
            .map(|(_, value)| value)
    }

    /// Every XOR-PEER-ADDRESS; `None` for one that is malformed.
    pub fn peers(&self) -> impl Iterator<Item = Option<SocketAddr>> + use<'a> {
        let transaction = self.transaction();
        self.attributes()
            .filter(|(kind, _)| *kind == Attribute::XOR_PEER_ADDRESS)
            .map(move |(_, value)| address::parse_xor(value, &transaction))
    }

    /// The address in an attribute of this kind, when it is there and well formed.
    pub fn xor_address(&self, kind: Attribute) -> Option<SocketAddr> {
        address::parse_xor(self.get(kind)?, &self.transaction())
    }

    /// How the message is protected; the stronger when by both (RFC 8489 §9.2.4).
    pub fn seal(&self) -> Option<Seal> {
        match self.seals {
            [_, Some(_)] => Some(Seal::Sha256),
            [Some(_), None] => Some(Seal::Sha1),
            [None, None] => None,
        }
    }

    /// True when the protection that `seal` tells of was made with `key`.
    pub fn is_sealed_by(&self, key: &Key) -> bool {
        let Some(seal) = self.seal() else {
            return false;
        };
        let Some(position) = self.seals[usize::from(seal == Seal::Sha256)] else {
            return false;
        };
        let Some((_, code)) = attribute_at(self.bytes, position) else {
            return false;
        };
        // Without the header, with the attribute itself (RFC 8489 §14.5). A message fits in 16 bits, so its part does.
        let Ok(length) = u16::try_from(position + 4 + code.len() - HEADER_BYTES) else {
            return false;
        };
        key.is_sealed(seal, &self.bytes[..position], length, code)
    }
}

/// Kind and value of the attribute at `position`; `None` when it does not fit, its padding included.
fn attribute_at(bytes: &[u8], position: usize) -> Option<(Attribute, &[u8])> {
    let (&[kind_high, kind_low, length_high, length_low], rest) =
        bytes.get(position..)?.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes([length_high, length_low]));
    let value = rest.get(..length.next_multiple_of(4))?;
    Some((
        Attribute(u16::from_be_bytes([kind_high, kind_low])),
        &value[..length],
    ))
}

#[cfg(test)]
mod tests;
