//! The Holdspace server: one library, one binary.

pub mod clock;
pub mod config;
