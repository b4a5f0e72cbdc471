//! Server CPU an accepted and authenticated connection, closed again, in interleaved rounds.
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{Samples, source};
use crate::cores::{Cores, run_pinned};
use crate::socketio::Socket;
use crate::subject::{Kind, Running};
use crate::wire;

const CONNECTIONS: usize = 1000;
/// So many are being made at once.
const AT_ONCE: usize = 8;
/// What a server still does for connections that have been closed.
const SETTLE: Duration = Duration::from_millis(300);

/// Nanoseconds a connection.
pub(crate) fn measure(servers: &[Running<'_>], cores: Cores, rounds: usize) -> Result<Samples> {
    run_pinned(cores.generator, || async move {
        let mut samples = Samples::default();
        for round in 0..=rounds {
            for server in servers {
                let cost = cost(server, round)
                    .await
                    .with_context(|| server.kind.to_string())?;
                // The first round warms up.
                if round > 0 {
                    samples.add(server.kind, cost);
                }
            }
        }
        Ok(samples)
    })
}

async fn cost(server: &Running<'_>, round: usize) -> Result<f64> {
    // Tokens are made before, and none is used twice: no server may know one by heart.
    let names: Rc<[String]> = (0..CONNECTIONS)
        .map(|number| credential(server, round * CONNECTIONS + number))
        .collect();
    let (address, kind) = (server.child.address, server.kind);
    let before = server.child.cpu()?;
    let mut tasks = JoinSet::new();
    for first in 0..AT_ONCE {
        let names = Rc::clone(&names);
        tasks.spawn_local(async move {
            for (number, name) in names.iter().enumerate().skip(first).step_by(AT_ONCE) {
                let frames = match kind {
                    Kind::Relay => wire::connect(address, source(number), name).await?.1,
                    _ => Socket::connect(address, source(number), name).await?.frames,
                };
                frames.close().await?;
            }
            Ok(())
        });
    }
    tasks.join_all().await.into_iter().collect::<Result<()>>()?;
    sleep(SETTLE).await;
    let spent = server.child.cpu()?.saturating_sub(before);
    Ok(spent.as_nanos() as f64 / CONNECTIONS as f64)
}

/// A room's path for the bare relay, a token for the others.
fn credential(server: &Running<'_>, number: usize) -> String {
    if server.kind == Kind::Relay {
        return format!("/relay/accept-{}", number / 2);
    }
    let visit = &server.visits[number % server.visits.len()];
    visit.people[number % 2].token(number)
}
