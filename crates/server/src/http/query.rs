//! The query of a list of sessions, and the cursor that leads to its next page.

use axum::extract::{FromRequestParts, Query};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use holdspace_domain::{SessionId, SessionStatus, Timestamp};
use holdspace_store::{Page, SessionFilter};
use http::request::Parts;
use serde::Deserialize;
use utoipa::IntoParams;

use super::code::Code;
use super::error::ApiError;
use super::text;

const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 100;

/// `?status=&from=&to=&limit=&cursor=`
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only sessions of this status, in any spelling.
    status: Option<String>,
    /// Only sessions whose date is not before this time.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Only sessions whose date is not after this time.
    #[param(format = DateTime)]
    to: Option<String>,
    /// 1 to 100; 50 when it is missing.
    limit: Option<String>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<Self>::from_request_parts(parts, state).await;
        query.map(|Query(query)| query).map_err(|_| {
            let message = "The query may have status, from, to, limit and cursor, each once";
            ApiError::new(Code::InvalidRequest, message)
        })
    }
}

impl ListQuery {
    pub(super) fn parse(&self) -> Result<SessionFilter, ApiError> {
        let instant = |field: &str, text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| text::instant(field, text)).transpose()
        };
        let status = self.status.as_deref();
        let cursor = self.cursor.as_deref();
        Ok(SessionFilter {
            user: None,
            status: status
                .map(|word| text::word("status", word, SessionStatus::parse))
                .transpose()?,
            from: instant("from", &self.from)?,
            to: instant("to", &self.to)?,
            after: cursor.map(parse_cursor).transpose()?,
            limit: self
                .limit
                .as_deref()
                .map_or(Ok(LIMIT_DEFAULT), parse_limit)?,
        })
    }
}

fn parse_limit(text: &str) -> Result<usize, ApiError> {
    let limit = text.parse().ok();
    limit
        .filter(|limit| (1..=LIMIT_MAX).contains(limit))
        .ok_or_else(|| ApiError::invalid_field("limit", "must be a number from 1 to 100"))
}

/// The cursor behind the last session of a page, if there are more.
pub(super) fn next_cursor(page: &Page) -> Option<String> {
    let last = page.bookings.last().filter(|_| page.more)?;
    let date = last.session.session_date.as_millis();
    Some(BASE64_URL_SAFE_NO_PAD.encode(format!("{date}.{}", last.session.id)))
}

fn parse_cursor(text: &str) -> Result<(Timestamp, SessionId), ApiError> {
    let position = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (date, id) = text.split_once('.')?;
        let date = Timestamp::from_millis(date.parse().ok()?);
        Some((date, SessionId::parse(id).ok()?))
    };
    position().ok_or_else(|| ApiError::invalid_field("cursor", "is none of ours"))
}
