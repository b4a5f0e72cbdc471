//! `Idempotency-Key`: the same key by the same user on the same path is answered once (SPEC row 14).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use holdspace_domain::UserId;
use holdspace_store::{Begun, IdempotencyKey, Reply};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use ring::digest::{SHA256, digest};

use super::body::{self, Unread};
use super::code::Code;
use super::error::{ApiError, rendered};
use super::uninterrupted::spawn;
use crate::app::App;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const KEY_BYTES_MAX: usize = 255;
/// The store takes over a claim that is older than 15 s, so no answer may take that long.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs the handler, unless the key says that it ran before.
pub(super) async fn answer_once(
    app: &Arc<App>,
    user: UserId,
    request: Request,
    next: Next,
) -> Response {
    match key(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => {
            let path = canonical_path(request.uri().path()).to_owned();
            let key = IdempotencyKey { user, path, key };
            let answer = answer_keyed(app, key, request, next).await;
            answer.unwrap_or_else(IntoResponse::into_response)
        }
        Err(error) => error.into_response(),
    }
}

async fn answer_keyed(
    app: &Arc<App>,
    key: IdempotencyKey,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    if let Some(Unread(error)) = parts.extensions.remove() {
        return Err(error);
    }
    let body = body::read(body).await?;
    let digest = body_digest(&body);
    let request = Request::from_parts(parts, Body::from(body));
    // In a task of its own from the claim on: a client that goes away must leave neither half the
    // work nor a key that is in flight for ever.
    let answer = claim_and_answer(Arc::clone(app), key, digest, request, next);
    let answer = spawn(answer).await;
    answer.unwrap_or_else(|_| Err(ApiError::internal()))
}

async fn claim_and_answer(
    app: Arc<App>,
    key: IdempotencyKey,
    body_digest: [u8; 32],
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    match app.store.begin_idempotent(&key, body_digest, now).await? {
        Begun::First => Ok(answer_first(&app, &key, request, next).await),
        Begun::Replay(reply) => Ok(replay(reply)),
        Begun::OtherBody => Err(ApiError::new(
            Code::IdempotencyKeyReused,
            "This Idempotency-Key was used with another body",
        )),
        Begun::InFlight => {
            let message = "The first request with this Idempotency-Key is still being answered";
            Err(ApiError::new(Code::IdempotencyInFlight, message).retry_after(1))
        }
    }
}

async fn answer_first(app: &App, key: &IdempotencyKey, request: Request, next: Next) -> Response {
    let work = tokio::time::timeout(ANSWER_TIMEOUT, next.run(request));
    let response = work
        .await
        .unwrap_or_else(|_| ApiError::unavailable().into_response());
    let response = rendered(response, app.clock.now());
    if response.status().is_server_error() {
        abandon(app, key).await;
        return response;
    }
    keep(app, key, response).await
}

/// Keeps the reply. When that fails the work is done all the same, and so the client is told.
async fn keep(app: &App, key: &IdempotencyKey, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else {
        return ApiError::internal().into_response();
    };
    let reply = Reply {
        status: parts.status.as_u16(),
        body: body.to_bytes(),
    };
    let kept = app
        .store
        .finish_idempotent(key, &reply, app.clock.now())
        .await;
    if let Err(error) = kept {
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, "the reply to an idempotent request was not kept");
    }
    Response::from_parts(parts, Body::from(reply.body))
}

async fn abandon(app: &App, key: &IdempotencyKey) {
    if let Err(error) = app.store.abandon_idempotent(key).await {
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, "an idempotency key was not given back");
    }
}

fn replay(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all(KEY).iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let is_key = (1..=KEY_BYTES_MAX).contains(&first.len())
        && first
            .as_bytes()
            .iter()
            .all(|byte| (b' '..=b'~').contains(byte))
        && values.next().is_none();
    let key = first.to_str().ok().filter(|_| is_key);
    key.map(|key| Some(key.to_owned())).ok_or_else(|| {
        let complaint = "must be one value of 1 to 255 printable ASCII characters";
        ApiError::invalid_field("Idempotency-Key", complaint)
    })
}

/// The path without its version, since both prefixes are one API.
fn canonical_path(path: &str) -> &str {
    let path = path.strip_prefix("/api").unwrap_or(path);
    path.strip_prefix("/v1").unwrap_or(path)
}

fn body_digest(body: &Bytes) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, body).as_ref());
    bytes
}
