//! Beside the server: what is configured, what the machine gives, and whether the relay works.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use holdspace_domain::{Role, TurnCredential, UserId};
use holdspace_store::{Migrated, Options, Sqlite};
use jiff::Timestamp;
use tokio::runtime::Builder;

use super::certificate::Validity;
use super::connection::{in_words, resolve};
use super::finding::Finding;
use super::ice::{self, IceServer};
use super::serving;
use super::site::Site;
use super::sockets;
use super::trust::Roots;
use super::turn_client::Login;
use crate::auth;
use crate::cli::{Failure, check};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Http, Secret};
use crate::relay::Relay;
use crate::startup::load_or_make_secret;

/// How long the trial's own token is good for.
const TOKEN_TTL: Duration = Duration::from_mins(5);
/// Before this there was no such program: a clock that shows less is wrong.
const CLOCK_MIN: &str = "2026-01-01T00:00:00Z";
/// systemd-timesyncd makes it when it has set the clock.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

/// Everything that can be told from here; `given` is the number of configured values.
pub(super) fn examine(
    mut config: Config,
    given: usize,
    token: Option<&str>,
) -> Result<Vec<Finding>, Failure> {
    check::keys(&config.auth)?;
    let words = format!(
        "{given} values are set, the others have their defaults; the keys of tokens are good"
    );
    let mut findings = vec![Finding::ok("configuration", words)];
    if let Some(url) = &config.auth.jwks_url {
        findings.push(published_keys(url)?);
    }
    findings.push(store(&config.store.path)?);
    findings.extend(certificates(&config));
    findings.push(clock(Path::new(SYNCHRONIZED), Timestamp::now()));
    let roots = Roots::load();
    match find_server(&config.http, &roots) {
        Ok(site) => {
            let words = format!("the server runs at {}", at(&config.http));
            findings.push(Finding::ok("server", words));
            findings.extend(running(&site, config, token));
        }
        Err(finding) => {
            findings.push(*finding);
            findings.extend(stopped(&mut config, &roots));
        }
    }
    Ok(findings)
}

fn published_keys(url: &str) -> Result<Finding, Failure> {
    let check = "keys";
    let advice = "Until auth.jwks_url publishes them, nobody is let in";
    let runtime = Builder::new_current_thread().enable_all().build()?;
    Ok(match runtime.block_on(auth::count_published_keys(url)) {
        Ok(0) => Finding::failed(check, "no keys of tokens are published", advice),
        Ok(number) => Finding::ok(check, format!("keys of tokens are published: {number}")),
        Err(error) => Finding::failed(check, error.to_string(), advice),
    })
}

/// Makes nothing and changes nothing.
fn store(path: &Path) -> Result<Finding, Failure> {
    let check = "store";
    let shown = path.display();
    if !path.exists() {
        let words = format!("{shown} is not there yet; `holdspace serve` makes it");
        return Ok(Finding::skipped(check, words));
    }
    let url = format!("sqlite:{shown}");
    let runtime = Builder::new_current_thread().enable_all().build()?;
    Ok(
        match runtime.block_on(Sqlite::inspect(&url, Options::default())) {
            Ok(Migrated { from, to }) if from == to => Finding::ok(
                check,
                format!("{shown} can be read and written (schema {to})"),
            ),
            Ok(Migrated { from, to }) => {
                let words =
                    format!("{shown} has schema {from}; `holdspace serve` brings it to {to}");
                Finding::ok(check, words)
            }
            Err(error) => Finding::failed(
                check,
                error.to_string(),
                "Correct store.url, or who may write the file and its directory",
            ),
        },
    )
}

fn certificates(config: &Config) -> Vec<Finding> {
    let sections = [("http", &config.http.tls), ("turn", &config.turn.tls)];
    let now = Timestamp::now();
    let judged = sections.into_iter().filter_map(|(section, tls)| {
        let validity = Validity::of(tls.as_ref()?.certificate()?)?;
        Some(validity.judge(&format!("{section}.tls_cert_file"), now))
    });
    judged.collect()
}

/// Whether the clock is known to be right, or known to be wrong. Most often it is neither.
fn clock(synchronized: &Path, now: Timestamp) -> Finding {
    let check = "clock";
    let is_possible = CLOCK_MIN.parse().is_ok_and(|min: Timestamp| now >= min);
    if !is_possible {
        let words = format!("the clock shows {}", now.strftime("%Y-%m-%d"));
        return Finding::failed(check, words, "Set it, and have NTP keep it right");
    }
    if synchronized.exists() {
        return Finding::ok(check, "the clock was set by NTP");
    }
    Finding::skipped(
        check,
        "this machine does not tell whether its clock is right",
    )
    .advising("From another machine, --url compares")
}

fn at(http: &Http) -> String {
    format!("{}:{}", http.host, http.port)
}

/// The server at its configured address, or why it is not there.
fn find_server(http: &Http, roots: &Roots) -> Result<Site, Box<Finding>> {
    let check = "server";
    if http.port == 0 {
        let words = "http.port is 0: where the server is cannot be told";
        return Err(Box::new(Finding::skipped(check, words)));
    }
    let addresses = resolve(&http.host, http.port).unwrap_or_default();
    let Some(mut address) = addresses.first().copied() else {
        let words = format!("http.host, {}, leads nowhere", http.host);
        return Err(Box::new(Finding::failed(check, words, "Correct http.host")));
    };
    if address.ip().is_unspecified() {
        let loopback: IpAddr = if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        };
        address.set_ip(loopback);
    }
    let site = Site::at(address, http.tls.is_some(), roots.clone());
    let Err(problem) = serving::health(&site) else {
        return Ok(site);
    };
    Err(Box::new(match TcpListener::bind(addresses.as_slice()) {
        Ok(_) => Finding::warning(
            check,
            format!("the server does not run; {} is free", at(http)),
            "Start it: holdspace serve",
        ),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Finding::failed(
            check,
            format!(
                "something else has {}, or the server does not answer as it should: {problem}",
                at(http)
            ),
            "See what listens there; stop it, or set another http.port",
        ),
        Err(error) => Finding::failed(
            check,
            format!(
                "the server cannot listen on {}: {}",
                at(http),
                in_words(&error)
            ),
            "Set http.host and http.port to what this user may listen on",
        ),
    }))
}

/// The server runs: it is asked as people ask it.
fn running(site: &Site, mut config: Config, token: Option<&str>) -> Vec<Finding> {
    let mut findings = vec![serving::readiness(site), serving::page(site)];
    findings.extend(sockets::examine(site));
    let token = match token {
        Some(token) => Some(token.to_owned()),
        None => own_token(&mut config),
    };
    let Some(token) = token else {
        let words = "tokens are issued elsewhere: what the server tells people could not be asked";
        findings.push(Finding::skipped("token", words).advising("Name one: --token TOKEN"));
        return findings;
    };
    let (finding, servers) = serving::told(site, &token);
    findings.push(finding);
    if let Some(servers) = servers {
        findings.extend(ice::examine(&servers, detour(&config), site.roots()));
    }
    findings
}

/// A token of nobody in particular, when the server's are signed with a secret that is here.
fn own_token(config: &mut Config) -> Option<String> {
    // A secret would be made where there is none.
    if config.auth.jwt_secret.is_none() && !config.store.path.exists() {
        return None;
    }
    load_or_make_secret(config).ok()?;
    let now = SystemClock.now();
    auth::sign(&config.auth, nobody()?, Role::Client, None, TOKEN_TTL, now)
}

fn nobody() -> Option<UserId> {
    let mut id = [0; 12];
    getrandom::fill(&mut id).ok()?;
    Some(UserId::from_bytes(id))
}

/// Where our relay can be reached from here, whatever address people are told.
fn detour(config: &Config) -> Option<IpAddr> {
    if !config.turn.enabled {
        return None;
    }
    Some(match config.turn.listen.first() {
        Some(ip) if !ip.is_unspecified() => *ip,
        Some(IpAddr::V6(_)) => Ipv6Addr::LOCALHOST.into(),
        // Without a list, loopback is among them.
        _ => Ipv4Addr::LOCALHOST.into(),
    })
}

/// The server does not run: its relay is started in this process, or that of others is tried.
fn stopped(config: &mut Config, roots: &Roots) -> Vec<Finding> {
    let check = "relay";
    let mut findings = Vec::new();
    if config.turn.enabled && config.turn.secret.is_none() {
        // A check makes nothing that stays; the server has a secret of its own.
        let mut secret = [0; 32];
        if getrandom::fill(&mut secret).is_ok() {
            config.turn.secret = Some(Secret::new(secret));
        }
    }
    let relay = match Relay::start(config, &HashMap::new()) {
        Ok(relay) => relay,
        Err(error) => {
            let advice =
                "See which other program has the port, or which addresses this machine has";
            return vec![Finding::failed(check, error.to_string(), advice)];
        }
    };
    if relay.is_some() {
        let words = "the relay's addresses and ports are free; it was started for this trial";
        findings.push(Finding::ok(check, words));
    }
    let detour = detour(config);
    findings.extend(ice::examine(&servers(config), detour, roots));
    findings
}

/// What config would tell somebody.
fn servers(config: &Config) -> Vec<IceServer> {
    let ice = &config.ice;
    let minted = ice
        .turn_secret
        .as_ref()
        .zip(nobody())
        .map(|(secret, user)| {
            TurnCredential::mint(secret.expose(), user, ice.credential_ttl, SystemClock.now())
        });
    let login = match (minted, &ice.turn_username, &ice.turn_credential) {
        (Some(minted), ..) => Some(Login {
            username: minted.username,
            password: minted.credential,
        }),
        (None, Some(username), Some(password)) => Some(Login {
            username: username.clone(),
            password: String::from_utf8_lossy(password.expose()).into_owned(),
        }),
        _ => None,
    };
    let stun = ice.stun_urls.iter().map(|url| IceServer {
        url: url.clone(),
        login: None,
    });
    let turn = ice.turn_urls.iter().map(|url| IceServer {
        url: url.clone(),
        login: login.clone(),
    });
    stun.chain(turn).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    #[test]
    fn a_clock_is_judged_only_when_something_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path();
        let missing = folder.path().join("synchronized");
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        assert_eq!(clock(there, now).verdict, Verdict::Ok);
        assert_eq!(clock(&missing, now).verdict, Verdict::Skipped);
        assert_eq!(clock(there, Timestamp::UNIX_EPOCH).verdict, Verdict::Failed);
    }

    #[test]
    fn a_store_is_looked_at_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visits.db");
        assert_eq!(store(&path).unwrap().verdict, Verdict::Skipped);
        assert!(!path.exists());
        std::fs::write(&path, "").unwrap();
        let words = store(&path).unwrap().words;
        assert!(words.contains("has schema 0"), "{words}");
        assert_eq!(std::fs::read(&path).unwrap(), b"");
        std::fs::write(&path, "something else entirely, of some length").unwrap();
        assert_eq!(store(&path).unwrap().verdict, Verdict::Failed);
    }
}
