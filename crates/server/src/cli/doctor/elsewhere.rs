//! `--url`: the server as people reach it, from their side of every proxy and NAT.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::certificate::Validity;
use super::connection::{connect, in_words, resolve};
use super::finding::Finding;
use super::ice;
use super::serving;
use super::site::Site;
use super::sockets;

/// Goes the way of a browser, until there is none.
pub(super) fn examine(mut site: Site, token: Option<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(may_tell) = reach(&mut site, &mut findings) else {
        return findings;
    };
    let answer = match serving::health(&site) {
        Ok(answer) => answer,
        Err(words) => {
            findings.push(Finding::failed(
                "server",
                words,
                "Start it, or name the path under which it is, as in https://example.org/video",
            ));
            return findings;
        }
    };
    findings.push(Finding::ok("server", "the server answers"));
    findings.push(serving::clock(&answer, Timestamp::now()));
    findings.push(serving::readiness(&site));
    findings.push(serving::page(&site));
    findings.extend(sockets::examine(&site));
    findings.extend(relay(&site, token, may_tell));
    findings
}

fn relay(site: &Site, token: Option<&str>, may_tell: Result<(), &'static str>) -> Vec<Finding> {
    let skipped = |words: &str| vec![Finding::skipped("token", words).advising(TOKEN)];
    let Some(token) = token else {
        return skipped("without a token nobody is told of the relay, which was not tried");
    };
    if let Err(why) = may_tell {
        return skipped(why);
    }
    let (finding, servers) = serving::told(site, token);
    let tried = servers.map(|servers| ice::examine(&servers, None, site.roots()));
    std::iter::once(finding)
        .chain(tried.into_iter().flatten())
        .collect()
}

const TOKEN: &str =
    "Make one beside the server: holdspace token --user 507f1f77bcf86cd799439012 --role client";

/// Name, connection and certificate; `None` when there is no way. Whether the token may be sent there.
fn reach(site: &mut Site, findings: &mut Vec<Finding>) -> Option<Result<(), &'static str>> {
    let host = site.host.clone();
    match resolve(&host, site.port) {
        Ok(addresses) if !addresses.is_empty() => site.addresses = addresses,
        failed => {
            let why = failed.err().map(|error| in_words(&error));
            let words = format!(
                "{host} leads nowhere: {}",
                why.as_deref().unwrap_or("it has no address")
            );
            let advice = "Correct the name or its records in DNS";
            findings.push(Finding::failed("name", words, advice));
            return None;
        }
    }
    let told: Vec<String> = site
        .addresses
        .iter()
        .map(|at| at.ip().to_string())
        .collect();
    findings.push(Finding::ok(
        "name",
        format!("{host} is {}", told.join(", ")),
    ));
    let refused = refusals(&site.addresses);
    findings.push(connection(&refused, site.addresses.len()));
    if refused.len() == site.addresses.len() {
        return None;
    }
    if site.is_secure {
        return tls(site, findings);
    }
    if site.is_loopback() {
        let words = "plain HTTP, which browsers take on this machine alone";
        findings.push(Finding::skipped("https", words));
        return Some(Ok(()));
    }
    findings.push(Finding::failed(
        "https",
        "this is plain HTTP: browsers give camera and microphone to pages over HTTPS alone",
        "Set http.tls_cert_file and http.tls_key_file, or put a proxy with a certificate before it",
    ));
    Some(Err(
        "the token was not sent over plain HTTP, where others could read it",
    ))
}

fn connection(refused: &[String], addresses: usize) -> Finding {
    let check = "connection";
    let words = refused.join("; ");
    let advice = "Open the port in the firewall, or take the address out of DNS";
    match refused.len() {
        0 => Finding::ok(check, "it can be connected to"),
        number if number == addresses => Finding::failed(check, words, advice),
        _ => Finding::warning(check, words, advice),
    }
}

fn refusals(addresses: &[SocketAddr]) -> Vec<String> {
    let refusal = |at: &SocketAddr| {
        let error = connect(*at).err()?;
        Some(format!("{at}: {}", in_words(&error)))
    };
    addresses.iter().filter_map(refusal).collect()
}

fn tls(site: &Site, findings: &mut Vec<Finding>) -> Option<Result<(), &'static str>> {
    let check = "certificate";
    let shown = match site.connect() {
        Ok((_, shown)) => shown?,
        Err(error) => {
            let words = format!("it does not speak TLS: {}", in_words(&error));
            findings.push(Finding::failed(
                "https",
                words,
                "See what listens at this port",
            ));
            return None;
        }
    };
    if let Some(problem) = shown.problem {
        let words = format!(
            "browsers do not trust the certificate for {}: {problem}",
            site.host
        );
        let advice = "Get one that browsers trust, with the certificates between it and its authority in the same file; \
                      SSL_CERT_FILE has this command trust one of your own";
        findings.push(Finding::failed(check, words, advice));
        return Some(Err(
            "the token was not sent, since the certificate is not trusted",
        ));
    }
    findings.push(match Validity::of(&shown.certificate) {
        Some(validity) => validity.judge("the certificate is trusted and", Timestamp::now()),
        None => Finding::ok(check, "the certificate is trusted"),
    });
    Some(Ok(()))
}
