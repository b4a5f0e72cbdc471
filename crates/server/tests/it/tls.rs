//! HTTPS: with a certificate of the operator's, and with the one that a shared demo makes for itself.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};
use rqrr::{Grid, SimpleGrid};
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tempfile::tempdir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::practice::CLIENT;
use crate::process::{self, Server, body};
use crate::socket_client::SocketClient;

/// A certificate and its key for 127.0.0.1, as files that the settings name.
fn certificate(folder: &Path) -> CertificateDer<'static> {
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    write_pem(&folder.join("cert.pem"), "CERTIFICATE", certificate.der());
    write_pem(&folder.join("key.pem"), "PRIVATE KEY", &key.serialize_der());
    certificate.der().clone()
}

fn write_pem(path: &Path, label: &str, der: &[u8]) {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let pem = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
    fs::write(path, pem).unwrap();
}

const FILES: [(&str, &str); 2] = [
    ("HOLDSPACE_HTTP__TLS_CERT_FILE", "cert.pem"),
    ("HOLDSPACE_HTTP__TLS_KEY_FILE", "key.pem"),
];

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A client that trusts this certificate and no other.
fn trusting(certificate: CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A client that goes by the fingerprint, as a person does who compares it.
fn comparing(fingerprint: &str) -> ClientConfig {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Comparing(fingerprint.to_owned())))
        .with_no_client_auth()
}

#[derive(Debug)]
struct Comparing(String);

impl ServerCertVerifier for Comparing {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls_pki_types::UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let digest = ::ring::digest::digest(&::ring::digest::SHA256, end_entity);
        let pairs: Vec<String> = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        if pairs.join(":") == self.0 {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &provider().signature_verification_algorithms;
        tokio_rustls::rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &provider().signature_verification_algorithms;
        tokio_rustls::rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

async fn connect(config: &ClientConfig, address: SocketAddr) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::IpAddress(address.ip().into());
    let connector = TlsConnector::from(Arc::new(config.clone()));
    connector.connect(name, tcp).await.unwrap()
}

async fn get(config: &ClientConfig, address: SocketAddr, path: &str, token: &str) -> String {
    let mut stream = connect(config, address).await;
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nx-auth-token: {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_certificate_makes_it_https_alone() {
    let folder = tempdir().unwrap();
    let config = trusting(certificate(folder.path()));
    let server = Server::start(folder.path(), "serve", &FILES);
    let answer = get(&config, server.address, "/healthz", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let mut plain = server.connect();
    plain
        .write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n")
        .unwrap();
    let mut said = Vec::new();
    // An alert, or nothing at all.
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP/"), "{said:?}");

    let stream = connect(&config, server.address).await;
    let auth = json!({"token": "none"});
    let refusal = SocketClient::over(Box::new(stream), &origin(server.address), auth).await;
    assert_eq!(refusal.err().unwrap()["message"], "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn a_new_certificate_is_used_without_a_restart() {
    let folder = tempdir().unwrap();
    let old = certificate(folder.path());
    let server = Server::start(folder.path(), "serve", &FILES);
    get(&trusting(old.clone()), server.address, "/healthz", "").await;

    let fresh = tempdir().unwrap();
    let new = trusting(certificate(fresh.path()));
    let replace = |name| fs::copy(fresh.path().join(name), folder.path().join(name)).unwrap();
    // Between the two the files do not fit each other.
    replace("cert.pem");
    let answer = get(&trusting(old), server.address, "/healthz", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    replace("key.pem");
    let answer = get(&new, server.address, "/healthz", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn turn_over_tls_is_told_by_the_name_of_the_page_or_by_its_own() {
    let page = (
        "HOLDSPACE_PAGE__PUBLIC_URL",
        "https://visits.example:8443/v",
    );
    let page_at = ("HOLDSPACE_PAGE__PUBLIC_URL", "https://[2001:db8::7]");
    let own = ("HOLDSPACE_TURN__PUBLIC_HOST", "relay.example");
    for (settings, expected) in [
        (vec![page], Some("turns:visits.example:")),
        (vec![page, own], Some("turns:relay.example:")),
        (vec![page_at], None),
        (vec![], None),
    ] {
        let folder = tempdir().unwrap();
        let config = trusting(certificate(folder.path()));
        let user = [
            "token", "--user", CLIENT, "--role", "client", "--name", "John Doe",
        ];
        let token = process::printed(folder.path(), &user);
        let server = Server::start(folder.path(), "serve", &[&FILES[..], &settings].concat());
        let answer = get(
            &config,
            server.address,
            "/api/v1/video-calls/config",
            &token,
        )
        .await;
        let told: Value = serde_json::from_str(body(&answer)).unwrap();
        let servers = told["data"]["iceServers"].as_array().unwrap();
        let urls = servers
            .iter()
            .map(|server| server["urls"].as_str().unwrap());
        let tls: Vec<&str> = urls.filter(|url| url.starts_with("turns:")).collect();
        let is_told = expected.is_some_and(|start| tls[0].starts_with(start));
        assert_eq!(
            (tls.len(), is_told),
            (usize::from(expected.is_some()), expected.is_some()),
            "{tls:?}"
        );
    }
}

fn origin(address: SocketAddr) -> String {
    // The stream has its TLS already.
    format!("ws://{address}")
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let folder = tempdir().unwrap();
    certificate(folder.path());
    let key = KeyPair::generate().unwrap();
    write_pem(
        &folder.path().join("key.pem"),
        "PRIVATE KEY",
        &key.serialize_der(),
    );
    let said = process::refusal(folder.path(), &["serve"], &FILES);
    insta::assert_snapshot!(said, @r#"2 holdspace: http.tls_cert_file = "cert.pem" (HOLDSPACE_HTTP__TLS_CERT_FILE): is not for the key of http.tls_key_file"#);
}

#[test]
fn a_handshake_that_does_not_come_is_not_waited_for() {
    let folder = tempdir().unwrap();
    certificate(folder.path());
    let server = Server::start(folder.path(), "serve", &FILES);
    let mut silent = server.connect();
    assert_eq!(silent.read(&mut [0; 16]).unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_demo_is_joined_over_tls_from_its_codes() {
    let folder = tempdir().unwrap();
    let arguments = ["demo", "--share=127.0.0.1"];
    let server = Server::start_as(process::command(folder.path(), &arguments, &[]));
    let links = [0, 1].map(|_| {
        let link = server.line_with("/call/#").trim().to_owned();
        assert_eq!(code(&server), link);
        link
    });
    server.line_with("SHA-256 fingerprint");
    let fingerprint = server.line_with(":").trim().to_owned();
    let config = comparing(&fingerprint);

    for link in &links {
        let (start, rest) = link.split_once("/call/#session=").unwrap();
        assert_eq!(start, format!("https://{}", server.address));
        let (session, token) = rest.split_once("&token=").unwrap();
        let path = format!("/api/v1/video-calls/can-join/{session}");
        let answer = get(&config, server.address, &path, token).await;
        assert!(body(&answer).contains(r#""canJoin":true"#), "{answer}");
        let stream = connect(&config, server.address).await;
        let auth = json!({"token": token});
        let mut socket = SocketClient::over(Box::new(stream), &origin(server.address), auth)
            .await
            .unwrap();
        let answer = socket
            .ask("join-room", &json!({"roomId": "room-none"}))
            .await;
        assert_eq!(answer["error"]["code"], "ROOM_NOT_FOUND");
    }
}

/// Reads the code that is drawn next: light modules are letters, dark ones are gaps.
fn code(server: &Server) -> String {
    let mut rows: Vec<Vec<bool>> = Vec::new();
    let mut line = server.line_with("█");
    loop {
        let letters = line.chars();
        rows.push(
            letters
                .clone()
                .map(|letter| matches!(letter, '█' | '▀'))
                .collect(),
        );
        rows.push(letters.map(|letter| matches!(letter, '█' | '▄')).collect());
        line = server.line();
        if line.is_empty() {
            break;
        }
    }
    let quiet = 4;
    let size = rows[0].len() - 2 * quiet;
    let grid = SimpleGrid::from_func(size, |x, y| !rows[y + quiet][x + quiet]);
    let (_, text) = Grid::new(grid).decode().unwrap();
    text
}
