//! Keys of the long-term credential mechanism and the codes made with them (RFC 8489 §9.2.2, §14.5, §14.6).
use std::fmt;

use md5::{Digest, Md5};
use ring::{digest, hmac};
use subtle::ConstantTimeEq;

/// How a password becomes a key (RFC 8489 §18.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Algorithm {
    Md5 = 1,
    Sha256 = 2,
}

impl Algorithm {
    /// Reads one entry of PASSWORD-ALGORITHM: number, and parameters, which neither algorithm has (RFC 8489 §14.12).
    pub fn parse(value: &[u8]) -> Option<Self> {
        match value {
            [0, 1, 0, 0] => Some(Self::Md5),
            [0, 2, 0, 0] => Some(Self::Sha256),
            _ => None,
        }
    }
}

/// Which of the two attributes protects a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// MESSAGE-INTEGRITY: HMAC-SHA1, 20 bytes.
    Sha1,
    /// MESSAGE-INTEGRITY-SHA256: HMAC-SHA256, 16 to 32 bytes.
    Sha256,
}

impl Seal {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    fn is_length(self, length: usize) -> bool {
        match self {
            Self::Sha1 => length == 20,
            // RFC 8489 §14.6: it may be cut, to no less than 16 bytes.
            Self::Sha256 => (16..=32).contains(&length) && length.is_multiple_of(4),
        }
    }
}

/// The key that a user's messages are sealed with. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct Key {
    bytes: [u8; 32],
    length: usize,
}

impl Key {
    /// The key of long-term credentials: the hash of `username ":" realm ":" password` (RFC 8489 §9.2.2).
    /// All three must have been prepared as the RFC says (`OpaqueString`); ASCII needs no preparation.
    pub fn long_term(algorithm: Algorithm, username: &str, realm: &str, password: &str) -> Self {
        let parts = [username, ":", realm, ":", password];
        let mut key = Self {
            bytes: [0; 32],
            length: 0,
        };
        match algorithm {
            Algorithm::Md5 => {
                let mut hash = Md5::new();
                for part in parts {
                    hash.update(part.as_bytes());
                }
                key.length = 16;
                key.bytes[..16].copy_from_slice(&hash.finalize());
            }
            Algorithm::Sha256 => {
                let mut hash = digest::Context::new(&digest::SHA256);
                for part in parts {
                    hash.update(part.as_bytes());
                }
                key.length = 32;
                key.bytes.copy_from_slice(hash.finish().as_ref());
            }
        }
        key
    }

    /// The code over `before`, with the header's length field replaced by `length` (RFC 8489 §14.5).
    pub(super) fn seal(&self, seal: Seal, before: &[u8], length: u16) -> hmac::Tag {
        let algorithm = match seal {
            Seal::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Seal::Sha256 => hmac::HMAC_SHA256,
        };
        let mut context =
            hmac::Context::with_key(&hmac::Key::new(algorithm, &self.bytes[..self.length]));
        context.update(&before[..2]);
        context.update(&length.to_be_bytes());
        context.update(&before[4..]);
        context.sign()
    }

    /// True when `code` is right for what stands before it; compared in constant time.
    pub(super) fn is_sealed(&self, seal: Seal, before: &[u8], length: u16, code: &[u8]) -> bool {
        seal.is_length(code.len()) && {
            let tag = self.seal(seal, before, length);
            tag.as_ref()[..code.len()].ct_eq(code).into()
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Key {
    /// Short-term credentials, which only the vectors of RFC 5769 use here.
    pub(super) fn short_term(password: &str) -> Self {
        let mut key = Self {
            bytes: [0; 32],
            length: password.len(),
        };
        key.bytes[..password.len()].copy_from_slice(password.as_bytes());
        key
    }
}
