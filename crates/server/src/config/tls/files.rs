//! A certificate and its key in files, which are read again when they have changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::Error;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use super::certified;

/// Why files cannot be used, in words that follow their name.
#[derive(Debug)]
pub(super) enum Problem {
    Certificate(String),
    Key(String),
    /// The key is not the certificate's.
    Unfit(Error),
}

/// The two files, and what was in them when they could last be used.
#[derive(Debug)]
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    latest: Mutex<Latest>,
}

#[derive(Debug)]
struct Latest {
    /// Of the files that were read last, whether or not they could be used.
    stamps: [Stamp; 2],
    certified: Arc<CertifiedKey>,
}

/// Tells one state of a file from another: when it was changed, how long it is.
type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

impl Files {
    pub(super) fn open(certificate: PathBuf, key: PathBuf) -> Result<Self, Problem> {
        // Before they are read: a change in between is noticed later.
        let stamps = [stamp(&certificate), stamp(&key)];
        let certified = Arc::new(read(&certificate, &key)?);
        Ok(Self {
            certificate,
            key,
            latest: Mutex::new(Latest { stamps, certified }),
        })
    }

    /// What the files hold, or held when they could last be used. One that is replaced before the other is no mistake:
    /// they are read again once the other has changed too.
    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        let mut latest = self.latest.lock();
        let stamps = [stamp(&self.certificate), stamp(&self.key)];
        if stamps != latest.stamps {
            latest.stamps = stamps;
            match read(&self.certificate, &self.key) {
                Ok(certified) => {
                    latest.certified = Arc::new(certified);
                    tracing::info!(file = %self.certificate.display(), "the new certificate is in use");
                }
                Err(problem) => tracing::warn!(
                    file = %self.certificate.display(), ?problem,
                    "the certificate has changed and cannot be used with its key; the old one stays"
                ),
            }
        }
        Arc::clone(&latest.certified)
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certified())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, Problem> {
    let chain = read_chain(certificate).map_err(Problem::Certificate)?;
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| Problem::Key(problem(error, "private key")))?;
    certified(chain, key).map_err(Problem::Unfit)
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match chain {
        Ok(chain) if chain.is_empty() => Err("holds no certificate in PEM".to_owned()),
        Ok(chain) => Ok(chain),
        Err(error) => Err(problem(error, "certificate")),
    }
}

fn problem(error: pem::Error, what: &str) -> String {
    match error {
        pem::Error::Io(error) if error.kind() != io::ErrorKind::InvalidData => {
            format!("cannot be read: {error}")
        }
        _ => format!("holds no {what} in PEM"),
    }
}
