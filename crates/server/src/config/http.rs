//! `[http]`: where and how the server listens, and whom it trusts.

use std::net::IpAddr;

use super::kinds::{self, Expected};
use super::values::{Value, Values};
use super::web_address::path_prefix;
use super::{ConfigError, Network, Tls};

/// Address, prefix, certificate, origins and proxies.
#[derive(Clone, Debug)]
pub struct Http {
    /// An address or a host name.
    pub host: String,
    /// 0 takes a free one.
    pub port: u16,
    /// The path under which everything is served, besides being served without it: empty, or `/path`.
    pub base_path: String,
    /// `http.tls_cert_file` and `http.tls_key_file`. `None`: plain HTTP.
    pub tls: Option<Tls>,
    /// `scheme://host[:port]` each, or `*`. Empty: no other origin may read our answers.
    pub cors_origins: Vec<String>,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<Network>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 5000,
            base_path: String::new(),
            tls: None,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Http {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        Ok(Self {
            host: values.read_or("http.host", host, default.host)?,
            port: values.read_or("http.port", kinds::whole(0, 65_535), default.port)?,
            base_path: values
                .read_optional("http.base_path", path_prefix)?
                .unwrap_or_default(),
            tls: Tls::read(values, "http.tls_cert_file", "http.tls_key_file")?,
            cors_origins: values.read_or(
                "http.cors_origins",
                kinds::list_of(origin),
                default.cors_origins,
            )?,
            trusted_proxies: values.read_or(
                "http.trusted_proxies",
                kinds::list_of(network),
                default.trusted_proxies,
            )?,
        })
    }
}

fn host(value: &Value) -> Result<String, Expected> {
    let text = kinds::text(value)?;
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let host = bare.unwrap_or(&text);
    let is_name = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if is_name || host.parse::<IpAddr>().is_ok() {
        Ok(host.to_owned())
    } else {
        Err(Expected::new(
            "must be an address or a host name, without scheme and port",
        ))
    }
}

/// Browsers send origins in lower case and without a path (RFC 6454 §6.2).
fn origin(text: &str) -> Result<String, Expected> {
    let origin = text.trim_end_matches('/').to_ascii_lowercase();
    let authority = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    let is_origin = authority.is_some_and(|authority| {
        !authority.is_empty()
            && authority
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"/?#@*,".contains(&byte))
    });
    if origin == "*" || is_origin {
        Ok(origin)
    } else {
        Err(Expected::new(
            "must be a list of origins like https://app.example.org, or *",
        ))
    }
}

fn network(text: &str) -> Result<Network, Expected> {
    Network::parse(text)
        .ok_or_else(|| Expected::new("must be a list of addresses or blocks like 10.0.0.0/8"))
}
