//! REST from outside: every row, endpoint, status and code, against a real server and database.

mod client;
mod full_disk;
mod house;
mod idempotency;
mod openapi;
mod races;
mod rows;
mod sessions;
mod sign_in;
mod tokens;
mod video_calls;
