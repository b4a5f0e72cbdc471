//! Around all routes: cross-origin rules, `no-store`, and the bodies of errors.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use holdspace_domain::Timestamp;
use http::{HeaderValue, StatusCode, header};

use super::code::Code;
use super::cors::Cors;
use super::error::{ApiError, rendered};
use crate::app::App;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The edge's state.
#[derive(Clone)]
pub(super) struct Edge {
    pub(super) app: Arc<App>,
    pub(super) cors: Arc<Cors>,
}

pub(super) async fn edge(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    if !is_api(request.uri().path()) {
        return rendered(next.run(request).await, edge.app.clock.now());
    }
    if let Some(response) = edge.cors.preflight(&request) {
        return response;
    }
    let allowed = edge.cors.allowed(request.headers());
    let mut response = rendered(next.run(request).await, edge.app.clock.now());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    if edge.cors.is_enabled() {
        edge.cors.decorate(allowed, headers);
    }
    response
}

fn is_api(path: &str) -> bool {
    path.strip_prefix("/api")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The answer to a path that is none.
pub(super) async fn not_found() -> Response {
    ApiError::new(Code::NotFound, "There is nothing here").into_response()
}

/// The answer to a method that a path does not know; the router adds `Allow`.
pub(super) async fn method_not_allowed() -> Response {
    let message = "This path does not know this method";
    ApiError::new(Code::MethodNotAllowed, message).into_response()
}

/// The answer when answering panicked.
pub(crate) fn internal_error(now: Timestamp) -> Response {
    ApiError::internal().render(now)
}

/// The answer to a request that took too long to arrive.
pub(crate) fn too_slow(now: Timestamp) -> Response {
    let message = "The request took too long to arrive";
    let mut response = ApiError::new(Code::InvalidRequest, message).render(now);
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response
}
