//! The core's way to the network: sockets, and one thread for each shard.

#[cfg(feature = "internals")]
mod bare;
mod connection;
mod connections;
mod favourite;
mod features;
#[cfg(target_os = "linux")]
mod filter;
mod floods;
mod listeners;
#[cfg(target_os = "linux")]
mod one_by_one;
#[cfg(target_os = "linux")]
mod options;
mod outbox;
mod path;
mod plain;
mod relayed;
mod shard;
mod slots;
#[cfg(target_os = "linux")]
mod system;

#[cfg(feature = "internals")]
pub use bare::forward;
pub(crate) use connections::Admission;
pub(crate) use features::Features;
pub(crate) use listeners::Listeners;
pub use listeners::{Addresses, ListenError};
#[cfg(feature = "internals")]
pub(crate) use shard::EVENTS;
pub(crate) use shard::{Control, Shard, Surroundings};
