//! The stable codes of REST errors, each with its status: the one place where they meet.

use holdspace_domain::Reason;
use http::StatusCode;

/// What went wrong, as a client's code may tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    InvalidRequest,
    InvalidSessionId,
    InvalidUserId,
    InvalidTime,
    CallAlreadyStarted,
    CallNotStarted,
    AuthenticationFailed,
    /// Not a participant of the session, or not the user: 401 as the reference says (SPEC row 4).
    NotParticipant,
    /// The role may not use the endpoint at all.
    RoleForbidden,
    NotFound,
    SessionNotFound,
    UserNotFound,
    MethodNotAllowed,
    AlreadyExists,
    InvalidTransition,
    IdempotencyInFlight,
    PayloadTooLarge,
    UnsupportedMediaType,
    Session(Reason),
    CallAlreadyEnded,
    IdempotencyKeyReused,
    RateLimitExceeded,
    InternalError,
    ServiceUnavailable,
}

impl Code {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::InvalidSessionId => "INVALID_SESSION_ID",
            Self::InvalidUserId => "INVALID_USER_ID",
            Self::InvalidTime => "INVALID_TIME",
            Self::CallAlreadyStarted => "CALL_ALREADY_STARTED",
            Self::CallNotStarted => "CALL_NOT_STARTED",
            Self::AuthenticationFailed => "AUTHENTICATION_FAILED",
            Self::NotParticipant | Self::RoleForbidden => "PERMISSION_DENIED",
            Self::NotFound => "NOT_FOUND",
            Self::SessionNotFound => "SESSION_NOT_FOUND",
            Self::UserNotFound => "USER_NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::InvalidTransition => "INVALID_TRANSITION",
            Self::IdempotencyInFlight => "IDEMPOTENCY_IN_FLIGHT",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::Session(reason) => reason.code(),
            Self::CallAlreadyEnded => "CALL_ALREADY_ENDED",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::RateLimitExceeded => "RATE_LIMIT_EXCEEDED",
            Self::InternalError => "INTERNAL_ERROR",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
        }
    }

    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::InvalidSessionId
            | Self::InvalidUserId
            | Self::InvalidTime
            | Self::CallAlreadyStarted
            | Self::CallNotStarted => StatusCode::BAD_REQUEST,
            Self::AuthenticationFailed | Self::NotParticipant => StatusCode::UNAUTHORIZED,
            Self::RoleForbidden => StatusCode::FORBIDDEN,
            Self::NotFound | Self::SessionNotFound | Self::UserNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::AlreadyExists | Self::InvalidTransition | Self::IdempotencyInFlight => {
                StatusCode::CONFLICT
            }
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Session(_) | Self::CallAlreadyEnded | Self::IdempotencyKeyReused => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What it means, for the reference.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::InvalidRequest => "the request is malformed; `details.field` names the field",
            Self::InvalidSessionId => "the session id is not 24 hex digits",
            Self::InvalidUserId => "the user id is not 24 hex digits",
            Self::InvalidTime => "a time is unreadable or impossible",
            Self::CallAlreadyStarted => "the call has started; `details.videoCallStarted`",
            Self::CallNotStarted => "the call has never started",
            Self::AuthenticationFailed => {
                "the token or the credentials are missing, bad or expired"
            }
            Self::NotParticipant => "not a participant of the session",
            Self::RoleForbidden => "the role may not do this",
            Self::NotFound => "there is nothing here",
            Self::SessionNotFound => "there is no such session",
            Self::UserNotFound => "there is no such user",
            Self::MethodNotAllowed => "the path knows other methods; see `Allow`",
            Self::AlreadyExists => "the id or e-mail address is known already",
            Self::InvalidTransition => "the session cannot move there; `details` {field, from, to}",
            Self::IdempotencyInFlight => "the first request with this key is still being answered",
            Self::PayloadTooLarge => "the body is longer than 64 KiB",
            Self::UnsupportedMediaType => "the body is not `application/json`",
            Self::Session(reason) => reason.message(),
            Self::CallAlreadyEnded => {
                "the call has ended; `details` {videoCallStarted, videoCallEnded, duration}"
            }
            Self::IdempotencyKeyReused => "the key was used with another body",
            Self::RateLimitExceeded => "too many requests; see `Retry-After`",
            Self::InternalError => "something is broken here",
            Self::ServiceUnavailable => "the store cannot be reached; see `Retry-After`",
        }
    }
}
