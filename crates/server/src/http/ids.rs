//! Identifiers in paths: 24 hex digits, checked before anything else of the request (SPEC row 17).

use axum::extract::{FromRequestParts, Path};
use holdspace_domain::{SessionId, UserId};
use http::request::Parts;

use super::code::Code;
use super::error::ApiError;

/// The `{sessionId}` of a path.
pub(super) struct SessionPath(pub(super) SessionId);

/// The `{userId}` of a path.
pub(super) struct UserPath(pub(super) UserId);

impl<S: Send + Sync> FromRequestParts<S> for SessionPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = text(parts, state).await;
        let id = id.and_then(|id| SessionId::parse(&id).ok());
        id.map(Self).ok_or_else(|| {
            let message = "The session id must be 24 hex digits";
            ApiError::new(Code::InvalidSessionId, message)
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for UserPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = text(parts, state).await;
        let id = id.and_then(|id| UserId::parse(&id).ok());
        id.map(Self)
            .ok_or_else(|| ApiError::new(Code::InvalidUserId, "The user id must be 24 hex digits"))
    }
}

/// The path's one parameter, decoded.
async fn text<S: Send + Sync>(parts: &mut Parts, state: &S) -> Option<String> {
    let path = Path::<String>::from_request_parts(parts, state).await;
    path.ok().map(|Path(text)| text)
}
