//! The relay, from outside: its core on a network made of lists, and the whole of it on loopback.
#![allow(
    clippy::doc_markdown,
    reason = "the names of messages and attributes are words here, as in the RFCs"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod caller;
mod lab;
mod live;
mod wire;

mod again;
mod allocations;
mod authentication;
mod coturn;
mod dead;
mod favourites;
mod fields;
#[cfg(target_os = "linux")]
mod floods;
mod fuzz;
mod icmp;
mod inside;
mod malformed;
mod neighbours;
mod peers;
mod policy;
mod running;
mod shapes;
mod simulation;
mod sinks;
mod streams;
