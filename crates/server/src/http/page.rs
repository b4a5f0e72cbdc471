//! The page behind a join link, out of the binary, with the headers that confine it.

use std::fmt::Write;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};

/// What `npm run build` makes in `web/call`. A binary built without it says so at `/call/`.
#[derive(RustEmbed)]
#[folder = "../../web/call/dist"]
#[allow_missing = true]
struct Dist;

/// Nothing from elsewhere, nothing inline, nobody may frame it. Sockets go to wherever the page came from;
/// not every browser counts `ws:` as `'self'`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob: mediastream:; connect-src 'self' ws: wss:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const CONFINEMENT: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self)",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

const LANDING: &str = include_str!("page/landing.html");
const NOT_BUILT: &str = include_str!("page/not_built.html");

/// The routes of this file.
pub fn routes() -> Router {
    Router::new()
        .route("/", get(|| async { html(StatusCode::OK, LANDING) }))
        .route("/call", get(|| async { Redirect::permanent("/call/") }))
        .route("/call/", get(index))
        .route("/call/{*path}", get(asset))
}

async fn index(request: HeaderMap) -> Response {
    match Dist::get("index.html") {
        Some(file) => send("index.html", &file, &request),
        None => html(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT),
    }
}

async fn asset(Path(path): Path<String>, request: HeaderMap) -> Response {
    match Dist::get(&path) {
        Some(file) => send(&path, &file, &request),
        None => html(StatusCode::NOT_FOUND, LANDING),
    }
}

fn html(status: StatusCode, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (status, CONFINEMENT, headers, text).into_response()
}

fn send(path: &str, file: &EmbeddedFile, request: &HeaderMap) -> Response {
    // The bundler puts a hash into the name of everything below `assets/`.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let tag = entity_tag(file);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(content_type(path)),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::ETAG, tag.clone()),
    ];
    if request.get(header::IF_NONE_MATCH) == Some(&tag) {
        return (StatusCode::NOT_MODIFIED, CONFINEMENT, headers).into_response();
    }
    (CONFINEMENT, headers, file.data.to_vec()).into_response()
}

fn entity_tag(file: &EmbeddedFile) -> HeaderValue {
    let mut tag = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        // Writing to a string does not fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

fn content_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
