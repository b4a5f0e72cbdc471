//! REST: routes, extractors, views, errors, limits, idempotency. Knows the wire's names and no rules.

mod accept_encoding;
mod body;
mod code;
mod cors;
mod docs_page;
mod edge;
mod entity_tag;
mod error;
mod guard;
pub mod health;
mod idempotency;
mod ids;
pub mod metrics;
mod openapi;
pub mod page;
mod query;
mod rate_limit;
mod received;
mod reply;
mod routes;
mod sessions;
mod sign_in;
mod text;
mod token;
mod uninterrupted;
mod users;
mod video_calls;
mod views;

pub(crate) use cors::Cors;
pub(crate) use edge::{arrived_late, internal_error, unavailable};
pub use openapi::json as openapi_json;
pub use routes::router;
