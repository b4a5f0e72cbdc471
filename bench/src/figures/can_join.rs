//! can-join requests on one core, over kept connections, against the bare handler and the Node peer.
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Samples;
use crate::cores::{Cores, run_pinned};
use crate::http::Client;
use crate::subject::{Kind, Running};

const CONNECTIONS: usize = 64;
/// Requests of different people that a connection sends in turn: over all connections, everybody of every visit.
const REQUESTS: usize = 2 * VISITS.div_ceil(CONNECTIONS);
/// Of those, how many a connection has of the people of a busy hour: 3,968 over all connections.
const BUSY_HOUR: usize = 62;
/// Visits that can be asked for.
pub(crate) const VISITS: usize = 10_000;
const WARM_UP: Duration = Duration::from_millis(1500);
const ROUND: Duration = Duration::from_millis(1500);

/// What the people do who ask.
#[derive(Clone, Copy, Debug)]
enum Askers {
    /// The people of a busy hour, about 2,000 visits, ask in turn.
    BusyHour,
    /// Everybody of every visit that there is asks in turn.
    Everybody,
}

/// What came of the rounds.
#[derive(Debug, Default)]
pub(crate) struct CanJoin {
    pub(crate) busy_hour: CanJoinRate,
    pub(crate) everybody: CanJoinRate,
}

#[derive(Debug, Default)]
pub(crate) struct CanJoinRate {
    /// Requests a second of the server's processor time.
    pub(crate) per_cpu_second: Samples,
    /// The part of its core that the server had: below 1 the generator was the bottleneck.
    pub(crate) busy: Samples,
}

/// The requests of one connection, and which is next.
struct Script {
    requests: Vec<Vec<u8>>,
    next: Cell<usize>,
}

struct Round {
    requests: f64,
    seconds: f64,
    cpu_seconds: f64,
}

pub(crate) fn measure(servers: &[Running<'_>], cores: Cores, rounds: usize) -> Result<CanJoin> {
    run_pinned(cores.generator, || rounds_of(servers, rounds))
}

async fn rounds_of(servers: &[Running<'_>], rounds: usize) -> Result<CanJoin> {
    let mut rates = CanJoin::default();
    let scripts: Vec<Vec<Rc<Script>>> = servers.iter().map(scripts).collect();
    for (server, scripts) in servers.iter().zip(&scripts) {
        let warmed = run(server, scripts, Askers::BusyHour, WARM_UP).await;
        warmed.with_context(|| server.kind.to_string())?;
    }
    for _ in 0..rounds {
        let kinds = [
            (&mut rates.busy_hour, Askers::BusyHour),
            (&mut rates.everybody, Askers::Everybody),
        ];
        for (rate, askers) in kinds {
            for (server, scripts) in servers.iter().zip(&scripts) {
                rate.add(server.kind, &run(server, scripts, askers, ROUND).await?);
            }
        }
    }
    Ok(rates)
}

impl CanJoinRate {
    fn add(&mut self, kind: Kind, round: &Round) {
        self.per_cpu_second
            .add(kind, round.requests / round.cpu_seconds);
        self.busy.add(kind, round.cpu_seconds / round.seconds);
    }
}

impl Script {
    fn next(&self, askers: Askers) -> &[u8] {
        let people = match askers {
            Askers::BusyHour => BUSY_HOUR,
            Askers::Everybody => self.requests.len(),
        };
        let next = self.next.get() % people;
        self.next.set(next + 1);
        &self.requests[next]
    }
}

fn scripts(server: &Running<'_>) -> Vec<Rc<Script>> {
    let of = |connection| {
        let requests = (0..REQUESTS)
            .map(|turn| request(server, turn * CONNECTIONS + connection))
            .collect();
        Rc::new(Script {
            requests,
            next: Cell::new(0),
        })
    };
    (0..CONNECTIONS).map(of).collect()
}

fn request(server: &Running<'_>, number: usize) -> Vec<u8> {
    let visit = &server.visits[number / 2 % server.visits.len()];
    let token = visit.people[number % 2].token(number);
    let path = match server.kind {
        Kind::Relay => "/hello".to_owned(),
        _ => format!("/api/v1/video-calls/can-join/{}", visit.session),
    };
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nx-auth-token: {token}\r\n\r\n").into_bytes()
}

async fn run(
    server: &Running<'_>,
    scripts: &[Rc<Script>],
    askers: Askers,
    duration: Duration,
) -> Result<Round> {
    let mut clients = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(server.child.address).await?);
    }
    let (before, begin) = (server.child.cpu()?, Instant::now());
    let end = begin + duration;
    let mut tasks = JoinSet::new();
    for (client, script) in clients.into_iter().zip(scripts) {
        let script = Rc::clone(script);
        tasks.spawn_local(async move { ask(client, &script, askers, end).await });
    }
    let answered: Result<Vec<u64>> = tasks.join_all().await.into_iter().collect();
    let seconds = begin.elapsed().as_secs_f64();
    let spent = server.child.cpu()?.saturating_sub(before);
    let requests = answered?.iter().sum::<u64>() as f64;
    Ok(Round {
        requests,
        seconds,
        cpu_seconds: spent.as_secs_f64(),
    })
}

async fn ask(mut client: Client, script: &Script, askers: Askers, end: Instant) -> Result<u64> {
    let mut answered = 0;
    while Instant::now() < end {
        let (status, body) = client.exchange(script.next(askers)).await?;
        let body = std::str::from_utf8(body).context("an answer that is no text")?;
        let is_right = status == 200 && body.contains(r#""canJoin":true"#);
        ensure!(is_right, "can-join: {status} {body}");
        answered += 1;
    }
    Ok(answered)
}
