//! Request bodies: at most 64 KiB, JSON, an object; what is wrong is named by its field.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body as _;
use serde::de::DeserializeOwned;

use super::code::Code;
use super::error::ApiError;

const BODY_BYTES_MAX: usize = 64 * 1024;

/// A JSON object that must be there.
pub(super) struct Json<T>(pub(super) T);

/// A JSON object that may be missing, as may the whole body.
pub(super) struct OptionalJson<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let body = read_json(request).await?;
        let body = body
            .ok_or_else(|| ApiError::new(Code::InvalidRequest, "The body must be a JSON object"))?;
        parse(&body).map(Self)
    }
}

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let body = read_json(request).await?;
        body.map_or_else(|| Ok(Self(T::default())), |body| parse(&body).map(Self))
    }
}

/// Why a body could not be read, as an extension of its request.
#[derive(Clone)]
pub(super) struct Unread(pub(super) ApiError);

/// The body, or `None` when it is empty.
async fn read_json(request: Request) -> Result<Option<Bytes>, ApiError> {
    let (mut parts, body) = request.into_parts();
    if let Some(Unread(error)) = parts.extensions.remove() {
        return Err(error);
    }
    if body.is_end_stream() {
        return Ok(None);
    }
    let body = read(body).await?;
    if body.is_empty() {
        return Ok(None);
    }
    if !is_json(&parts.headers) {
        return Err(ApiError::new(
            Code::UnsupportedMediaType,
            "The body must be application/json",
        ));
    }
    Ok(Some(body))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let Some(value) = value.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// The whole body, unless it is too long.
pub(super) async fn read(body: Body) -> Result<Bytes, ApiError> {
    let too_large = || {
        ApiError::new(
            Code::PayloadTooLarge,
            "The body must not be longer than 64 KiB",
        )
    };
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(too_large());
    }
    let collected = Limited::new(body, BODY_BYTES_MAX).collect().await;
    let collected = collected.map_err(|error| {
        if error.is::<LengthLimitError>() {
            too_large()
        } else {
            ApiError::new(Code::InvalidRequest, "The body could not be read")
        }
    })?;
    Ok(collected.to_bytes())
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // serde would take an array for a struct.
    let is_object = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if !is_object {
        return Err(not_json());
    }
    serde_json::from_slice(body).map_err(|error| complaint::<T>(&error, body))
}

fn not_json() -> ApiError {
    ApiError::new(Code::InvalidRequest, "The body must be a JSON object")
}

/// Says which field is wrong. The body is read a second time for that.
fn complaint<T: DeserializeOwned>(error: &serde_json::Error, body: &[u8]) -> ApiError {
    if !error.is_data() {
        return not_json();
    }
    let text = error.to_string();
    for (start, complaint) in [
        ("missing field `", "is missing"),
        ("unknown field `", "is not known"),
        ("duplicate field `", "is there twice"),
    ] {
        if let Some(rest) = text.strip_prefix(start) {
            let field = rest.split('`').next().unwrap_or_default();
            let path = path_to_error::<T>(body);
            let parent = path
                .strip_suffix(field)
                .unwrap_or(&path)
                .trim_end_matches('.');
            let field = match parent {
                "" => field.to_owned(),
                parent => format!("{parent}.{field}"),
            };
            return ApiError::invalid_field(&field, complaint);
        }
    }
    ApiError::invalid_field(&path_to_error::<T>(body), "has a wrong type")
}

/// The path of the field that serde refuses; empty at the top.
fn path_to_error<T: DeserializeOwned>(body: &[u8]) -> String {
    let deserializer = &mut serde_json::Deserializer::from_slice(body);
    let error = serde_path_to_error::deserialize::<_, T>(deserializer).err();
    let path = error.map(|error| error.path().to_string());
    path.filter(|path| path != ".").unwrap_or_default()
}

/// A field that is there must not be null.
pub(super) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
