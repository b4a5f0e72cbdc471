//! The whole run: prepares the servers, measures what is wanted, and states each figure with its bounds.
use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tempfile::TempDir;

use crate::arguments::{Arguments, Figure};
use crate::cores::Cores;
use crate::figures::can_join::{CanJoin, CanJoinRate};
use crate::figures::relay::RelayCost;
use crate::figures::startup::Startup;
use crate::figures::{Samples, accept, can_join, first_frame, memory, relay, startup};
use crate::report::{Bounds, Row, Unit};
use crate::subject::{Kind, Running, Subject};

const KILOBYTE: f64 = 1024.0;
const MEGABYTE: f64 = 1024.0 * 1024.0;

/// What was measured; empty where it was not wanted.
#[derive(Debug, Default)]
struct Measured {
    relay: RelayCost,
    accept: Samples,
    memory: Samples,
    can_join: CanJoin,
    startup: Startup,
    first_frame: Samples,
}

/// Measures, and returns the lines of the table.
pub(crate) fn run(arguments: &Arguments) -> Result<Vec<Row>> {
    raise_descriptor_limit()?;
    let cores = Cores::choose()?;
    let directory = tempfile::tempdir().context("a folder for the databases")?;
    let subjects = prepare(arguments, &directory)?;
    let mut measured = Measured::default();
    if arguments.wants(Figure::Startup) {
        step("start and idle process");
        // The bare relay has no database to open.
        let kept: Vec<_> = subjects
            .iter()
            .filter(|subject| subject.kind != Kind::Relay)
            .cloned()
            .collect();
        measured.startup = startup::measure(&kept, cores)?;
    }
    measure_running(arguments, &subjects, cores, &mut measured)?;
    if arguments.wants(Figure::Memory) {
        step("memory of idle sockets");
        measured.memory = memory::measure(&subjects, cores)?;
    }
    if arguments.wants(Figure::FirstFrame) && arguments.kinds().any(|kind| kind == Kind::Holdspace)
    {
        step("calls in two browsers");
        measured.first_frame = first_frame::measure(&arguments.web, &arguments.holdspace()?)?;
    }
    Ok(rows(&measured))
}

/// The figures for which all servers run side by side, each with its turn in every round.
fn measure_running(
    arguments: &Arguments,
    subjects: &[Subject],
    cores: Cores,
    measured: &mut Measured,
) -> Result<()> {
    let figures = [Figure::Relay, Figure::Accept, Figure::CanJoin];
    for figure in figures
        .into_iter()
        .filter(|&figure| arguments.wants(figure))
    {
        let started: Result<Vec<Running<'_>>> = subjects
            .iter()
            .map(|subject| subject.start(Some(cores.server)))
            .collect();
        let (servers, rounds) = (started?, arguments.rounds());
        match figure {
            Figure::Relay => {
                step("relayed messages");
                measured.relay = relay::measure(&servers, cores, rounds)?;
            }
            Figure::Accept => {
                step("accepted connections");
                measured.accept = accept::measure(&servers, cores, rounds)?;
            }
            _ => {
                step("can-join");
                measured.can_join = can_join::measure(&servers, cores, rounds)?;
            }
        }
        for server in servers {
            server
                .child
                .stop()
                .with_context(|| server.kind.to_string())?;
        }
    }
    Ok(())
}

fn prepare(arguments: &Arguments, directory: &TempDir) -> Result<Vec<Subject>> {
    step("booking visits");
    arguments
        .kinds()
        .map(|kind| {
            Subject::prepare(kind, arguments, directory.path(), can_join::VISITS)
                .with_context(|| format!("preparing the {kind}"))
        })
        .collect()
}

/// Ten thousand sockets need as many descriptors, in the generator and in the server, which inherits the limit.
fn raise_descriptor_limit() -> Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).context("raising the limit of descriptors")
}

fn step(what: &str) {
    eprintln!("measuring: {what}");
}

fn rows(measured: &Measured) -> Vec<Row> {
    let mut rows: Vec<Row> = relay_rows(&measured.relay).into();
    rows.extend(connection_rows(measured));
    rows.extend(process_rows(measured));
    rows
}

fn relay_rows(relay: &RelayCost) -> [Row; 6] {
    let to_relay = Some(at_most(1.5, 1.2));
    let to_node = Some(at_most(1.0 / 5.0, 1.0 / 8.0));
    let row = |name, samples: &Samples, kind, unit, bounds| Row {
        name,
        measured: samples.ratio_to(kind),
        unit,
        bounds,
        behind: if kind == Kind::Relay {
            behind(samples, "µs", 1000.0, 1)
        } else {
            String::new()
        },
    };
    [
        row(
            "CPU a relayed message; bare relay = 1",
            &relay.bursts,
            Kind::Relay,
            Unit::Times,
            to_relay,
        ),
        row(
            "the same; Node peer = 1",
            &relay.bursts,
            Kind::Node,
            Unit::Part,
            to_node,
        ),
        row(
            "CPU a message in a write of its own, 12 on their way; bare relay = 1",
            &relay.singly,
            Kind::Relay,
            Unit::Times,
            to_relay,
        ),
        row(
            "the same; Node peer = 1",
            &relay.singly,
            Kind::Node,
            Unit::Part,
            to_node,
        ),
        row(
            "CPU a message that comes alone; bare relay = 1",
            &relay.alone,
            Kind::Relay,
            Unit::Times,
            None,
        ),
        row(
            "the same; Node peer = 1",
            &relay.alone,
            Kind::Node,
            Unit::Part,
            None,
        ),
    ]
}

fn connection_rows(measured: &Measured) -> [Row; 4] {
    let Measured {
        accept,
        memory,
        can_join,
        ..
    } = measured;
    let can_join_bounds = Bounds::AtLeast {
        must: 8.0,
        aim: 12.0,
    };
    [
        Row {
            name: "memory an idle, authenticated, joined socket of 10,000",
            measured: memory.median(Kind::Holdspace).map(|bytes| bytes / KILOBYTE),
            unit: Unit::Kilobytes,
            bounds: Some(at_most(9.0, 4.0)),
            behind: behind(memory, "KB", KILOBYTE, 1),
        },
        Row {
            name: "CPU an accepted and authenticated connection; bare accept = 1",
            measured: accept.ratio_to(Kind::Relay),
            unit: Unit::Times,
            bounds: Some(at_most(2.0, 1.5)),
            behind: behind(accept, "µs", 1000.0, 0),
        },
        Row {
            name: "can-join requests a second on one core; Node peer = 1",
            measured: can_join.busy_hour.per_cpu_second.ratio_to(Kind::Node),
            unit: Unit::Times,
            bounds: Some(can_join_bounds),
            behind: behind_can_join(&can_join.busy_hour),
        },
        Row {
            name: "the same, 20,000 people in turn; Node peer = 1",
            measured: can_join.everybody.per_cpu_second.ratio_to(Kind::Node),
            unit: Unit::Times,
            bounds: Some(can_join_bounds),
            behind: behind_can_join(&can_join.everybody),
        },
    ]
}

fn process_rows(measured: &Measured) -> [Row; 3] {
    let Startup {
        milliseconds,
        idle_bytes,
    } = &measured.startup;
    [
        Row {
            name: "from exec to `listening` on a known database",
            measured: milliseconds.median(Kind::Holdspace),
            unit: Unit::Milliseconds,
            bounds: Some(at_most(100.0, 30.0)),
            behind: behind(milliseconds, "ms", 1.0, 0),
        },
        Row {
            name: "memory of an idle process",
            measured: idle_bytes
                .median(Kind::Holdspace)
                .map(|bytes| bytes / MEGABYTE),
            unit: Unit::Megabytes,
            bounds: Some(at_most(25.0, 15.0)),
            behind: behind(idle_bytes, "MB", MEGABYTE, 1),
        },
        Row {
            name: "join-room to the first remote frame",
            measured: measured.first_frame.median(Kind::Holdspace),
            unit: Unit::Milliseconds,
            bounds: Some(at_most(400.0, 300.0)),
            behind: String::new(),
        },
    ]
}

const fn at_most(must: f64, aim: f64) -> Bounds {
    Bounds::AtMost { must, aim }
}

/// The medians of all servers, in `unit`, each of which is so many of what the samples hold.
fn behind(samples: &Samples, unit: &str, per_unit: f64, decimals: usize) -> String {
    let values = samples
        .medians()
        .map(|(kind, value)| format!("{kind} {:.decimals$} {unit}", value / per_unit));
    values.collect::<Vec<_>>().join(", ")
}

fn behind_can_join(rate: &CanJoinRate) -> String {
    let values = rate.per_cpu_second.medians().map(|(kind, per_cpu_second)| {
        let what = if kind == Kind::Relay {
            "bare handler".to_owned()
        } else {
            kind.to_string()
        };
        let busy = rate.busy.median(kind).unwrap_or(f64::NAN) * 100.0;
        format!("{what} {per_cpu_second:.0}/s (core {busy:.0} % busy)")
    });
    values.collect::<Vec<_>>().join(", ")
}
