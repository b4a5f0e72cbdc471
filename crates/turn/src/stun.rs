//! STUN messages (RFC 8489): reading them where they lie, and writing them at the end of a buffer.

mod address;
mod attribute;
mod crc;
mod integrity;
mod message;
mod writer;

pub use address::Family;
pub use attribute::{Attribute, ErrorCode};
pub use integrity::{Algorithm, Key, Seal};
pub use message::{Class, Malformed, Message, Method, TransactionId};
pub use writer::Writer;

/// Bytes of the header before the first attribute (RFC 8489 §5).
pub const HEADER_BYTES: usize = 20;

const MAGIC_COOKIE: u32 = 0x2112_A442;
