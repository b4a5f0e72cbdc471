//! The server from outside: real sockets, a real database, a clock to set.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::too_many_lines, reason = "tables are long")]
#![allow(unreachable_pub, reason = "nothing is reached from outside")]

mod cli;
mod crash;
mod disk;
mod doctor;
mod foreign;
mod hostile_http;
mod lifecycle;
mod manual_clock;
mod nonsense;
mod page;
mod plain_client;
mod practice;
mod process;
mod processes;
mod protocol_table;
mod relay;
mod rest;
mod signaling;
mod socket_client;
mod tls;
mod vanishing;
