//! The Holdspace server: one library, one binary.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod http;
pub mod listener;
pub mod node;
pub mod relay;
mod runtime;
pub mod signaling;
pub mod startup;
pub mod telemetry;
pub mod time;
