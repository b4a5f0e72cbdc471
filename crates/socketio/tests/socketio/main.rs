//! The server as clients meet it: real sockets on a free port, raw HTTP and raw frames.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod client;
mod lab;

mod acknowledgements;
mod fuzz;
mod hostile;
mod lifecycle;
mod namespaces;
mod order;
mod polling;
mod pressure;
mod upgrade;
mod websocket;
