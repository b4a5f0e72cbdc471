//! A STUN and TURN server (RFC 8489, RFC 8656): UDP, TCP and TLS towards the client, UDP towards the peer.
#![allow(
    clippy::doc_markdown,
    reason = "the names of messages and attributes are words here, as in the RFCs"
)]

pub mod channel_data;
pub mod stun;

mod config;
mod core;
mod counters;
mod credentials;
mod frames;
#[doc(hidden)]
pub mod fuzzing;
mod io;
mod network;
mod policy;
mod relay;
mod rules;
mod shared_secrets;
mod time;

pub use self::config::{Config, Path};
pub use self::core::{Action, Client, Core, Delivery, RelayId, Shared, Sockets, Transport};
pub use counters::{Count, Counters};
pub use credentials::{Credential, Credentials, Standing, Usage};
pub use frames::{Frame, NotTurn, next_frame};
pub use io::{Addresses, ListenError};
pub use network::{Network, NetworkError};
pub use policy::Policy;
pub use relay::{Relay, StartError};
pub use rules::{RelayAddress, Rules};
pub use shared_secrets::SharedSecrets;
pub use time::Moment;
