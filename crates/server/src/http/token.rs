//! The token of a request: `x-auth-token`, or `Authorization: Bearer`. Never from the URL.

use http::{HeaderMap, HeaderName, header};

use super::error::ApiError;

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// The token, or why there is none.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, ApiError> {
    if let Some(token) = only(headers, &X_AUTH_TOKEN)? {
        return Ok(token);
    }
    let credentials = only(headers, &header::AUTHORIZATION)?;
    let credentials = credentials.ok_or_else(missing)?;
    let (scheme, token) = credentials.split_once(' ').ok_or_else(missing)?;
    // Schemes are read without regard to case (RFC 9110 §11.1).
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim_start())
    } else {
        Err(missing())
    }
}

/// The header's value; one that is there twice is ambiguous and refused.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ApiError> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(ApiError::unauthenticated("There is more than one token"));
    }
    let text = first.to_str();
    text.map(Some)
        .map_err(|_| ApiError::unauthenticated("The token is not valid"))
}

fn missing() -> ApiError {
    ApiError::unauthenticated("A token is required: x-auth-token, or Authorization: Bearer")
}
