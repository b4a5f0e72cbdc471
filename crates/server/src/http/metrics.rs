//! `/metrics`: counters in the text format of Prometheus (version 0.0.4), for this machine or for who bears the
//! configured token.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use holdspace_turn::Counters;
use ring::digest::{SHA256, digest};

use crate::app::App;
use crate::listener::ClientAddress;
use crate::relay::Relay;

#[derive(Clone)]
struct Sources {
    app: Arc<App>,
    relay: Option<Arc<Relay>>,
}

/// The routes of this file.
pub fn routes(app: Arc<App>, relay: Option<Arc<Relay>>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(Sources { app, relay })
}

async fn metrics(
    State(sources): State<Sources>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
) -> Response {
    if !may_read(&sources.app, &client, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, "text/plain; version=0.0.4"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let relay = sources.relay.as_ref();
    let text = relay.map(|relay| text(&relay.counters(), relay.shards()));
    (headers, text.unwrap_or_default()).into_response()
}

fn may_read(app: &App, client: &ClientAddress, headers: &HeaderMap) -> bool {
    let Some(token) = &app.config.metrics.token else {
        // What a proxy on this machine passes on comes from elsewhere, whether it is trusted or not.
        let is_passed_on = ["x-forwarded-for", "forwarded", "via"]
            .iter()
            .any(|name| headers.contains_key(*name));
        return client.ip.is_loopback() && !is_passed_on;
    };
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    // Digests are compared, so that the time tells nothing of the token.
    let digest_of = |bytes| digest(&SHA256, bytes);
    given.is_some_and(|given| digest_of(given).as_ref() == digest_of(token.expose()).as_ref())
}

fn text(counters: &Counters, (running, started): (usize, usize)) -> String {
    let mut text = String::new();
    let allocations = counters.allocations();
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "# HELP holdspace_turn_allocations Allocations that are there now.\n\
         # TYPE holdspace_turn_allocations gauge\n\
         holdspace_turn_allocations {allocations}\n\
         # HELP holdspace_turn_shards Threads of the relay that were started.\n\
         # TYPE holdspace_turn_shards gauge\n\
         holdspace_turn_shards {started}\n\
         # HELP holdspace_turn_shards_running Those of them that run; when they are fewer, the log says why.\n\
         # TYPE holdspace_turn_shards_running gauge\n\
         holdspace_turn_shards_running {running}\n"
    );
    for (name, number) in counters.iter() {
        let _ = write!(
            text,
            "# TYPE holdspace_turn_{name}_total counter\n\
             holdspace_turn_{name}_total {number}\n"
        );
    }
    text
}
