//! The benchmark runner behind `make bench-turn`: CPU a relayed packet in turns with coturn and a bare forwarder, memory an
//! allocation, a flood, and what bad neighbours add to a delay.
#![allow(
    clippy::cast_precision_loss,
    reason = "what is measured here is far below 2^52"
)]

mod client;
mod delay;
mod flood;
mod load;
mod memory;
mod ratios;
mod subject;
mod table;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use self::delay::{Delays, Neighbour};
use self::load::Shape;
use self::table::{Row, Rows};

const ROUNDS: usize = 7;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<ExitCode> {
    match arguments {
        ["relay", address] => subject::relay(address.parse()?)?,
        ["forwarder", address, peer] => subject::forwarder(address.parse()?, peer.parse()?)?,
        [] => return measure(ROUNDS, None),
        ["delay"] => {
            let mut rows = Rows::default();
            delays(&mut rows)?;
            println!("{}", rows.show());
        }
        ["--write", path] => return measure(ROUNDS, Some(path)),
        ["--rounds", rounds] => {
            return measure(rounds.parse().context("a number of rounds")?, None);
        }
        _ => bail!("usage: holdspace-bench-turn [delay | --rounds N | --write FILE]"),
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(rounds: usize, path: Option<&str>) -> Result<ExitCode> {
    subject::raise_descriptors();
    let mut rows = Rows::default();
    for shape in [Shape::BURSTS, Shape::AUDIO] {
        ratios::measure(&mut rows, shape, rounds)?;
    }
    let (bytes, allocations) = memory::bytes_per_allocation()?;
    let behind = format!("{allocations} of them");
    rows.push(Row::at_most(
        "bytes an allocation",
        bytes,
        1536.0,
        1024.0,
        behind,
    ));
    let flood = flood::run()?;
    rows.push(Row::at_most(
        "MB grown by a flood",
        flood.grown_bytes / 1e6,
        1.0,
        0.0,
        String::new(),
    ));
    let behind = format!("{:.2} bytes sent a byte received", flood.amplification);
    rows.push(Row::at_most(
        "replies a second to one address in it",
        flood.replies_per_address,
        10.0,
        10.0,
        behind,
    ));
    delays(&mut rows)?;
    let table = rows.show();
    println!("{table}");
    if let Some(path) = path {
        table::replace(
            path,
            &format!(
                "{table}\n\nTwo cores, {rounds} rounds; {}.\n",
                subject::coturn_version()?
            ),
        )?;
    }
    Ok(if rows.is_missed() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}

fn delays(rows: &mut Rows) -> Result<()> {
    for (neighbour, name) in Neighbour::ALL {
        rows.push(delay_beside(neighbour, name)?);
    }
    Ok(())
}

fn delay_beside(neighbour: Neighbour, name: &str) -> Result<Row> {
    let Delays {
        alone_nanos,
        beside_nanos,
        lost,
        sent,
    } = delay::beside(neighbour).with_context(|| format!("{neighbour:?}"))?;
    let [alone, beside] = [alone_nanos, beside_nanos].map(|nanos| nanos / 1e3);
    Ok(Row::told(
        format!("delay beside {name}; alone = 1"),
        beside / alone,
        format!("{beside:.0} µs; alone {alone:.0} µs; {lost} of {sent} packets lost"),
    ))
}
