//! Server CPU a relayed message, in interleaved rounds: under load, and when every message comes alone.
use std::time::Duration;

use anyhow::{Context, Result};

use super::Samples;
use super::traffic::{Pace, Traffic};
use crate::cores::{Cores, run_pinned};
use crate::subject::Running;

const BURSTS: Pace = Pace::Bursts {
    duration: Duration::from_millis(1500),
};
const SINGLY: Pace = Pace::Singly {
    duration: Duration::from_millis(1500),
};
/// About a quarter of what the slowest of the three can do, so that no server builds a queue.
const ALONE: Pace = Pace::Alone {
    per_second: 3000,
    messages: 3000,
};

/// Nanoseconds a message.
#[derive(Debug, Default)]
pub(crate) struct RelayCost {
    pub(crate) bursts: Samples,
    pub(crate) singly: Samples,
    pub(crate) alone: Samples,
}

pub(crate) fn measure(servers: &[Running<'_>], cores: Cores, rounds: usize) -> Result<RelayCost> {
    run_pinned(cores.generator, || rounds_of(servers, rounds))
}

async fn rounds_of(servers: &[Running<'_>], rounds: usize) -> Result<RelayCost> {
    let mut open = Vec::new();
    for server in servers {
        let traffic = Traffic::open(server)
            .await
            .with_context(|| server.kind.to_string())?;
        // Warms up.
        cost(server, &traffic, BURSTS).await?;
        open.push((server, traffic));
    }
    let mut costs = RelayCost::default();
    for _ in 0..rounds {
        for (server, traffic) in &open {
            costs
                .bursts
                .add(server.kind, cost(server, traffic, BURSTS).await?);
        }
        for (server, traffic) in &open {
            costs
                .singly
                .add(server.kind, cost(server, traffic, SINGLY).await?);
        }
        for (server, traffic) in &open {
            costs
                .alone
                .add(server.kind, cost(server, traffic, ALONE).await?);
        }
    }
    Ok(costs)
}

async fn cost(server: &Running<'_>, traffic: &Traffic, pace: Pace) -> Result<f64> {
    let before = server.child.cpu()?;
    let delivered = traffic
        .run(pace)
        .await
        .with_context(|| server.kind.to_string())?;
    let spent = server.child.cpu()?.saturating_sub(before);
    Ok(spent.as_nanos() as f64 / delivered as f64)
}
