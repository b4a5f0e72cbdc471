//! `/healthz` and `/readyz`, for whoever watches over the process. Neither needs a token.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::relay::Relay;

#[derive(Clone)]
struct Sources {
    app: Arc<App>,
    relay: Option<Arc<Relay>>,
}

/// The routes of this file.
pub fn routes(app: Arc<App>, relay: Option<Arc<Relay>>) -> Router {
    Router::new()
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .with_state(Sources { app, relay })
}

/// The process answers.
async fn live() -> Response {
    answer(StatusCode::OK, r#"{"status":"ok"}"#)
}

/// The store answers, and could be written; every thread of the relay runs.
async fn ready(State(sources): State<Sources>) -> Response {
    let store = sources.app.store.ping().await;
    if let Err(error) = &store {
        tracing::warn!(error = error as &dyn std::error::Error, "not ready");
    }
    let shards = sources.relay.as_ref().map(|relay| relay.shards());
    let (status, body) = readiness(store.is_ok(), shards);
    answer(status, body)
}

/// `shards`: how many of the relay's threads run, and how many were started, if there is a relay here.
fn readiness(is_stored: bool, shards: Option<(usize, usize)>) -> (StatusCode, &'static str) {
    let is_relayed = shards.is_none_or(|(running, started)| running == started);
    match (is_stored, is_relayed) {
        (true, true) => (StatusCode::OK, r#"{"status":"ok","store":"ok"}"#),
        (false, true) => (
            StatusCode::SERVICE_UNAVAILABLE,
            r#"{"status":"unavailable","store":"unavailable"}"#,
        ),
        (true, false) => (
            StatusCode::SERVICE_UNAVAILABLE,
            r#"{"status":"unavailable","store":"ok","relay":"a thread of it has ended"}"#,
        ),
        (false, false) => (
            StatusCode::SERVICE_UNAVAILABLE,
            r#"{"status":"unavailable","store":"unavailable","relay":"a thread of it has ended"}"#,
        ),
    }
}

fn answer(status: StatusCode, body: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_when_the_store_answers_and_the_whole_relay_runs() {
        for (is_stored, shards, status, names_relay) in [
            (true, None, 200, false),
            (true, Some((2, 2)), 200, false),
            (true, Some((1, 2)), 503, true),
            (true, Some((0, 1)), 503, true),
            (false, Some((2, 2)), 503, false),
            (false, Some((1, 2)), 503, true),
        ] {
            let (given, body) = readiness(is_stored, shards);
            let case = format!("{is_stored} {shards:?}: {body}");
            assert_eq!(given.as_u16(), status, "{case}");
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body.get("relay").is_some(), names_relay, "{case}");
            assert_eq!(body["store"] == "ok", is_stored, "{case}");
        }
    }
}
