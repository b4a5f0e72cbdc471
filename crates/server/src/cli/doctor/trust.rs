//! Whom TLS trusts here: the authorities that this system knows. A certificate of nobody known is noted, and the
//! connection goes on, so that one finding does not hide all others.

use std::sync::Arc;

use parking_lot::Mutex;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// The authorities of this system, or those of `SSL_CERT_FILE`. `None`: it knows none.
#[derive(Clone, Debug)]
pub(super) struct Roots(Option<Arc<WebPkiServerVerifier>>);

/// What a handshake leaves of a certificate that is not trusted.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem(Arc<Mutex<Option<String>>>);

impl Problem {
    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().take()
    }
}

impl Roots {
    /// Reads them.
    pub(super) fn load() -> Self {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        // Without a root there is nothing to build.
        Self(verifier.build().ok())
    }

    /// What a client connects with, once, and where it notes what is wrong with the certificate.
    pub(super) fn client(&self, protocol: Option<&[u8]>) -> Result<(ClientConfig, Problem), Error> {
        let provider = Arc::new(ring::default_provider());
        let problem = Problem::default();
        let noting = Noting {
            verifier: self.0.clone(),
            problem: problem.clone(),
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(noting))
            .with_no_client_auth();
        config.alpn_protocols = protocol.map(<[u8]>::to_vec).into_iter().collect();
        Ok((config, problem))
    }
}

/// Judges as usual, but only notes a refusal. That the server holds the certificate's key is always asked for.
#[derive(Debug)]
struct Noting {
    verifier: Option<Arc<WebPkiServerVerifier>>,
    problem: Problem,
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let problem = match &self.verifier {
            None => Some("this system knows no certificate authorities".to_owned()),
            Some(verifier) => verifier
                .verify_server_cert(certificate, chain, name, ocsp, now)
                .err()
                .map(|error| in_words(&error)),
        };
        *self.problem.0.lock() = problem;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        tokio_rustls::rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            &algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        tokio_rustls::rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

fn in_words(error: &Error) -> String {
    let Error::InvalidCertificate(problem) = error else {
        return error.to_string();
    };
    match problem {
        CertificateError::UnknownIssuer => {
            "nobody whom this system trusts has issued it, or the certificates between are missing"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not good yet"
        }
        CertificateError::Revoked => "it was revoked",
        _ => return format!("it cannot be checked: {problem:?}"),
    }
    .to_owned()
}
