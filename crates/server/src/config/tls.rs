//! The certificate with which the server shows itself, and its key.

mod files;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::ResolvesServerCert;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{Error, ServerConfig};

use self::files::{Files, Problem};
use super::ConfigError;
use super::kinds::{self, Expected};
use super::values::{Value, Values};

/// A certificate chain and a key that fit each other.
#[derive(Clone)]
pub struct Tls {
    server: Arc<ServerConfig>,
    certificate: Option<CertificateDer<'static>>,
}

impl Tls {
    /// TLS 1.3 and 1.2. Fails when the key is not that of the first certificate.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, Error> {
        let certified = certified(chain, key)?;
        let certificate = certified.cert.first().cloned();
        Self::of(certificate, Arc::new(SingleCertAndKey::from(certified)))
    }

    fn of(
        certificate: Option<CertificateDer<'static>>,
        resolver: Arc<dyn ResolvesServerCert>,
    ) -> Result<Self, Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        // RFC 7301; the listener speaks nothing else.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            server: Arc::new(config),
            certificate,
        })
    }

    /// The server's own certificate, the first of the chain, as it was at the start.
    pub(crate) fn certificate(&self) -> Option<&CertificateDer<'static>> {
        self.certificate.as_ref()
    }

    /// What a listener accepts connections with.
    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }

    /// What the relay accepts connections with: no protocol is negotiated there.
    pub(crate) fn relay_config(&self) -> Arc<ServerConfig> {
        let mut config = ServerConfig::clone(&self.server);
        config.alpn_protocols.clear();
        Arc::new(config)
    }

    /// Reads the two files that these keys name, if they do. They are read again when they have changed.
    pub(super) fn read(
        values: &mut Values,
        certificate_key: &'static str,
        key_key: &'static str,
    ) -> Result<Option<Self>, ConfigError> {
        let certificate = values.read_optional(certificate_key, path)?;
        let key = values.read_optional(key_key, path)?;
        let needs = |key: &str| format!("needs {key}");
        let (certificate, key) = match (certificate, key) {
            (Some(certificate), Some(key)) => (certificate, key),
            (None, None) => return Ok(None),
            (Some(_), None) => return Err(values.refuse(certificate_key, &needs(key_key))),
            (None, Some(_)) => return Err(values.refuse(key_key, &needs(certificate_key))),
        };
        let refuse = |problem| match problem {
            Problem::Certificate(words) => values.refuse(certificate_key, &words),
            Problem::Key(words) => values.refuse(key_key, &words),
            Problem::Unfit(error) => values.refuse(certificate_key, &unfit(&error, key_key)),
        };
        let files = Files::open(certificate, key).map_err(refuse)?;
        let own = files.certified().cert.first().cloned();
        Self::of(own, Arc::new(files))
            .map(Some)
            .map_err(|error| refuse(Problem::Unfit(error)))
    }
}

/// A chain and its key, ready for use. Fails when they do not fit.
fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<CertifiedKey, Error> {
    CertifiedKey::from_der(chain, key, &ring::default_provider())
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(…)")
    }
}

fn unfit(error: &Error, key: &str) -> String {
    match error {
        Error::InconsistentKeys(_) => format!("is not for the key of {key}"),
        _ => format!("cannot be used: {error}"),
    }
}

fn path(value: &Value) -> Result<PathBuf, Expected> {
    kinds::text(value).map(PathBuf::from)
}
