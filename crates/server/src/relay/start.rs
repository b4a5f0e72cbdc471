//! Starts the relay as configured, and writes into the configuration what clients are told of it.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::thread::available_parallelism;

use holdspace_domain::{Timestamp, UserId};
use holdspace_turn as turn;

use super::Access;
use super::addresses::{Addresses, machine_addresses};
use crate::config::{Config, Secret, Turn};

/// One shard a core; more than this many never pay.
const SHARDS_MAX: usize = 16;

/// A running relay. Dropping it stops it.
#[derive(Debug)]
pub struct Relay {
    running: turn::Relay,
    access: Arc<Access>,
}

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Its port is taken, or an address is not this machine's.
    #[error("the TURN relay {0}; set {key}, or turn.enabled = false", key = key_of(.0))]
    Listen(#[source] turn::ListenError),
    #[error("the TURN relay does not start: {0}")]
    Start(#[from] turn::StartError),
    #[error("turn.secret is missing")]
    NoSecret,
    #[error("the addresses of this machine, which the TURN relay closes, cannot be looked up: {0}")]
    Addresses(#[source] io::Error),
}

impl Relay {
    /// Starts it, if it is enabled; `config.ice` then names it. `ended`: whose visits were over before, and when.
    pub fn start(
        config: &mut Config,
        ended: &HashMap<UserId, Timestamp>,
    ) -> Result<Option<Self>, RelayError> {
        if !config.turn.enabled {
            return Ok(None);
        }
        let secret = config.turn.secret.clone().ok_or(RelayError::NoSecret)?;
        let previous = config.turn.previous_secret.as_ref();
        let access = Arc::new(Access::new(&secret, previous, config.ice.credential_ttl));
        for (user, at) in ended {
            access.end(*user, *at);
        }
        let addresses = Addresses::choose(&config.turn);
        let section = relay_config(config, &addresses).map_err(RelayError::Addresses)?;
        let running = open(&section, &config.turn, &access)?;
        tracing::info!(
            address = %addresses.public,
            listening = ?running.addresses().udp,
            path = running.features(),
            "the TURN relay runs"
        );
        if addresses.is_private() {
            tracing::warn!(
                address = %addresses.public,
                "the relay's address is a private one: people in other networks cannot be relayed. Set turn.public_address"
            );
        }
        announce(config, secret, running.addresses(), addresses.public);
        Ok(Some(Self { running, access }))
    }

    /// Who may use it.
    pub fn access(&self) -> Arc<Access> {
        Arc::clone(&self.access)
    }

    /// What it has counted since the start.
    pub fn counters(&self) -> turn::Counters {
        self.running.counters()
    }

    /// How many of its shards run, and how many were started.
    pub fn shards(&self) -> (usize, usize) {
        self.running.shards()
    }

    /// Looks again which addresses this machine has, of which none is a peer's.
    pub fn look_at_addresses(&self) {
        match machine_addresses() {
            Ok(addresses) => self.running.set_inside(&addresses),
            Err(error) => tracing::warn!(%error, "the machine's addresses could not be looked up"),
        }
    }

    /// Lets nobody new in; those who are there stay.
    pub fn drain(&self) {
        self.running.drain();
    }
}

/// Opens it, at free ports when the configured ones are taken and it may move.
fn open(
    config: &turn::Config,
    section: &Turn,
    access: &Arc<Access>,
) -> Result<turn::Relay, RelayError> {
    match turn::Relay::start(config, access.clone()) {
        Err(turn::StartError::Listen(_)) if section.may_move => {
            let mut moved = config.clone();
            for address in moved
                .udp
                .iter_mut()
                .chain(&mut moved.tcp)
                .chain(&mut moved.tls)
            {
                address.set_port(0);
            }
            Ok(turn::Relay::start(&moved, access.clone())?)
        }
        Err(turn::StartError::Listen(error)) => Err(RelayError::Listen(error)),
        started => Ok(started?),
    }
}

fn relay_config(config: &Config, addresses: &Addresses) -> io::Result<turn::Config> {
    let Turn {
        port,
        tls_port,
        relay_ports: (first, last),
        ..
    } = config.turn;
    let bytes_per_second = u64::from(config.turn.kilobits_per_second_per_user_max) * 125;
    let at = |port| {
        addresses
            .listen
            .iter()
            .map(move |ip| SocketAddr::new(*ip, port))
    };
    let tls = config.turn.tls.as_ref().or(config.http.tls.as_ref());
    Ok(turn::Config {
        rules: turn::Rules {
            relay_ipv4: addresses.relay_ipv4,
            relay_ipv6: addresses.relay_ipv6,
            ports: first..=last,
            realm: "holdspace".to_owned(),
            allocations_max: config.turn.allocations_max,
            allocations_per_user_max: config.turn.allocations_per_user_max,
            bytes_per_second_per_user_max: (bytes_per_second > 0).then_some(bytes_per_second),
            policy: turn::Policy {
                allow: config.turn.allow_peers.clone(),
                deny: config.turn.deny_peers.clone(),
            },
            inside: machine_addresses()?,
            alternates: config.turn.alternate_servers.clone(),
            ..turn::Rules::default()
        },
        udp: at(port).collect(),
        tcp: at(port).collect(),
        tls: if tls.is_some() {
            at(tls_port).collect()
        } else {
            Vec::new()
        },
        tls_config: tls.map(crate::config::Tls::relay_config),
        shards: available_parallelism().map_or(1, |cores| cores.get().min(SHARDS_MAX)),
        ..turn::Config::default()
    })
}

/// Has clients told of the relay, and of no other.
fn announce(config: &mut Config, secret: Secret, at: &turn::Addresses, public: IpAddr) {
    let host = match (&config.turn.public_host, public) {
        (Some(name), _) => name.clone(),
        (None, IpAddr::V4(ip)) => ip.to_string(),
        (None, IpAddr::V6(ip)) => format!("[{ip}]"),
    };
    // Browsers compare the certificate with the name, and Firefox takes no address there at all.
    let tls_name = tls_name(config);
    if tls_name.is_none() && !at.tls.is_empty() {
        tracing::info!("TURN over TLS is told to nobody without a name; set turn.public_host");
    }
    let url = |scheme: &str, host: &str, bound: &[SocketAddr], transport: &str| {
        let port = bound.first()?.port();
        Some(format!("{scheme}:{host}:{port}{transport}"))
    };
    let ice = &mut config.ice;
    ice.stun_urls.splice(0..0, url("stun", &host, &at.udp, ""));
    ice.turn_urls = [
        url("turn", &host, &at.udp, "?transport=udp"),
        url("turn", &host, &at.tcp, "?transport=tcp"),
        tls_name.and_then(|name| url("turns", &name, &at.tls, "?transport=tcp")),
    ]
    .into_iter()
    .flatten()
    .collect();
    ice.turn_secret = Some(secret);
}

/// The name that the relay's certificate is for: as configured, else that of the page where both show the same one.
fn tls_name(config: &Config) -> Option<String> {
    let is_the_pages = config.turn.tls.is_none() && config.http.tls.is_some();
    let page = config.page.public_url.as_ref().filter(|_| is_the_pages);
    let page = page.map(|address| address.origin.host().to_owned());
    let is_name = |host: &String| !host.starts_with('[') && host.parse::<IpAddr>().is_err();
    config.turn.public_host.clone().or(page.filter(is_name))
}

fn key_of(error: &turn::ListenError) -> &'static str {
    match (error.source.kind(), error.transport) {
        (io::ErrorKind::AddrNotAvailable, _) => "turn.listen",
        (_, turn::Transport::Tls) => "turn.tls_port",
        _ => "turn.port",
    }
}
