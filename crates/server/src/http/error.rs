//! From refusals to error bodies (SPEC row 3): every refusal's code, text and details in one place.

use std::error::Error;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use holdspace_domain::{
    BookingRefusal, CallLength, CallRefusal, ChangeRefusal, Refusal, Timestamp,
};
use holdspace_store::StoreError;
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::code::Code;
use super::reply::json_response;
use crate::app::SessionError;
use crate::app::identity::IdentityError;
use crate::app::sessions::{BookingError, Place};
use crate::app::sign_in::SignInError;
use crate::app::users::UserError;
use crate::auth::{ClaimRefusal, PasswordError, TokenRefusal};
use crate::time::rfc3339;

/// A refusal on its way to the client. Its body is written at the edge, where the time is known.
#[derive(Clone, Debug)]
pub(super) struct ApiError(Box<Facts>);

#[derive(Clone, Debug)]
struct Facts {
    code: Code,
    message: String,
    details: Map<String, Value>,
    retry_after_seconds: Option<i64>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    success: bool,
    error: ErrorView<'a>,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    code: &'static str,
    message: &'a str,
    details: &'a Map<String, Value>,
    timestamp: String,
}

impl ApiError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            code,
            message: message.into(),
            details: Map::new(),
            retry_after_seconds: None,
        }))
    }

    /// Adds a detail.
    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.details.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn retry_after(mut self, seconds: i64) -> Self {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// 400: `field` is wrong in the way that `complaint` says.
    pub(super) fn invalid_field(field: &str, complaint: &str) -> Self {
        Self::new(Code::InvalidRequest, format!("{field} {complaint}")).with("field", field)
    }

    /// 400: `field` is no time, or an impossible one.
    pub(super) fn invalid_time(field: &str, complaint: &str) -> Self {
        Self::new(Code::InvalidTime, format!("{field} {complaint}")).with("field", field)
    }

    pub(super) fn unauthenticated(message: &str) -> Self {
        Self::new(Code::AuthenticationFailed, message)
    }

    pub(super) fn internal() -> Self {
        Self::new(Code::InternalError, "Something went wrong on our side")
    }

    /// 503: trying again soon may work.
    pub(super) fn unavailable() -> Self {
        let message = "The service is unavailable at the moment, please try again";
        Self::new(Code::ServiceUnavailable, message).retry_after(1)
    }

    fn not_participant() -> Self {
        let message = "You are not authorized for this session";
        Self::new(Code::NotParticipant, message)
    }

    fn session_not_found() -> Self {
        Self::new(Code::SessionNotFound, "Session not found")
    }

    /// The whole answer, with its body.
    pub(super) fn render(&self, now: Timestamp) -> Response {
        let facts = &*self.0;
        let body = ErrorBody {
            success: false,
            error: ErrorView {
                code: facts.code.as_str(),
                message: &facts.message,
                details: &facts.details,
                timestamp: rfc3339(now),
            },
        };
        let mut response = json_response(facts.code.status(), &body);
        if let Some(seconds) = facts.retry_after_seconds {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.0.code.status();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of a refusal that has none yet; what the layers between have added stays.
pub(super) fn rendered(mut response: Response, now: Timestamp) -> Response {
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    let (parts, body) = error.render(now).into_parts();
    *response.body_mut() = body;
    response.headers_mut().extend(parts.headers);
    response
}

fn log_failure(what: &'static str, error: &(dyn Error + 'static)) {
    tracing::error!(error, "{what}");
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        log_failure("the store failed", &error);
        match error {
            StoreError::Unavailable(_) => Self::unavailable(),
            StoreError::Corrupt(_) | StoreError::Refused(_) => Self::internal(),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        log_failure("a password could not be hashed", &error);
        Self::internal()
    }
}

impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Token(TokenRefusal::Claim(ClaimRefusal::Expired)) => {
                Self::unauthenticated("The token has expired")
            }
            IdentityError::Token(_) => Self::unauthenticated("The token is not valid"),
            IdentityError::NoRole => Self::unauthenticated("The token names no role"),
            IdentityError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::NotOffered => Self::new(Code::NotFound, "Nobody can sign in here"),
            SignInError::WrongCredentials => {
                Self::unauthenticated("The e-mail address or the password is wrong")
            }
            SignInError::BadRefreshToken => {
                Self::unauthenticated("The refresh token is not valid any more")
            }
            SignInError::Password(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<UserError> for ApiError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::AlreadyExists => {
                let message = "A user with this id or e-mail address exists already";
                Self::new(Code::AlreadyExists, message)
            }
            UserError::NotFound => Self::new(Code::UserNotFound, "User not found"),
            UserError::Password(error) => error.into(),
            UserError::Store(error) => error.into(),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotParticipant => Self::not_participant(),
            Refusal::Session(reason) => Self::new(Code::Session(reason), reason.message()),
        }
    }
}

impl From<CallRefusal> for ApiError {
    fn from(refusal: CallRefusal) -> Self {
        match refusal {
            CallRefusal::Admission(refusal) => refusal.into(),
            CallRefusal::AlreadyStarted { started_at } => {
                Self::new(Code::CallAlreadyStarted, "The call has already started")
                    .with("videoCallStarted", rfc3339(started_at))
            }
            CallRefusal::NotStarted => Self::new(Code::CallNotStarted, "The call has not started"),
            CallRefusal::AlreadyEnded {
                started_at,
                ended_at,
            } => Self::new(Code::CallAlreadyEnded, "The call has already ended")
                .with("videoCallStarted", rfc3339(started_at))
                .with("videoCallEnded", rfc3339(ended_at))
                .with(
                    "duration",
                    CallLength::between(started_at, ended_at).minutes(),
                ),
            CallRefusal::InvalidTime => Self::new(
                Code::InvalidTime,
                "The given time lies outside what is possible for this call",
            ),
        }
    }
}

impl From<ChangeRefusal> for ApiError {
    fn from(refusal: ChangeRefusal) -> Self {
        let moved = |field: &str, from: &str, to: &str| {
            let message = format!("{field} cannot move from {from} to {to}");
            Self::new(Code::InvalidTransition, message)
                .with("field", field)
                .with("from", from)
                .with("to", to)
        };
        match refusal {
            ChangeRefusal::Status { from, to } => moved("status", from.title(), to.title()),
            ChangeRefusal::Payment { from, to } => moved("paymentStatus", from.title(), to.title()),
            ChangeRefusal::DateAfterStart => Self::new(
                Code::InvalidTransition,
                "sessionDate cannot move once the call has started",
            )
            .with("field", "sessionDate"),
            ChangeRefusal::Booking(refusal) => refusal.into(),
        }
    }
}

impl From<BookingRefusal> for ApiError {
    fn from(refusal: BookingRefusal) -> Self {
        match refusal {
            BookingRefusal::PersonTwice => Self::new(
                Code::InvalidRequest,
                "The same person is booked twice in this session",
            )
            .with("field", "guests"),
            BookingRefusal::TooManyPeople => {
                Self::invalid_field("guests", "are more than a room may hold")
            }
            BookingRefusal::Duration => {
                Self::invalid_field("durationMinutes", "must be between 1 and 1440")
            }
        }
    }
}

impl<R: Into<Self>> From<SessionError<R>> for ApiError {
    fn from(error: SessionError<R>) -> Self {
        match error {
            SessionError::NotFound => Self::session_not_found(),
            SessionError::Refused(refusal) => refusal.into(),
            SessionError::Contended => Self::unavailable(),
            SessionError::Store(error) => error.into(),
        }
    }
}

impl From<BookingError> for ApiError {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::UnknownUser(place) => {
                Self::invalid_field(field_of(place), "is no known user")
            }
            BookingError::OtherPerson(place) => {
                let message = "The person is known under another id or e-mail address";
                Self::new(Code::AlreadyExists, message).with("field", field_of(place))
            }
            BookingError::Booking(refusal) => refusal.into(),
            BookingError::Change(refusal) => refusal.into(),
            BookingError::NotFound => Self::session_not_found(),
            BookingError::Contended => Self::unavailable(),
            BookingError::User(error) => error.into(),
            BookingError::Store(error) => error.into(),
        }
    }
}

const fn field_of(place: Place) -> &'static str {
    match place {
        Place::Client => "client",
        Place::Psychologist => "psychologist",
        Place::Guests => "guests",
    }
}

/// An example of an error body, for the reference.
pub(super) fn example(code: Code) -> Value {
    json!({
        "success": false,
        "error": {
            "code": code.as_str(),
            "message": code.meaning(),
            "details": {},
            "timestamp": "2025-12-15T14:00:00.000Z",
        }
    })
}
