//! One story for every backend, and what is particular to each.
#![allow(clippy::unwrap_used)]

mod memory;
mod sqlite;
mod story;
