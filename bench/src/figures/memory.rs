//! Memory of an idle, authenticated, joined socket: what a fresh process grows by when it has ten thousand of them.
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Error, Result, ensure};
use tokio::task::{JoinSet, spawn_local};
use tokio::time::{Instant, sleep};

use super::{Samples, source};
use crate::child::Child;
use crate::cores::{Cores, run_pinned};
use crate::socketio::Socket;
use crate::subject::{Kind, Running, Subject, Visit};
use crate::wire::{self, Frames};

pub(crate) const SOCKETS: usize = 10_000;
const AT_ONCE: usize = 16;
const SAMPLE_INTERVAL: Duration = Duration::from_millis(500);
const SETTLE_TIMEOUT: Duration = Duration::from_secs(20);
const STEADY_SAMPLES: usize = 4;
const STEADY_BYTES: u64 = 128 * 1024;

type Failure = Rc<RefCell<Option<Error>>>;

/// Bytes a socket. Each server is started for this alone.
pub(crate) fn measure(subjects: &[Subject], cores: Cores) -> Result<Samples> {
    let mut samples = Samples::default();
    for subject in subjects {
        let running = subject.start(Some(cores.server))?;
        let growth = run_pinned(cores.generator, || growth(&running))
            .with_context(|| subject.kind.to_string())?;
        samples.add(subject.kind, growth / SOCKETS as f64);
        running.child.stop()?;
    }
    Ok(samples)
}

/// Waits until a process neither grows nor shrinks, and tells its resident memory.
pub(super) async fn settled(child: &Child) -> Result<u64> {
    let deadline = Instant::now() + SETTLE_TIMEOUT;
    let (mut steady, mut reference) = (0, child.resident_bytes()?);
    while steady < STEADY_SAMPLES && Instant::now() < deadline {
        sleep(SAMPLE_INTERVAL).await;
        let bytes = child.resident_bytes()?;
        if bytes.abs_diff(reference) <= STEADY_BYTES {
            steady += 1;
        } else {
            (steady, reference) = (0, bytes);
        }
    }
    child.resident_bytes()
}

async fn growth(running: &Running<'_>) -> Result<f64> {
    let before = settled(&running.child).await?;
    let failure = Failure::default();
    connect_all(running, &failure).await?;
    let after = settled(&running.child).await?;
    match failure.borrow_mut().take() {
        Some(error) => Err(error).context("a socket was not kept"),
        None => Ok(after.saturating_sub(before) as f64),
    }
}

async fn connect_all(running: &Running<'_>, failure: &Failure) -> Result<()> {
    let visits: Rc<[Visit]> = running.visits.iter().take(SOCKETS / 2).cloned().collect();
    ensure!(visits.len() == SOCKETS / 2, "too few visits");
    let mut tasks = JoinSet::new();
    for first in 0..AT_ONCE {
        let (visits, failure) = (Rc::clone(&visits), Rc::clone(failure));
        let (kind, address) = (running.kind, running.child.address);
        tasks.spawn_local(async move {
            for (number, visit) in visits.iter().enumerate().skip(first).step_by(AT_ONCE) {
                connect_pair(kind, address, visit, number, &failure).await?;
            }
            Ok(())
        });
    }
    tasks.join_all().await.into_iter().collect()
}

async fn connect_pair(
    kind: Kind,
    address: SocketAddr,
    visit: &Visit,
    number: usize,
    failure: &Failure,
) -> Result<()> {
    for person in &visit.people {
        let frames = if kind == Kind::Relay {
            wire::connect(address, source(number), &format!("/relay/{}", visit.room))
                .await?
                .1
        } else {
            let mut socket =
                Socket::connect(address, source(number), &person.token(number)).await?;
            socket.join(&visit.room, person).await?;
            socket.frames
        };
        keep(frames, Rc::clone(failure));
    }
    Ok(())
}

/// Answers pings for as long as the generator runs.
fn keep(mut frames: Frames, failure: Failure) {
    spawn_local(async move {
        loop {
            if let Err(error) = frames.next().await {
                failure.borrow_mut().get_or_insert(error);
                return;
            }
        }
    });
}
