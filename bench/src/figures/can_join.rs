//! can-join requests on one core, over kept connections, against the bare handler and the Node peer.
use std::net::SocketAddr;
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
/// Requests of different people that a connection repeats in turn.
const REQUESTS: usize = 50;
const WARM_UP: Duration = Duration::from_millis(1500);
const ROUND: Duration = Duration::from_millis(1500);

/// What came of the rounds.
#[derive(Debug, Default)]
pub(crate) struct CanJoinRate {
    /// Requests a second of the server's processor time.
    pub(crate) per_cpu_second: Samples,
    /// Requests a second.
    pub(crate) per_second: Samples,
    /// The part of its core that the server had: below 1 the generator was the bottleneck.
    pub(crate) busy: Samples,
}

struct Round {
    requests: f64,
    seconds: f64,
    cpu_seconds: f64,
}

pub(crate) fn measure(servers: &[Running<'_>], cores: Cores, rounds: usize) -> Result<CanJoinRate> {
    run_pinned(cores.generator, || async move {
        let mut rate = CanJoinRate::default();
        let requests: Vec<Rc<[Vec<u8>]>> = servers.iter().map(requests).collect();
        for (server, requests) in servers.iter().zip(&requests) {
            run(server, requests, WARM_UP)
                .await
                .with_context(|| server.kind.to_string())?;
        }
        for _ in 0..rounds {
            for (server, requests) in servers.iter().zip(&requests) {
                let round = run(server, requests, ROUND).await?;
                rate.per_cpu_second
                    .add(server.kind, round.requests / round.cpu_seconds);
                rate.per_second
                    .add(server.kind, round.requests / round.seconds);
                rate.busy
                    .add(server.kind, round.cpu_seconds / round.seconds);
            }
        }
        Ok(rate)
    })
}

fn requests(server: &Running<'_>) -> Rc<[Vec<u8>]> {
    (0..CONNECTIONS * REQUESTS)
        .map(|number| request(server, number))
        .collect()
}

fn request(server: &Running<'_>, number: usize) -> Vec<u8> {
    let visit = &server.visits[number % server.visits.len()];
    let token = visit.people[number % 2].token(number);
    let path = match server.kind {
        Kind::Relay => "/hello".to_owned(),
        _ => format!("/api/v1/video-calls/can-join/{}", visit.session),
    };
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nx-auth-token: {token}\r\n\r\n").into_bytes()
}

async fn run(server: &Running<'_>, requests: &Rc<[Vec<u8>]>, duration: Duration) -> Result<Round> {
    let mut clients = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        clients.push(connect(server.child.address).await?);
    }
    let (before, begin) = (server.child.cpu()?, Instant::now());
    let end = begin + duration;
    let mut tasks = JoinSet::new();
    for (number, client) in clients.into_iter().enumerate() {
        let requests = Rc::clone(requests);
        tasks.spawn_local(async move {
            repeat(client, &requests[number * REQUESTS..][..REQUESTS], end).await
        });
    }
    let answered: Result<Vec<u64>> = tasks.join_all().await.into_iter().collect();
    let (seconds, spent) = (
        begin.elapsed().as_secs_f64(),
        server.child.cpu()?.saturating_sub(before),
    );
    let requests = answered?.iter().sum::<u64>() as f64;
    Ok(Round {
        requests,
        seconds,
        cpu_seconds: spent.as_secs_f64(),
    })
}

async fn connect(address: SocketAddr) -> Result<Client> {
    Client::connect(address).await
}

async fn repeat(mut client: Client, requests: &[Vec<u8>], end: Instant) -> Result<u64> {
    let mut answered = 0;
    for request in requests.iter().cycle() {
        if Instant::now() >= end {
            break;
        }
        let (status, body) = client.exchange(request).await?;
        let body = std::str::from_utf8(body).context("an answer that is no text")?;
        ensure!(
            status == 200 && body.contains(r#""canJoin":true"#),
            "can-join: {status} {body}"
        );
        answered += 1;
    }
    Ok(answered)
}
