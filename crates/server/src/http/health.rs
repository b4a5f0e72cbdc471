//! `/healthz` and `/readyz`, for whoever watches over the process. Neither needs a token.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;

/// The routes of this file.
pub fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .with_state(app)
}

/// The process answers.
async fn live() -> Response {
    answer(StatusCode::OK, r#"{"status":"ok"}"#)
}

/// The store answers, and could be written.
async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.store.ping().await {
        Ok(()) => answer(StatusCode::OK, r#"{"status":"ok","store":"ok"}"#),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            answer(
                StatusCode::SERVICE_UNAVAILABLE,
                r#"{"status":"unavailable","store":"unavailable"}"#,
            )
        }
    }
}

fn answer(status: StatusCode, body: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
