//! What a packet costs the relay beside coturn and the bare forwarder. All three stand side by side and take turns every
//! fraction of a second, so that whatever else the machine does hits all alike.
use anyhow::{Context, Result};

use crate::load::{Bounds, Direction, Load, Shape, Spent};
use crate::subject::{Kind, Subject};
use crate::table::{Row, Rows, median};

const KINDS: [Kind; 3] = [Kind::Relay, Kind::Coturn, Kind::Forwarder];
/// Turns of each in a round that do not count: until caches are warm and each knows what a call looks like.
const WARM_UP: usize = 4;
/// Those that do.
const TURNS: usize = 5;

/// CPU nanoseconds of each packet that was delivered, by direction and kind.
type Costs = [[f64; KINDS.len()]; Direction::BOTH.len()];

pub(crate) fn measure(rows: &mut Rows, shape: Shape, rounds: usize) -> Result<()> {
    let costs = (0..rounds)
        .map(|number| round(shape, number))
        .collect::<Result<Vec<Costs>>>()?;
    for (direction, name) in ["up", "down"].into_iter().enumerate() {
        let costs: Vec<_> = costs.iter().map(|costs| costs[direction]).collect();
        push_rows(rows, shape, name, &costs);
    }
    Ok(())
}

/// Starts the three anew and has them take turns.
fn round(shape: Shape, number: usize) -> Result<Costs> {
    let loads = KINDS
        .iter()
        .map(|&kind| Load::open(Subject::start(kind)?, shape).with_context(|| format!("{kind:?}")))
        .collect::<Result<Vec<_>>>()?;
    let mut spent = [[Spent::default(); KINDS.len()]; Direction::BOTH.len()];
    for turn in 0..WARM_UP + TURNS {
        for step in 0..KINDS.len() {
            let kind = (number + turn + step) % KINDS.len();
            for (direction, spent) in Direction::BOTH.into_iter().zip(&mut spent) {
                let more =
                    (loads[kind].run(direction)).with_context(|| format!("{:?}", KINDS[kind]))?;
                if turn >= WARM_UP {
                    spent[kind] = spent[kind] + more;
                }
            }
        }
    }
    let costs = spent.map(|spent| spent.map(Spent::nanos_per_packet));
    eprintln!("{}: {costs:.0?} ns", shape.name);
    Ok(costs)
}

/// The figures of one direction: medians over the rounds.
fn push_rows(rows: &mut Rows, shape: Shape, direction: &str, costs: &[[f64; KINDS.len()]]) {
    let of =
        |cost: fn(&[f64; KINDS.len()]) -> f64| median(&costs.iter().map(cost).collect::<Vec<_>>());
    let behind = format!(
        "{:.0} ns; coturn {:.0}, forwarder {:.0}",
        of(|costs| costs[0]),
        of(|costs| costs[1]),
        of(|costs| costs[2])
    );
    let [beside_coturn, beside_forwarder] = shape.bounds;
    let name = format!("CPU a packet, {}, {direction}; coturn = 1", shape.name);
    let ratio = of(|costs| costs[0] / costs[1]);
    rows.push(row(name, ratio, beside_coturn, behind.clone()));
    let name = format!("the same; bare forwarder = 1 ({direction})");
    let ratio = of(|costs| costs[0] / costs[2]);
    rows.push(row(name, ratio, beside_forwarder, behind));
}

fn row(name: String, measured: f64, (must, aim): Bounds, behind: String) -> Row {
    Row::at_most(name, measured, must, aim, behind)
}
