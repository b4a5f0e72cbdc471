//! Ids, roles, statuses and dates on the command line.

use holdspace_domain::{
    PaymentStatus, Role, SessionId, SessionStatus, SessionType, Timestamp, UserId,
};

pub(super) fn user_id(text: &str) -> Result<UserId, String> {
    UserId::parse(text).map_err(|_| "must be 24 hex digits".to_owned())
}

pub(super) fn session_id(text: &str) -> Result<SessionId, String> {
    SessionId::parse(text).map_err(|_| "must be 24 hex digits".to_owned())
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).map_err(|_| "must be client, psychologist or admin".to_owned())
}

pub(super) fn session_type(text: &str) -> Result<SessionType, String> {
    SessionType::parse(text).map_err(|_| one_of(SessionType::ALL.iter().map(|word| word.title())))
}

pub(super) fn status(text: &str) -> Result<SessionStatus, String> {
    SessionStatus::parse(text)
        .map_err(|_| one_of(SessionStatus::ALL.iter().map(|word| word.title())))
}

pub(super) fn payment(text: &str) -> Result<PaymentStatus, String> {
    PaymentStatus::parse(text)
        .map_err(|_| one_of(PaymentStatus::ALL.iter().map(|word| word.title())))
}

/// RFC 3339 with an offset.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    parsed
        .map(|instant| Timestamp::from_millis(instant.as_millisecond()))
        .map_err(|_| "must be a time like 2025-12-15T14:00:00Z".to_owned())
}

fn one_of(words: impl Iterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.collect();
    format!("must be one of {}", words.join(", "))
}
