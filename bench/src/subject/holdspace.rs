//! The server itself: `holdspace serve` on its embedded database, limits off, visits booked over the session API.
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

use super::{Kind, Subject, Visit, people};
use crate::child::Launch;
use crate::http::Client;
use crate::token::{self, SECRET};

/// Visits are booked over so many connections at once, so that the server can group its writes.
const CONNECTIONS: usize = 16;
const ADMIN: &str = "ad0000000000000000000000";

pub(super) fn prepare(program: &Path, directory: &Path, visits_count: usize) -> Result<Subject> {
    let mut database = std::ffi::OsString::from("sqlite:");
    database.push(directory.join("holdspace.db"));
    let launch = Launch {
        program: program.to_owned(),
        arguments: vec!["serve".into()],
        environment: vec![
            ("HOLDSPACE_HTTP__HOST", "127.0.0.1".into()),
            ("HOLDSPACE_HTTP__PORT", "0".into()),
            ("HOLDSPACE_STORE__URL", database),
            ("HOLDSPACE_AUTH__JWT_SECRET", SECRET.into()),
            ("HOLDSPACE_RATE_LIMIT__AUTH_PER_MINUTE", "0".into()),
            ("HOLDSPACE_RATE_LIMIT__VIDEO_CALLS_PER_MINUTE", "0".into()),
            ("HOLDSPACE_RATE_LIMIT__CONNECTIONS_PER_MINUTE", "0".into()),
            ("HOLDSPACE_SIGNALING__EVENTS_PER_SECOND", "0".into()),
            ("HOLDSPACE_TURN__LISTEN", "127.0.0.1".into()),
            ("HOLDSPACE_TURN__PORT", "0".into()),
        ],
        directory: directory.to_owned(),
    };
    let child = launch.start(None)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let booked = LocalSet::new().block_on(&runtime, book(child.address, visits_count));
    let visits = booked.with_context(|| format!("booking visits\n{}", child.last_words()))?;
    child.stop()?;
    Ok(Subject {
        kind: Kind::Holdspace,
        launch,
        visits,
    })
}

async fn book(address: SocketAddr, visits_count: usize) -> Result<Vec<Visit>> {
    let token: Rc<str> = token::sign(ADMIN, "admin", 0).into();
    let mut tasks = JoinSet::new();
    for first in 0..CONNECTIONS.min(visits_count) {
        let token = Rc::clone(&token);
        tasks.spawn_local(async move {
            let mut client = Client::connect(address).await?;
            let mut visits = Vec::new();
            for number in (first..visits_count).step_by(CONNECTIONS) {
                visits.push(book_one(&mut client, &token, number).await?);
            }
            Ok(visits)
        });
    }
    let visits: Result<Vec<Vec<Visit>>> = tasks.join_all().await.into_iter().collect();
    Ok(visits?.concat())
}

async fn book_one(client: &mut Client, token: &str, number: usize) -> Result<Visit> {
    let people = people(number);
    let [first, second] = &people;
    let body = json!({
        "client": { "id": first.id, "name": format!("Client {number}"), "email": format!("client-{number}@example.com") },
        "psychologist": { "id": second.id, "name": format!("Dr. {number}"), "email": format!("doctor-{number}@example.com") },
        "sessionDate": Timestamp::now().to_string(),
        "status": "Confirmed",
        "paymentStatus": "Completed",
    });
    let data = client
        .post("/api/v1/sessions", token, &body.to_string())
        .await?;
    let session = data["session"]["id"]
        .as_str()
        .context("a session without id")?
        .to_owned();
    let data = client
        .post(
            &format!("/api/v1/video-calls/generate-room/{session}"),
            token,
            "{}",
        )
        .await?;
    let room = data["roomId"]
        .as_str()
        .context("a room without id")?
        .to_owned();
    Ok(Visit {
        session,
        room,
        people,
    })
}
