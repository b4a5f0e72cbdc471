//! `holdspace doctor`: whether a visit will work, told beside the server or from another machine.

mod certificate;
mod connection;
mod elsewhere;
mod finding;
mod here;
mod ice;
mod print;
mod request;
mod round_trip;
mod serving;
mod site;
mod sockets;
mod trust;
mod turn_client;

use std::io::{Read, stdin};

use self::finding::{Finding, Verdict, overall};
use self::site::Site;
use self::trust::Roots;
use super::Failure;
use crate::config::Loaded;

pub(super) const AFTER_HELP: &str = "\
Without --url, beside the server: configuration, database, certificates, clock, ports, the address that people are told,
and every STUN and TURN server, through which data is sent both ways with a fresh credential. When the server does not
run, its relay is started for the length of the trial.
With --url, from any machine, best from one in another network: name, connection, certificate, the server's health, its
clock, the page, signaling with and without websockets, and the relay as people are told of it. Nothing is configured
there; the token is made beside the server.

A line each: ok, warning (visits work, but not for everybody), failed, skipped (could not be told).

Exit codes:
  0  nothing failed
  1  something failed
  2  wrong usage or configuration

Examples:
  holdspace doctor
  holdspace doctor --json
  holdspace doctor --url https://visits.example.org --token \"$TOKEN\"
  ssh server holdspace token --user 507f1f77bcf86cd799439012 --role client |
    holdspace doctor --url https://example.org/video --token -";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Examine the server at this URL, as people reach it, instead of this machine
    #[arg(long)]
    url: Option<String>,
    /// Whose eyes to look with: a token as `holdspace token` prints it; - reads it from standard input
    #[arg(long)]
    token: Option<String>,
    /// Print JSON: `verdict`, and `checks` with `check`, `verdict`, `words` and `advice`
    #[arg(long)]
    json: bool,
}

/// More than a token has.
const TOKEN_BYTES_MAX: u64 = 16 * 1024;

impl Args {
    /// Whether it needs no configuration of this machine.
    pub(super) fn is_of_elsewhere(&self) -> bool {
        self.url.is_some()
    }

    /// The token without what surrounds it in a file; none that could not stand in a header.
    fn token(&self) -> Result<Option<String>, Failure> {
        let token = match self.token.as_deref() {
            Some("-") => {
                let mut text = String::new();
                stdin().take(TOKEN_BYTES_MAX).read_to_string(&mut text)?;
                text
            }
            Some(token) => token.to_owned(),
            None => return Ok(None),
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::Usage("--token is no token".to_owned()));
        }
        Ok(Some(token.to_owned()))
    }
}

/// Examines the server at `--url`.
pub(super) fn run_elsewhere(args: &Args) -> Result<(), Failure> {
    let token = args.token()?;
    let url = args.url.as_deref().unwrap_or_default();
    let site = Site::parse(url, Roots::load()).ok_or_else(|| {
        Failure::Usage("--url must be like https://visits.example.org/video".to_owned())
    })?;
    report(args, &elsewhere::examine(site, token.as_deref()))
}

/// Examines this machine.
pub(super) fn run_here(loaded: Loaded, args: &Args) -> Result<(), Failure> {
    let token = args.token()?;
    let findings = here::examine(loaded.config, loaded.given.len(), token.as_deref())?;
    report(args, &findings)
}

fn report(args: &Args, findings: &[Finding]) -> Result<(), Failure> {
    let verdict = overall(findings);
    if args.json {
        println!("{}", print::json(findings));
    } else {
        print!("{}", print::text(findings));
    }
    let number = |wanted| {
        let of_it = |finding: &&Finding| finding.verdict == wanted;
        findings.iter().filter(of_it).count()
    };
    match verdict {
        Verdict::Failed => {
            let failed = number(Verdict::Failed);
            return Err(Failure::Refused(format!(
                "as it is, visits will not work: {failed} of {} checks failed",
                findings.len()
            )));
        }
        _ if args.json => {}
        Verdict::Warning => {
            let warnings = number(Verdict::Warning);
            let plural = if warnings == 1 { "" } else { "s" };
            println!("\nA visit will work, though not for everybody: {warnings} warning{plural}.");
        }
        Verdict::Ok | Verdict::Skipped => println!("\nA visit will work."),
    }
    Ok(())
}
