//! A STUN and TURN server (RFC 8489, RFC 8656): UDP, TCP and TLS towards the client, UDP towards the peer.
//!
//! [`Relay::start`] runs a whole relay on threads of its own, one a shard. Who may use it is asked of a [`Credentials`];
//! [`SharedSecrets`] is one that needs no list of users. [`Core`] is the protocol alone, without sockets and clock, for
//! those who have their own: bytes, a [`Moment`] and a [`Client`] in, an [`Action`] out.
//!
//! - Before authentication nothing is remembered, and one address gets few challenges a second: a flood makes nothing grow,
//!   and the relay is no reflector.
//! - Peers are reached at public addresses only, in every form in which an inside address can be written ([`Policy`]); the
//!   relay's own address is reached at the ports of its allocations alone.
//! - Passwords become keys by SHA-256 or MD5, and a client that was robbed of the choice is refused (RFC 8489 §9.2).
//! - A client that sends by UDP more than can be read, and more than all others, is not heard for a second.
//! - ICMP about what went to a peer is told to the client (RFC 8656 §11.5); on Linux.
//! - On Linux datagrams are read and written many at a time, and bursts as one (UDP GSO and GRO); elsewhere one by one.
//!
//! Left out: TCP towards peers (RFC 6062), USERHASH (RFC 8489 §14.4), DTLS, mobility
//! (RFC 8016).
//!
//! ```
//! use std::net::{IpAddr, Ipv4Addr};
//! use std::sync::Arc;
//!
//! use holdspace_turn::{Config, Count, Relay, RelayAddress, Rules, SharedSecrets};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let address = IpAddr::from(Ipv4Addr::LOCALHOST);
//! let config = Config {
//!     rules: Rules { relay_ipv4: Some(RelayAddress::from(address)), ..Rules::default() },
//!     udp: vec![(address, 0).into()],
//!     ..Config::default()
//! };
//! let mut relay = Relay::start(&config, Arc::new(SharedSecrets::new(["a secret"])))?;
//! println!("listening at {} with {}", relay.addresses().udp[0], relay.features());
//! assert_eq!(relay.counters().get(Count::Allocated), 0);
//! // Nobody new; then, when those who are there have gone, or will have to:
//! relay.drain();
//! relay.stop();
//! # Ok(())
//! # }
//! ```
#![allow(
    clippy::doc_markdown,
    reason = "the names of messages and attributes are words here, as in the RFCs"
)]

pub mod channel_data;
pub mod stun;

#[cfg(feature = "internals")]
mod caller;
mod config;
mod core;
mod counters;
mod credentials;
mod frames;
#[cfg(feature = "internals")]
pub mod fuzzing;
mod io;
mod network;
mod policy;
mod relay;
mod rules;
mod shared_secrets;
#[cfg(feature = "internals")]
mod stepped;
mod time;

#[cfg(feature = "internals")]
pub use self::caller::Caller;
pub use self::config::{Config, Path};
pub use self::core::{Action, Client, Core, Delivery, Icmp, RelayId, Shared, Sockets, Transport};
pub use counters::{Count, Counters};
pub use credentials::{Credential, Credentials, Standing, Usage};
pub use frames::{Frame, NotTurn, next_frame};
#[cfg(feature = "internals")]
pub use io::forward;
pub use io::{Addresses, ListenError};
pub use network::{Network, NetworkError};
pub use policy::Policy;
pub use relay::{Relay, StartError};
pub use rules::{RelayAddress, Rules};
pub use shared_secrets::SharedSecrets;
#[cfg(feature = "internals")]
pub use stepped::Stepped;
pub use time::Moment;
