//! Writing runs to its end, whether or not its client still waits: what is saved is also told.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::task::JoinHandle;

use super::body::{self, Unread};
use super::error::ApiError;
use crate::telemetry::RequestId;

/// Runs the handler in a task of its own, once the body is there. Until then the client has asked for
/// nothing, and may go away.
pub(super) async fn uninterrupted(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match body::read(body).await {
        Ok(body) => Body::from(body),
        // The handler refuses it, after what it checks before (SPEC row 17).
        Err(error) => {
            parts.extensions.insert(Unread(error));
            Body::empty()
        }
    };
    let answer = spawn(next.run(Request::from_parts(parts, body))).await;
    // A panic has been logged where it happened.
    answer.unwrap_or_else(|_panic| ApiError::internal().into_response())
}

/// A task of its own that still belongs to the request.
pub(super) fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    match RequestId::current() {
        Some(id) => tokio::spawn(id.scope(work)),
        None => tokio::spawn(work),
    }
}
