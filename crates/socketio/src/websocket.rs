//! The server side of RFC 6455, without extensions: handshake, frames, and the byte stream below.
pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod stream;
