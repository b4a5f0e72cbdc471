//! The whole body is received before anything is said: a refusal that comes while the client still sends
//! would end its connection, and may not even reach it.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, header};

use super::body::{self, Unread};

/// Receives the body, at most as long as it may be.
pub(super) async fn received(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match body::read(body).await {
        Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
        // Refused by whoever wants it, after what is checked before (SPEC row 17).
        Err(error) => {
            parts.extensions.insert(Unread(error));
            let mut response = next.run(Request::from_parts(parts, Body::empty())).await;
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
            response
        }
    }
}
