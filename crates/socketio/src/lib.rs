//! A Socket.IO 5 server over Engine.IO 4: ordered, bounded, and close to the cost of the bare websocket.
//!
//! An application implements [`Handler`] and mounts [`Server::handle`] at its path, usually `/socket.io/`:
//!
//! - Each connection has one task. The calls for one connection never overlap, and each is awaited before the next
//!   packet is looked at: a client's events are handled strictly in the order in which they were sent.
//! - [`Socket::emit`] writes the packet straight into the receiver's buffer, in the form of the receiver's transport,
//!   and never waits. The buffer is bounded in bytes: a receiver that does not read is disconnected, and nobody else
//!   feels it.
//! - Only the envelope of an event is parsed. Arguments are handed over as slices of JSON, checked and bounded in
//!   depth, but not built.
//! - The id of the connection, which is enough to speak as its owner, is secret. [`Socket::id`] is another number.
//!
//! Websocket, long-polling and the upgrade between them, binary attachments, acknowledgements both ways and several
//! namespaces are there; the layer below is open to use by itself in [`engine`]. Not there: connection state
//! recovery, WebTransport, compression, and protocol versions before 5 (clients before 3).
//!
//! ```
//! use holdspace_socketio::{Body, DisconnectReason, Event, Handler, Refusal, Socket};
//! use http::{Response, request::Parts};
//! use serde_json::value::RawValue;
//!
//! struct Echo;
//!
//! impl Handler for Echo {
//!     type Peer = ();
//!     type State = u32;
//!
//!     fn handshake(&self, _: &Parts) -> Result<(), Response<Body>> {
//!         Ok(())
//!     }
//!
//!     async fn connect(&self, _: &Socket, namespace: &str, _: Option<&RawValue>, _: &()) -> Result<u32, Refusal> {
//!         if namespace == "/" { Ok(0) } else { Err(Refusal::invalid_namespace()) }
//!     }
//!
//!     async fn event(&self, socket: &Socket, count: &mut u32, event: Event<'_>) {
//!         *count += 1;
//!         socket.emit("echo", &["{\"count\":", &count.to_string(), ",\"args\":[", event.args.as_str(), "]}"]);
//!     }
//!
//!     async fn disconnected(&self, _: &Socket, _: u32, _: DisconnectReason) {}
//! }
//! ```
pub mod engine;

mod acknowledgement;
mod args;
mod config;
mod event;
#[doc(hidden)]
pub mod fuzzing;
mod handler;
mod json;
mod packet;
mod reason;
mod server;
mod session;
mod socket;
mod websocket;

pub use acknowledgement::{Acknowledgement, AcknowledgementError};
pub use args::Args;
pub use config::Config;
pub use engine::Body;
pub use event::{AckId, Event};
pub use handler::{Handler, Refusal};
pub use reason::DisconnectReason;
pub use server::Server;
pub use socket::Socket;
