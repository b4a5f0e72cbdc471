//! Writing runs to its end, whether or not its client still waits: what is saved is also told.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::task::JoinHandle;

use super::error::ApiError;
use crate::telemetry::RequestId;

/// Runs the handler in a task of its own. It must stand behind [`received`](super::received::received):
/// until the body is there the client has asked for nothing, and may go away.
pub(super) async fn uninterrupted(request: Request, next: Next) -> Response {
    // A panic has been logged where it happened.
    let answer = spawn(next.run(request)).await;
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
