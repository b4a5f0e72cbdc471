//! The benchmark runner behind `make bench`: the server beside a bare WebSocket relay, the limit, and a Node peer.
#![allow(
    clippy::cast_precision_loss,
    reason = "what is measured here is far below 2^52"
)]

mod arguments;
mod child;
mod cores;
mod figures;
mod http;
mod payload;
mod relay;
mod report;
mod socketio;
mod statistics;
mod subject;
mod suite;
mod token;
mod wire;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use tokio::runtime::Builder;

use self::arguments::{Arguments, Command};

/// Measured, but a "must" is not met.
const MISSED: u8 = 2;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(Command::Relay) = arguments.command {
        Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(relay::serve())?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = suite::run(arguments)?;
    let table = report::table(&rows);
    println!("{table}");
    if let Some(path) = &arguments.write {
        let versions = subject::node_versions(&arguments.node_peer)?;
        let made = format!("Two cores, {} rounds; {versions}.\n", arguments.rounds());
        report::replace_table(path, &format!("{table}\n{made}"))?;
    }
    let is_missed = rows.iter().any(report::Row::is_missed);
    Ok(if is_missed {
        ExitCode::from(MISSED)
    } else {
        ExitCode::SUCCESS
    })
}
