//! Engine.IO 4: connections over websocket and long-polling, and the upgrade between them.
//!
//! The layer carries texts and binaries in order and says when a connection ends. It knows nothing of Socket.IO.
mod clock;
mod connection;
mod drive;
mod link;
mod outbox;
pub(crate) mod packet;
mod pool;
mod request;
mod response;
mod server;
mod service;
mod sid;
mod table;
mod websocket;

pub(crate) use drive::drive;
pub use link::Link;
pub(crate) use outbox::{Outbox, Text};
pub use response::Body;
pub use server::Server;
pub use service::{Message, Service};
