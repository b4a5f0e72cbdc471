//! The HTTP answers of the Engine.IO layer.
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, SEC_WEBSOCKET_VERSION};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// The body of every answer.
pub type Body = Full<Bytes>;

/// A refusal with the code and the words that the Node.js server uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownTransport,
    UnknownSid,
    BadHandshakeMethod,
    BadRequest,
    UnsupportedVersion,
}

impl Refusal {
    pub(crate) fn response(self) -> Response<Body> {
        let body = match self {
            Self::UnknownTransport => r#"{"code":0,"message":"Transport unknown"}"#,
            Self::UnknownSid => r#"{"code":1,"message":"Session ID unknown"}"#,
            Self::BadHandshakeMethod => r#"{"code":2,"message":"Bad handshake method"}"#,
            Self::BadRequest => r#"{"code":3,"message":"Bad request"}"#,
            Self::UnsupportedVersion => r#"{"code":5,"message":"Unsupported protocol version"}"#,
        };
        answer(
            StatusCode::BAD_REQUEST,
            "application/json",
            Bytes::from_static(body.as_bytes()),
        )
    }
}

/// A packet or several, in answer to a poll.
pub(crate) fn payload(bytes: impl Into<Bytes>) -> Response<Body> {
    answer(StatusCode::OK, "text/plain; charset=UTF-8", bytes.into())
}

/// The answer to a request that brought packets.
pub(crate) fn ok() -> Response<Body> {
    // Not text/plain: some browsers offer that for download.
    answer(StatusCode::OK, "text/html", Bytes::from_static(b"ok"))
}

/// An answer of a status alone.
pub(crate) fn status(status: StatusCode) -> Response<Body> {
    answer(status, "text/plain; charset=UTF-8", Bytes::new())
}

/// The answer to a websocket request that is none of RFC 6455.
pub(crate) fn wrong_websocket() -> Response<Body> {
    let mut response = Refusal::BadRequest.response();
    response
        .headers_mut()
        .insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

fn answer(status: StatusCode, content_type: &'static str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
