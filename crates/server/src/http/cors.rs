//! Cross-origin requests: none but those of the configured origins (SPEC row 24).

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Idempotency-Key, X-Auth-Token, X-Request-Id",
);
/// `Date` is the clock that a visit goes by, whatever the one of its device says.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, \
     Idempotency-Replayed, X-Request-Id, Date",
);
/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The origins that may read our answers.
#[derive(Clone, Debug)]
pub(crate) struct Cors {
    is_any: bool,
    origins: Vec<HeaderValue>,
}

impl Cors {
    /// `*` allows all. Tokens travel in headers, never in cookies, so no credentials are allowed.
    pub(crate) fn new(origins: &[String]) -> Self {
        Self {
            is_any: origins.iter().any(|origin| origin == "*"),
            origins: origins
                .iter()
                .filter_map(|origin| HeaderValue::from_str(origin).ok())
                .collect(),
        }
    }

    /// Whether any other origin may read answers.
    pub(crate) fn is_enabled(&self) -> bool {
        self.is_any || !self.origins.is_empty()
    }

    /// What `Access-Control-Allow-Origin` says to this request, if its origin is allowed.
    pub(crate) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        if self.is_any {
            return Some(HeaderValue::from_static("*"));
        }
        self.origins.contains(origin).then(|| origin.clone())
    }

    /// The answer to a preflight of an allowed origin; `None` when it is none.
    pub(crate) fn preflight<B>(&self, request: &Request<B>) -> Option<Response> {
        let asks = request.method() == Method::OPTIONS
            && request
                .headers()
                .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let allowed = self.allowed(request.headers()).filter(|_| asks)?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        self.decorate(Some(allowed), headers);
        Some(response)
    }

    /// Lets the allowed origin read the answer.
    pub(crate) fn decorate(&self, allowed: Option<HeaderValue>, headers: &mut HeaderMap) {
        if !self.is_any && self.is_enabled() {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(origin) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}
