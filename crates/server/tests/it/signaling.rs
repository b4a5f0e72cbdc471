//! Signaling (SPEC section 4; reference, "WebSocket Events"), over real sockets.

mod call;
mod connect;
mod histories;
mod hostile;
pub(crate) mod house;
mod join;
mod relay;
mod resume;
