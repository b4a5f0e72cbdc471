//! `[http]`: where the server listens and whom it trusts.

use super::Network;

/// Address, origins and proxies.
#[derive(Clone, Debug)]
pub struct Http {
    /// An address or a host name.
    pub host: String,
    /// 0 takes a free one.
    pub port: u16,
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
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}
