//! What a socket is told when something is refused: `{message, code, details}`, one place for all.

use holdspace_domain::roster::RosterRefusal;
use holdspace_domain::{Reason, Refusal};
use holdspace_store::StoreError;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::admission::EntryError;
use crate::app::identity::IdentityError;

/// The codes of the reference ("WebSocket Error Codes") and those that SPEC section 4 adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    RoomNotFound,
    RoomFull,
    InvalidSession,
    AuthenticationFailed,
    PermissionDenied,
    ConnectionTimeout,
    InvalidPayload,
    RateLimitExceeded,
    InternalError,
}

impl Code {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::RoomNotFound => "ROOM_NOT_FOUND",
            Self::RoomFull => "ROOM_FULL",
            Self::InvalidSession => "INVALID_SESSION",
            Self::AuthenticationFailed => "AUTHENTICATION_FAILED",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ConnectionTimeout => "CONNECTION_TIMEOUT",
            Self::InvalidPayload => "INVALID_PAYLOAD",
            Self::RateLimitExceeded => "RATE_LIMIT_EXCEEDED",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }
}

/// A refusal as a client sees it.
#[derive(Clone, Debug)]
pub(super) struct SocketError {
    pub(super) code: Code,
    pub(super) message: &'static str,
    pub(super) details: Map<String, Value>,
}

/// The payload of `error`, and `error` of an acknowledgement.
#[derive(Serialize)]
pub(super) struct ErrorView<'a> {
    message: &'a str,
    code: &'static str,
    details: &'a Map<String, Value>,
}

impl SocketError {
    pub(super) fn new(code: Code, message: &'static str) -> Self {
        Self {
            code,
            message,
            details: Map::new(),
        }
    }

    /// Adds a detail.
    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn invalid_payload(message: &'static str) -> Self {
        Self::new(Code::InvalidPayload, message)
    }

    pub(super) fn permission_denied(message: &'static str) -> Self {
        Self::new(Code::PermissionDenied, message)
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(Code::AuthenticationFailed, "A valid token is required")
    }

    pub(super) fn internal() -> Self {
        Self::new(
            Code::InternalError,
            "Something went wrong, please try again",
        )
    }

    fn invalid_session(reason: Reason) -> Self {
        Self::new(Code::InvalidSession, reason.message()).with("reason", reason.code())
    }

    pub(super) fn view(&self) -> ErrorView<'_> {
        ErrorView {
            message: self.message,
            code: self.code.as_str(),
            details: &self.details,
        }
    }
}

impl From<EntryError> for SocketError {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Refused(refusal) => refusal.into(),
            EntryError::Store(error) => error.into(),
        }
    }
}

impl From<IdentityError> for SocketError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Store(error) => error.into(),
            IdentityError::Token(_) | IdentityError::NoRole => Self::unauthenticated(),
        }
    }
}

impl From<Refusal> for SocketError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotParticipant => {
                Self::permission_denied("You are not a participant of this session")
            }
            Refusal::Session(reason) => Self::invalid_session(reason),
        }
    }
}

impl From<RosterRefusal> for SocketError {
    fn from(refusal: RosterRefusal) -> Self {
        match refusal {
            RosterRefusal::Full => Self::new(Code::RoomFull, "The room is full"),
            RosterRefusal::Shut(reason) => Self::invalid_session(reason),
            RosterRefusal::NotInRoom => Self::permission_denied("You are not in this room"),
            RosterRefusal::UnknownPeer => {
                Self::permission_denied("The addressed socket is not in your room")
            }
            RosterRefusal::KeptTooMuch => Self::new(
                Code::RateLimitExceeded,
                "Too much waits for the addressed socket, which is reconnecting",
            ),
        }
    }
}

impl From<StoreError> for SocketError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
        Self::internal()
    }
}
