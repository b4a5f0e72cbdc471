//! The page's files, which the binary carries, each in the form that the request would have.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::super::accept_encoding::Encoding;
use super::super::entity_tag::{entity_tag, hex, is_known};
use super::confinement;

/// What `npm run build` makes in `web/call`, with what it compressed beside it. A binary built without
/// it says so at `/call/`.
#[derive(RustEmbed)]
#[folder = "../../web/call/dist"]
#[allow_missing = true]
struct Dist;

/// The element for pages of others, under a name that never changes.
const ELEMENT: &str = "holdspace-call.js";

/// The bundler puts a hash into the name of everything in here.
const HASHED: &str = "assets/";

const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const CHECKED: HeaderValue = HeaderValue::from_static("no-cache");

/// How long a content may be used without asking, by whether its name changes with it.
pub(super) fn cache_control(is_hashed: bool) -> HeaderValue {
    if is_hashed { KEPT } else { CHECKED }
}

/// The answer with this file; `None` when there is none.
pub(super) fn file(path: &str, request: &HeaderMap) -> Option<Response> {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    // These are forms of other files.
    if matches!(extension, "br" | "gz") {
        return None;
    }
    let (encoding, file) = Encoding::accepted(request)
        .into_iter()
        .find_map(|encoding| {
            let name = format!("{path}{}", encoding.suffix());
            Some((encoding, Dist::get(&name)?))
        })?;
    let tag = entity_tag(&hex(&file.metadata.sha256_hash()));
    let mut response = if is_known(request, &tag) {
        not_modified()
    } else {
        Response::new(body(file))
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(extension)),
    );
    headers.insert(
        header::CACHE_CONTROL,
        cache_control(path.starts_with(HASHED)),
    );
    headers.insert(header::ETAG, tag);
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(word) = encoding.as_str() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(word));
    }
    if path == ELEMENT {
        confinement::open_file(headers);
    } else {
        confinement::own_file(headers);
    }
    if extension == "svg" {
        confinement::picture(headers);
    }
    Some(response)
}

/// An answer without a body.
pub(super) fn not_modified() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response
}

fn body(file: EmbeddedFile) -> Body {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes).into(),
        Cow::Owned(bytes) => bytes.into(),
    }
}

fn content_type(extension: &str) -> &'static str {
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
