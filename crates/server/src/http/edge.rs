//! What every answer has: the rules for other origins, `no-store`, and the bodies of errors.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use holdspace_domain::Timestamp;
use http::{HeaderValue, StatusCode, header};

use super::code::Code;
use super::cors::Cors;
use super::error::{ApiError, rendered};
use crate::app::App;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What an answer under `/api` needs before it leaves. Routes have it within their guard: a layer less
/// is a tenth of what can-join costs.
#[derive(Clone)]
pub(super) struct Edge {
    pub(super) app: Arc<App>,
    pub(super) cors: Arc<Cors>,
}

impl Edge {
    /// Writes the body of a refusal, and says who may read and keep the answer. `origin` is what
    /// `Cors::allowed` said of the request.
    pub(super) fn dress(&self, response: Response, origin: Option<HeaderValue>) -> Response {
        let mut response = rendered(response, self.app.clock.now());
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        if self.cors.is_enabled() {
            self.cors.decorate(origin, headers);
        }
        response
    }

    /// The answer to a path that is none.
    pub(super) fn not_found(&self, request: &Request) -> Response {
        let message = "There is nothing here";
        self.refuse(request, &ApiError::new(Code::NotFound, message))
    }

    /// The answer to a method that a path does not know, if it asks for no preflight; the router adds
    /// `Allow`.
    pub(super) fn method_not_allowed(&self, request: &Request) -> Response {
        let message = "This path does not know this method";
        self.refuse(request, &ApiError::new(Code::MethodNotAllowed, message))
    }

    fn refuse(&self, request: &Request, error: &ApiError) -> Response {
        let response = error.render(self.app.clock.now());
        if !is_api(request.uri().path()) {
            return response;
        }
        let origin = self.cors.allowed(request.headers());
        let preflight = self.cors.preflight(request);
        preflight.unwrap_or_else(|| self.dress(response, origin))
    }
}

/// The edge as a layer, for routes without a guard.
pub(super) async fn edge(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let origin = edge.cors.allowed(request.headers());
    edge.dress(next.run(request).await, origin)
}

fn is_api(path: &str) -> bool {
    path.strip_prefix("/api")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The answer when answering panicked.
pub(crate) fn internal_error(now: Timestamp) -> Response {
    ApiError::internal().render(now)
}

/// The answer to a request that arrived, and took too long to work on.
pub(crate) fn unavailable(now: Timestamp) -> Response {
    ApiError::unavailable().render(now)
}

/// The answer to a request that took too long to arrive.
pub(crate) fn arrived_late(now: Timestamp) -> Response {
    let message = "The request took too long to arrive";
    let mut response = ApiError::new(Code::InvalidRequest, message).render(now);
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response
}
