//! Answers: the envelope `{success, data}` (SPEC row 2).

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;

/// Every answer that is no error.
#[derive(Serialize, ToSchema)]
pub(super) struct Envelope<T> {
    /// Always true here.
    success: bool,
    data: T,
}

/// 200 with `data`.
pub(super) fn ok(app: &App, data: impl Serialize) -> Response {
    reply(app, StatusCode::OK, data)
}

/// `status` with `data`.
pub(super) fn reply(app: &App, status: StatusCode, data: impl Serialize) -> Response {
    if app.config.compat.flat_responses {
        return json_response(status, &flat(data));
    }
    let envelope = Envelope {
        success: true,
        data,
    };
    json_response(status, &envelope)
}

/// The envelope with `data`'s fields beside it, for code copied from the reference's example.
fn flat(data: impl Serialize) -> Value {
    let data = serde_json::to_value(data).unwrap_or_default();
    let mut body = data.clone();
    body["success"] = json!(true);
    body["data"] = data;
    body
}

pub(super) fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    let mut json = Vec::with_capacity(512);
    // Views are made of strings, numbers and maps with text keys, which always serialise.
    if let Err(error) = serde_json::to_writer(&mut json, body) {
        tracing::error!(%error, "an answer could not be written");
    }
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
