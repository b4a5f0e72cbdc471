//! The configuration: one TOML file, environment variables, defaults; every section in a file of its own.

mod auth;
mod environment;
mod error;
mod file;
mod http;
mod ice;
mod kinds;
mod limits;
mod log;
mod logo;
mod metrics;
mod network;
mod page;
mod redis;
mod room;
mod secret;
mod signaling;
mod store;
#[cfg(test)]
mod tests;
mod tls;
mod turn;
mod values;
pub(crate) mod web_address;
mod window;

pub use auth::{Algorithm, Auth};
pub use error::ConfigError;
pub use http::Http;
pub use ice::Ice;
pub use limits::RateLimit;
pub use log::{Log, LogFormat};
pub use logo::{Logo, LogoKind};
pub use metrics::Metrics;
pub use network::Network;
pub use page::{LANGUAGES, Page};
pub use room::Room;
pub use secret::Secret;
pub use signaling::Signaling;
pub use store::StoreUrl;
pub use tls::Tls;
pub use turn::Turn;
pub use web_address::{Origin, ServerAddress};

use std::ffi::OsString;
use std::path::Path;

use holdspace_domain::JoinWindow;

use self::values::Values;

/// The file that is read when none is named, if it is there.
pub const DEFAULT_FILE: &str = "holdspace.toml";

/// Everything that can be configured, checked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub http: Http,
    pub page: Page,
    pub store: StoreUrl,
    pub auth: Auth,
    /// `join_window.minutes_before` and `join_window.minutes_after`.
    pub join_window: JoinWindow,
    pub rate_limit: RateLimit,
    pub signaling: Signaling,
    pub room: Room,
    pub ice: Ice,
    pub turn: Turn,
    pub compat: Compat,
    pub log: Log,
    pub metrics: Metrics,
}

/// `[compat]`: concessions to existing client code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compat {
    /// Mirror the fields of `data` at the top of every response (SPEC row 2).
    pub flat_responses: bool,
}

/// A configuration and what was given for it.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// Every key that is not a default: its name, its value unless secret, where it came from.
    pub given: Vec<String>,
}

impl Config {
    /// Reads `file`, or `holdspace.toml` when none is named and it is there, and `environment`, which
    /// beats it. The first problem found is the error.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Loaded, ConfigError> {
        let mut values = Values::default();
        file::read(file, &mut values)?;
        environment::read(environment, &mut values)?;
        let config = Self::from_values(&mut values)?;
        values.refuse_unknown()?;
        Ok(Loaded {
            config,
            given: values.describe(),
        })
    }

    fn from_values(values: &mut Values) -> Result<Self, ConfigError> {
        redis::refuse(values)?;
        let mut ice = Ice::read(values)?;
        let turn = Turn::read(values, !ice.turn_urls.is_empty())?;
        if turn.enabled && !values.is_given("ice.stun_urls") {
            // Ours is one.
            ice.stun_urls.clear();
        }
        Ok(Self {
            http: Http::read(values)?,
            page: Page::read(values)?,
            store: StoreUrl::read(values)?,
            auth: Auth::read(values)?,
            join_window: window::read(values)?,
            rate_limit: RateLimit::read(values)?,
            signaling: Signaling::read(values)?,
            room: Room::read(values)?,
            ice,
            turn,
            compat: Compat {
                flat_responses: values.read_or("compat.flat_responses", kinds::flag, false)?,
            },
            log: Log::read(values)?,
            metrics: Metrics::read(values)?,
        })
    }
}
