//! The session API: what the platform books, confirms and pays (SPEC section 3).

mod bodies;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use self::bodies::{BookingBody, ChangeBody};
use super::body::Json;
use super::error::ApiError;
use super::guard::Caller;
use super::ids::SessionPath;
use super::query::{ListQuery, next_cursor};
use super::reply::{Envelope, ok, reply};
use super::views::session::{SessionData, SessionsData};
use crate::app::App;
use crate::app::sessions::{self, Booked};

/// Book a session
///
/// People are ids of known users, or described and then stored. With an `externalId` that is known
/// already, the stored session is answered with 200 and nothing changes.
#[utoipa::path(
    post, path = "/sessions", tag = "Sessions", operation_id = "createSession",
    request_body = BookingBody,
    responses(
        (status = 201, description = "Booked", body = Envelope<SessionData>),
        (status = 200, description = "Known by its externalId", body = Envelope<SessionData>),
    ),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Json(body): Json<BookingBody>,
) -> Result<Response, ApiError> {
    let (status, booking) = match sessions::book(&app, body.parse()?).await? {
        Booked::New(booking) => (StatusCode::CREATED, booking),
        Booked::Known(booking) => (StatusCode::OK, booking),
    };
    Ok(reply(&app, status, SessionData::from(&*booking)))
}

/// A session
///
/// For its participants and for admins.
#[utoipa::path(
    get, path = "/sessions/{sessionId}", tag = "Sessions", operation_id = "getSession",
    params(("sessionId" = String, Path, description = "24 hex digits")),
    responses((status = 200, description = "The session", body = Envelope<SessionData>)),
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    SessionPath(id): SessionPath,
) -> Result<Response, ApiError> {
    let booking = sessions::load(&app, id, caller.visitor()).await?;
    Ok(ok(&app, SessionData::from(&*booking)))
}

/// Sessions
///
/// One's own, for an admin all; the latest `sessionDate` first.
#[utoipa::path(
    get, path = "/sessions", tag = "Sessions", operation_id = "listSessions",
    params(ListQuery),
    responses((status = 200, description = "A page", body = Envelope<SessionsData>)),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: ListQuery,
) -> Result<Response, ApiError> {
    let page = sessions::list(&app, caller.visitor(), query.parse()?).await?;
    let next = next_cursor(&page);
    Ok(ok(&app, SessionsData::new(&page.bookings, next)))
}

/// Change a session
///
/// Whole or not at all; a value that is already there changes nothing. In Progress and Completed are
/// reached by start and end alone.
#[utoipa::path(
    patch, path = "/sessions/{sessionId}", tag = "Sessions", operation_id = "changeSession",
    params(("sessionId" = String, Path, description = "24 hex digits")),
    request_body = ChangeBody,
    responses((status = 200, description = "Changed", body = Envelope<SessionData>)),
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    SessionPath(id): SessionPath,
    Json(body): Json<ChangeBody>,
) -> Result<Response, ApiError> {
    let booking = sessions::change(&app, id, body.parse()?).await?;
    Ok(ok(&app, SessionData::from(&*booking)))
}
