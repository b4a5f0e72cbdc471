//! Writing a message at the end of a buffer. Every byte of it is written here, padding included.
use std::net::SocketAddr;

use super::message::FINGERPRINT_MASK;
use super::{
    Attribute, Class, ErrorCode, HEADER_BYTES, Key, MAGIC_COOKIE, Method, Seal, TransactionId,
    address, crc,
};

/// A message that is being written; `finish` (or `seal` before it) makes it whole.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    transaction: TransactionId,
}

impl<'a> Writer<'a> {
    /// Begins a message at the end of `out`.
    pub fn new(
        out: &'a mut Vec<u8>,
        class: Class,
        method: Method,
        transaction: TransactionId,
    ) -> Self {
        let start = out.len();
        let number = method as u16;
        let class = match class {
            Class::Request => 0,
            Class::Indication => 0x0010,
            Class::Success => 0x0100,
            Class::Error => 0x0110,
        };
        let kind = (number & 0x000F) | ((number & 0x0070) << 1) | ((number & 0x0F80) << 2) | class;
        out.extend(kind.to_be_bytes());
        out.extend([0, 0]);
        out.extend(MAGIC_COOKIE.to_be_bytes());
        out.extend(transaction.0);
        Self {
            out,
            start,
            transaction,
        }
    }

    /// Appends an attribute with this value, which must be shorter than 64 KiB.
    pub fn attribute(&mut self, kind: Attribute, value: &[u8]) -> &mut Self {
        self.written(kind, |out| out.extend_from_slice(value))
    }

    /// Appends a number of 32 bits, such as LIFETIME.
    pub fn number(&mut self, kind: Attribute, value: u32) -> &mut Self {
        self.attribute(kind, &value.to_be_bytes())
    }

    /// Appends an address, XORed as most are (RFC 8489 §14.2).
    pub fn xor_address(&mut self, kind: Attribute, value: SocketAddr) -> &mut Self {
        let transaction = self.transaction;
        self.written(kind, |out| address::write(out, value, Some(&transaction)))
    }

    /// Appends a plain address, as ALTERNATE-SERVER has it.
    pub fn address(&mut self, kind: Attribute, value: SocketAddr) -> &mut Self {
        self.written(kind, |out| address::write(out, value, None))
    }

    /// Appends ERROR-CODE, or its like; `first` is what ADDRESS-ERROR-CODE has where ERROR-CODE has zero.
    pub fn error(&mut self, kind: Attribute, first: u8, code: ErrorCode) -> &mut Self {
        let (class, number) = (code.number() / 100, code.number() % 100);
        self.written(kind, |out| {
            out.extend([first, 0, class.to_be_bytes()[1], number.to_be_bytes()[1]]);
            out.extend(code.phrase().as_bytes());
        })
    }

    /// Appends the head of a DATA attribute whose `length` bytes, and padding, are sent right behind what is written.
    pub fn data_follows(mut self, length: u16) {
        self.out.extend(Attribute::DATA.0.to_be_bytes());
        self.out.extend(length.to_be_bytes());
        let after = usize::from(length).next_multiple_of(4);
        self.set_length(self.out.len() - self.start - HEADER_BYTES + after);
    }

    /// Appends the attribute that protects everything so far.
    pub fn seal(&mut self, seal: Seal, key: &Key) -> &mut Self {
        let kind = match seal {
            Seal::Sha1 => Attribute::MESSAGE_INTEGRITY,
            Seal::Sha256 => Attribute::MESSAGE_INTEGRITY_SHA256,
        };
        let length = self.out.len() - self.start - HEADER_BYTES + 4 + seal.bytes();
        let code = key.seal(
            seal,
            &self.out[self.start..],
            u16::try_from(length).unwrap_or(u16::MAX),
        );
        self.attribute(kind, code.as_ref())
    }

    /// Appends FINGERPRINT.
    pub fn fingerprint(&mut self) -> &mut Self {
        let length = self.out.len() - self.start - HEADER_BYTES + 8;
        let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        let message = &self.out[self.start..];
        let sum = crc::crc32(&[&message[..2], &length, &message[4..]]) ^ FINGERPRINT_MASK;
        self.number(Attribute::FINGERPRINT, sum)
    }

    /// Sets the length: the message is whole.
    pub fn finish(mut self) {
        self.set_length(self.out.len() - self.start - HEADER_BYTES);
    }

    fn written(&mut self, kind: Attribute, value: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        self.out.extend(kind.0.to_be_bytes());
        let at = self.out.len();
        self.out.extend([0, 0]);
        value(self.out);
        let length = self.out.len() - at - 2;
        debug_assert!(
            u16::try_from(length).is_ok(),
            "an attribute has at most 64 KiB"
        );
        self.out[at..at + 2]
            .copy_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        self.out
            .resize(self.out.len() + length.next_multiple_of(4) - length, 0);
        self
    }

    fn set_length(&mut self, length: usize) {
        debug_assert!(
            u16::try_from(length).is_ok(),
            "a message has at most 64 KiB"
        );
        let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        self.out[self.start + 2..self.start + 4].copy_from_slice(&length);
    }
}
