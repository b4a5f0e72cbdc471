//! The configuration: one TOML file, environment variables, defaults; every section in a file of its own.

mod auth;
mod http;
mod ice;
mod limits;
mod log;
mod network;
mod room;
mod secret;
mod signaling;
mod store;

pub use auth::{Algorithm, Auth};
pub use http::Http;
pub use ice::Ice;
pub use limits::RateLimit;
pub use log::{Log, LogFormat};
pub use network::Network;
pub use room::Room;
pub use secret::Secret;
pub use signaling::Signaling;
pub use store::StoreUrl;

use holdspace_domain::JoinWindow;

/// Everything that can be configured, checked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub http: Http,
    pub store: StoreUrl,
    pub auth: Auth,
    /// `join_window.minutes_before` and `join_window.minutes_after`.
    pub join_window: JoinWindow,
    pub rate_limit: RateLimit,
    pub signaling: Signaling,
    pub room: Room,
    pub ice: Ice,
    pub compat: Compat,
    pub log: Log,
}

/// `[compat]`: concessions to existing client code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compat {
    /// Mirror the fields of `data` at the top of every response (SPEC row 2).
    pub flat_responses: bool,
}
