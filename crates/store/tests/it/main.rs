//! One story for every backend, and what is particular to each.
#![allow(clippy::unwrap_used)]

mod sqlite;
mod story;
