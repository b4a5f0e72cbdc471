//! A running relay on loopback, where peers are allowed that a relay refuses elsewhere.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use holdspace_turn::{Config, Path, Policy, Relay, RelayAddress, Rules};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};

use crate::lab::People;

pub(crate) const PATHS: [Path; 2] = [Path::Fastest, Path::Portable];

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Live {
    pub(crate) relay: Relay,
    pub(crate) people: Arc<People>,
    pub(crate) roots: RootCertStore,
}

impl Live {
    pub(crate) fn start(path: Path) -> Self {
        Self::with(|config| config.path = path)
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (mut config, roots) = config();
        change(&mut config);
        let people = Arc::new(People::default());
        let relay = Relay::start(&config, people.clone()).unwrap();
        Self {
            relay,
            people,
            roots,
        }
    }
}

/// Listens by every transport and family, and who trusts its certificate.
pub(crate) fn config() -> (Config, RootCertStore) {
    let (tls_config, roots) = certificate();
    let any_port: Vec<SocketAddr> = [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::from(Ipv6Addr::LOCALHOST),
    ]
    .map(|ip| SocketAddr::new(ip, 0))
    .into();
    let config = Config {
        rules: Rules {
            relay_ipv4: Some(RelayAddress::from(IpAddr::from(Ipv4Addr::LOCALHOST))),
            relay_ipv6: Some(RelayAddress::from(IpAddr::from(Ipv6Addr::LOCALHOST))),
            policy: Policy {
                allow: vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
                deny: vec![],
            },
            // Everybody here has the same address.
            challenges_per_second_max: 60_000,
            ..Rules::default()
        },
        udp: any_port.clone(),
        tcp: any_port.clone(),
        tls: any_port,
        tls_config: Some(Arc::new(tls_config)),
        ..Config::default()
    };
    (config, roots)
}

fn certificate() -> (ServerConfig, RootCertStore) {
    let certified =
        rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])
            .unwrap();
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    (config, roots)
}

/// Somebody to talk to.
pub(crate) fn peer(ip: IpAddr) -> UdpSocket {
    let socket = UdpSocket::bind((ip, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

pub(crate) fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65_536];
    let (bytes, from) = socket.recv_from(&mut buffer).expect("a datagram");
    buffer.truncate(bytes);
    (buffer, from)
}
