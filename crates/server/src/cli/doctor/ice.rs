//! The servers that browsers are told of, each tried as a browser uses it.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::certificate::Validity;
use super::connection::{self, Connection, Shown};
use super::finding::Finding;
use super::round_trip::{Passed, explain, round_trip};
use super::site::split_port;
use super::trust::Roots;
use super::turn_client::{Login, TurnClient, TurnError, Wire};

/// More than anybody configures.
const SERVERS_MAX: usize = 16;

/// One entry of `iceServers`.
pub(super) struct IceServer {
    pub(super) url: String,
    pub(super) login: Option<Login>,
}

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Udp,
    Tcp,
    Tls,
}

/// A URL of RFC 7064 or RFC 7065.
#[derive(Debug, PartialEq, Eq)]
struct IceUrl<'a> {
    relays: bool,
    host: &'a str,
    port: u16,
    transport: Transport,
}

impl<'a> IceUrl<'a> {
    fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once(':')?;
        let (authority, query) = match rest.split_once('?') {
            Some((authority, query)) => (authority, Some(query)),
            None => (rest, None),
        };
        let (relays, is_secure) = match scheme {
            "stun" => (false, false),
            "stuns" => (false, true),
            "turn" => (true, false),
            "turns" => (true, true),
            _ => return None,
        };
        let transport = match (is_secure, query) {
            (false, None | Some("transport=udp")) => Transport::Udp,
            (false, Some("transport=tcp")) => Transport::Tcp,
            (true, None | Some("transport=tcp")) => Transport::Tls,
            _ => return None,
        };
        let (host, port) = split_port(authority);
        let port = port.unwrap_or(if is_secure { 5349 } else { 3478 });
        (!host.is_empty()).then_some(Self {
            relays,
            host,
            port,
            transport,
        })
    }

    fn check(&self) -> &'static str {
        match (self.relays, self.transport) {
            (false, _) => "stun",
            (true, Transport::Udp) => "turn udp",
            (true, Transport::Tcp) => "turn tcp",
            (true, Transport::Tls) => "turn tls",
        }
    }
}

/// Tries every one. With `detour`, the relay is this machine's although its address may not be: it is behind a NAT
/// that may not let us back in, and is reached there instead.
pub(super) fn examine(
    servers: &[IceServer],
    detour: Option<IpAddr>,
    roots: &Roots,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = public_address(servers, detour).into_iter().collect();
    for server in servers.iter().take(SERVERS_MAX) {
        let detour = detour.filter(|_| is_at_the_relay(server, servers));
        findings.extend(examine_one(server, detour, roots));
    }
    let urls = || {
        servers
            .iter()
            .filter_map(|server| IceUrl::parse(&server.url))
    };
    if urls().any(|url| url.relays) && !urls().any(|url| url.check() == "turn tls") {
        findings.push(
            Finding::skipped(
                "turn tls",
                "no relay over TLS is offered, for networks that let nothing else through",
            )
            .advising("Our own offers it with a certificate (turn.tls_cert_file, or that of http) and its name (turn.public_host)"),
        );
    }
    if !urls().any(|url| url.relays) {
        findings.push(Finding::warning(
            "turn",
            "no relay is offered: about one call in six finds no way",
            "Set turn.enabled = true, or name another TURN server in ice.turn_urls",
        ));
    }
    findings
}

/// STUN servers of others may stand beside ours.
fn is_at_the_relay(server: &IceServer, servers: &[IceServer]) -> bool {
    let urls = servers
        .iter()
        .filter_map(|server| IceUrl::parse(&server.url));
    let relay = urls.into_iter().find(|url| url.relays);
    let own = IceUrl::parse(&server.url);
    relay
        .zip(own)
        .is_some_and(|(relay, own)| relay.host == own.host)
}

fn examine_one(server: &IceServer, detour: Option<IpAddr>, roots: &Roots) -> Vec<Finding> {
    let IceServer { url: text, login } = server;
    let Some(url) = IceUrl::parse(text) else {
        let words = format!("{text} is not a URL that browsers take");
        return vec![Finding::failed(
            "turn",
            words,
            "Correct it: turn:host:3478?transport=udp",
        )];
    };
    let addresses = match find(&url, detour) {
        Ok(addresses) => addresses,
        Err(error) => {
            let words = format!("{} of {text} leads nowhere: {error}", url.host);
            return vec![Finding::failed(
                url.check(),
                words,
                "Correct the name or its records in DNS",
            )];
        }
    };
    let (finding, shown) = match (url.relays, login) {
        (false, _) => try_stun(&url, text, &addresses, roots),
        (true, Some(login)) => try_turn(&url, text, &addresses, login, roots),
        (true, None) => {
            let words = format!("{text} came without a credential");
            (
                Finding::failed(url.check(), words, "Set ice.turn_secret"),
                None,
            )
        }
    };
    let certificate = shown.map(|shown| certificate(&url, &shown));
    std::iter::once(finding)
        .chain(certificate.flatten())
        .collect()
}

fn find(url: &IceUrl<'_>, detour: Option<IpAddr>) -> io::Result<Vec<SocketAddr>> {
    let found = connection::resolve(url.host, url.port)?;
    Ok(match detour {
        Some(ip) if !found.iter().any(|at| is_own(at.ip())) => vec![SocketAddr::new(ip, url.port)],
        _ => found,
    })
}

/// Only an address of this machine can be bound.
fn is_own(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

fn try_stun(
    url: &IceUrl<'_>,
    text: &str,
    addresses: &[SocketAddr],
    roots: &Roots,
) -> (Finding, Option<Shown>) {
    let asked = open(url, addresses, roots)
        .and_then(|(mut wire, shown)| Ok((wire.mapped_address()?, shown)));
    match asked {
        Ok((mapped, shown)) => {
            let words = format!("{text} answers; it sees this machine as {}", mapped.ip());
            (Finding::ok(url.check(), words), shown)
        }
        Err(error) => {
            let (words, advice) = explain(&error);
            // Addresses are told by the relay too; without this one there are fewer ways.
            let words = format!("{text}: {words}");
            (Finding::warning(url.check(), words, advice), None)
        }
    }
}

fn try_turn(
    url: &IceUrl<'_>,
    text: &str,
    addresses: &[SocketAddr],
    login: &Login,
    roots: &Roots,
) -> (Finding, Option<Shown>) {
    let mut shown = None;
    let passed = round_trip(|| {
        let (wire, certificate) = open(url, addresses, roots)?;
        shown = certificate;
        Ok(TurnClient::new(wire, login.clone()))
    });
    let finding = match passed {
        Ok(Passed {
            round_trip,
            relayed,
        }) => {
            let took = round_trip.as_micros() / 100;
            let (millis, tenths) = (took / 10, took % 10);
            let words = format!(
                "{text} relays data both ways, at {}, in {millis}.{tenths} ms there and back",
                relayed.ip()
            );
            Finding::ok(url.check(), words)
        }
        Err(error) => {
            let (words, advice) = explain(&error);
            Finding::failed(url.check(), format!("{text}: {words}"), advice)
        }
    };
    (finding, shown)
}

fn open(
    url: &IceUrl<'_>,
    addresses: &[SocketAddr],
    roots: &Roots,
) -> Result<(Wire, Option<Shown>), TurnError> {
    Ok(match url.transport {
        Transport::Udp => (Wire::udp(addresses)?, None),
        Transport::Tcp => (Wire::stream(Connection::open(addresses)?), None),
        Transport::Tls => {
            let (connection, shown) = Connection::open_tls(addresses, url.host, roots, None)?;
            (Wire::stream(connection), Some(shown))
        }
    })
}

/// What there is to say of the certificate of TURN over TLS: browsers compare it, and say nothing.
fn certificate(url: &IceUrl<'_>, shown: &Shown) -> Option<Finding> {
    if let Some(problem) = &shown.problem {
        let words = format!(
            "browsers do not trust the certificate of the relay for {}: {problem}",
            url.host
        );
        return Some(Finding::failed(
            "turn tls",
            words,
            "Set turn.public_host to the name that the certificate is for, and see that it is one that browsers trust",
        ));
    }
    let validity = Validity::of(&shown.certificate)?;
    Some(validity.judge("the certificate of the relay", jiff::Timestamp::now()))
}

/// Whether people elsewhere reach the address that they are told.
fn public_address(servers: &[IceServer], detour: Option<IpAddr>) -> Option<Finding> {
    let url = servers
        .iter()
        .filter_map(|server| IceUrl::parse(&server.url))
        .find(|url| url.relays)?;
    // A name that leads nowhere is told of where it is used.
    let ip = connection::resolve(url.host, url.port).ok()?.first()?.ip();
    let told = if url.host.parse() == Ok(ip) {
        ip.to_string()
    } else {
        format!("{} ({ip})", url.host)
    };
    let check = "relay address";
    if !holdspace_turn::Policy::default().is_open(ip) {
        let words = if ip.is_loopback() {
            format!(
                "people are told {told}, which is every machine's own: nobody elsewhere is relayed"
            )
        } else {
            format!(
                "people are told {told}, a private address: nobody in other networks is relayed"
            )
        };
        return Some(Finding::warning(
            check,
            words,
            "Set turn.public_address, or the host in ice.turn_urls, to the address under which the internet reaches it",
        ));
    }
    if detour.is_some() && !is_own(ip) {
        let words = format!(
            "people are told {told}, which is not this machine's own: a NAT must pass it on"
        );
        return Some(Finding::ok(check, words).advising(
            "Only another machine can tell whether it does: holdspace doctor --url https://... --token ...",
        ));
    }
    Some(Finding::ok(
        check,
        format!("people are told {told}, a public address"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_others_are_not_looked_for_here() {
        let urls = [
            "stun:8.8.8.8:3478",
            "stun:stun.example:19302",
            "turn:8.8.8.8:3478?transport=udp",
        ];
        let servers = urls.map(|url| IceServer {
            url: url.to_owned(),
            login: None,
        });
        let found = servers
            .each_ref()
            .map(|server| is_at_the_relay(server, &servers));
        assert_eq!(found, [true, false, true]);
    }

    #[test]
    fn urls_are_taken_apart() {
        for (text, expected) in [
            ("stun:a.example", Some(("stun", "a.example", 3478))),
            ("stun:[2001:db8::1]:99", Some(("stun", "2001:db8::1", 99))),
            ("stuns:a.example", Some(("stun", "a.example", 5349))),
            (
                "turn:192.0.2.1:99?transport=udp",
                Some(("turn udp", "192.0.2.1", 99)),
            ),
            ("turn:a.example", Some(("turn udp", "a.example", 3478))),
            (
                "turn:a.example?transport=tcp",
                Some(("turn tcp", "a.example", 3478)),
            ),
            (
                "turns:a.example?transport=tcp",
                Some(("turn tls", "a.example", 5349)),
            ),
            ("turns:[::1]", Some(("turn tls", "::1", 5349))),
            ("turns:a.example?transport=udp", None),
            ("turn:?transport=udp", None),
            ("http://a.example", None),
            ("turn", None),
        ] {
            let url = IceUrl::parse(text);
            let parts = url.map(|url| (url.check(), url.host, url.port));
            assert_eq!(parts, expected, "{text}");
        }
    }
}
