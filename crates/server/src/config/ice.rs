//! `[ice]`: the STUN and TURN servers that clients are told to use.

use std::time::Duration;

use super::kinds::{self, Expected};
use super::values::Values;
use super::{ConfigError, Secret};

/// With `turn_secret` every user gets credentials of his own that expire; with `turn_username` and
/// `turn_credential` all get the same. Never both.
#[derive(Clone, Debug)]
pub struct Ice {
    pub stun_urls: Vec<String>,
    pub turn_urls: Vec<String>,
    pub turn_secret: Option<Secret>,
    pub turn_username: Option<String>,
    pub turn_credential: Option<Secret>,
    /// How long a minted credential is good for. `ice.credential_ttl_seconds`
    ///
    /// Six hours: a TURN server asks for valid credentials at every refresh of an allocation, so they
    /// must outlast the join window (2 h 15 min) and a long visit that begins at its end.
    pub credential_ttl: Duration,
}

impl Default for Ice {
    fn default() -> Self {
        Self {
            stun_urls: vec![
                "stun:stun.l.google.com:19302".to_owned(),
                "stun:stun1.l.google.com:19302".to_owned(),
            ],
            turn_urls: Vec::new(),
            turn_secret: None,
            turn_username: None,
            turn_credential: None,
            credential_ttl: Duration::from_hours(6),
        }
    }
}

impl Ice {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        let read = Self {
            stun_urls: values.read_or(
                "ice.stun_urls",
                kinds::list_of(stun_url),
                default.stun_urls,
            )?,
            turn_urls: values.read_or(
                "ice.turn_urls",
                kinds::list_of(turn_url),
                default.turn_urls,
            )?,
            turn_secret: values.read_optional("ice.turn_secret", kinds::secret)?,
            turn_username: values.read_optional("ice.turn_username", kinds::text)?,
            turn_credential: values.read_optional("ice.turn_credential", kinds::secret)?,
            credential_ttl: values.read_or(
                "ice.credential_ttl_seconds",
                kinds::seconds(1, 30 * 24 * 60 * 60),
                default.credential_ttl,
            )?,
        };
        read.check_credentials(values)?;
        Ok(read)
    }

    fn check_credentials(&self, values: &Values) -> Result<(), ConfigError> {
        let fixed = (self.turn_username.is_some(), self.turn_credential.is_some());
        let (key, problem) = match (self.turn_secret.is_some(), fixed) {
            (true, (true, _)) => ("ice.turn_username", "cannot be used with ice.turn_secret"),
            (true, (_, true)) => ("ice.turn_credential", "cannot be used with ice.turn_secret"),
            (_, (true, false)) => ("ice.turn_username", "needs ice.turn_credential"),
            (_, (false, true)) => ("ice.turn_credential", "needs ice.turn_username"),
            (false, (false, false)) if !self.turn_urls.is_empty() => (
                "ice.turn_urls",
                "needs ice.turn_secret, or ice.turn_username and ice.turn_credential",
            ),
            _ => return Ok(()),
        };
        Err(values.refuse(key, problem))
    }
}

/// RFC 7064 §3.1
fn stun_url(text: &str) -> Result<String, Expected> {
    let rest = after_scheme(text, ["stun:", "stuns:"]);
    match rest {
        Some(rest) if !rest.contains('?') => Ok(text.to_owned()),
        _ => Err(Expected::new("must be a list of URLs like stun:host:3478")),
    }
}

/// RFC 7065 §3.1
fn turn_url(text: &str) -> Result<String, Expected> {
    let rest = after_scheme(text, ["turn:", "turns:"]);
    let transport = rest
        .and_then(|rest| rest.split_once('?'))
        .map(|(_, query)| query);
    match (rest, transport) {
        (Some(_), None | Some("transport=udp" | "transport=tcp")) => Ok(text.to_owned()),
        _ => Err(Expected::new(
            "must be a list of URLs like turn:host:3478?transport=udp",
        )),
    }
}

fn after_scheme<'a>(text: &'a str, schemes: [&str; 2]) -> Option<&'a str> {
    let rest = schemes
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))?;
    let plausible =
        !rest.is_empty() && !rest.contains(['/', '@', ' ']) && !rest.starts_with([':', '?']);
    plausible.then_some(rest)
}
