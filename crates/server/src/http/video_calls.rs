//! The video-call endpoints of the reference.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::OptionalJson;
use super::error::ApiError;
use super::guard::Caller;
use super::ids::SessionPath;
use super::reply::{Envelope, ok};
use super::text;
use super::views::call::{CanJoinView, EndView, RoomView, StartView};
use super::views::ice::{self, IceView};
use crate::app::{App, admission, call, rooms};

/// A body that may be empty and whose fields do not matter.
#[derive(Default, Deserialize, ToSchema)]
pub(super) struct NoFields {}

/// The body of start. Other fields are passed over.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartBody {
    /// RFC 3339 with an offset; the server's clock when it is missing.
    #[serde(default, deserialize_with = "super::body::present")]
    #[schema(value_type = Option<String>, format = DateTime)]
    start_time: Option<String>,
}

/// The body of end. Other fields are passed over.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndBody {
    /// RFC 3339 with an offset; the server's clock when it is missing.
    #[serde(default, deserialize_with = "super::body::present")]
    #[schema(value_type = Option<String>, format = DateTime)]
    end_time: Option<String>,
}

/// ICE servers
///
/// The STUN and TURN servers for a peer connection. With a shared TURN secret the credentials are the
/// caller's own and expire.
#[utoipa::path(
    get, path = "/video-calls/config", tag = "Video calls", operation_id = "getConfig",
    responses((status = 200, description = "The servers", body = Envelope<IceView>)),
)]
pub(super) async fn config(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
) -> Result<Response, ApiError> {
    let minted = ice::mint(&app.config.ice, caller.user, app.clock.now());
    Ok(ok(&app, IceView::new(&app.config.ice, minted.as_ref())))
}

/// Generate or find the room
///
/// Makes the session's room once it is confirmed and paid, at any time; later calls find the same.
#[utoipa::path(
    post, path = "/video-calls/generate-room/{sessionId}", tag = "Video calls",
    operation_id = "generateRoom",
    params(("sessionId" = String, Path, description = "24 hex digits")),
    responses((status = 200, description = "The room", body = Envelope<RoomView>)),
)]
pub(super) async fn generate_room(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    SessionPath(id): SessionPath,
    OptionalJson(NoFields {}): OptionalJson<NoFields>,
) -> Result<Response, ApiError> {
    let booking = rooms::generate(&app, id, caller.visitor()).await?;
    Ok(ok(&app, RoomView::from(&*booking)))
}

/// Can I join now?
///
/// Whether the caller can join the session's call, and if not why, and when to ask again.
#[utoipa::path(
    get, path = "/video-calls/can-join/{sessionId}", tag = "Video calls", operation_id = "canJoin",
    params(("sessionId" = String, Path, description = "24 hex digits")),
    responses((status = 200, description = "Yes, or why not", body = Envelope<CanJoinView>)),
)]
pub(super) async fn can_join(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    SessionPath(id): SessionPath,
) -> Result<Response, ApiError> {
    let admission = admission::can_join(&app, id, caller.visitor()).await?;
    Ok(ok(&app, CanJoinView::from(admission)))
}

/// Start the call
///
/// Records the start, once. Of many requests at once one wins; the others learn when it started.
#[utoipa::path(
    post, path = "/video-calls/start/{sessionId}", tag = "Video calls", operation_id = "startCall",
    params(("sessionId" = String, Path, description = "24 hex digits")),
    request_body(content = Option<StartBody>),
    responses((status = 200, description = "Started", body = Envelope<StartView>)),
)]
pub(super) async fn start(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    SessionPath(id): SessionPath,
    OptionalJson(body): OptionalJson<StartBody>,
) -> Result<Response, ApiError> {
    let start_time = body.start_time.as_deref();
    let start_time = start_time
        .map(|time| text::instant("startTime", time))
        .transpose()?;
    let booking = call::start(&app, id, caller.visitor(), start_time).await?;
    Ok(ok(&app, StartView::from(&*booking)))
}

/// End the call
///
/// Records the end and the duration, once. Of many requests at once one wins.
#[utoipa::path(
    post, path = "/video-calls/end/{sessionId}", tag = "Video calls", operation_id = "endCall",
    params(("sessionId" = String, Path, description = "24 hex digits")),
    request_body(content = Option<EndBody>),
    responses((status = 200, description = "Ended", body = Envelope<EndView>)),
)]
pub(super) async fn end(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    SessionPath(id): SessionPath,
    OptionalJson(body): OptionalJson<EndBody>,
) -> Result<Response, ApiError> {
    let end_time = body.end_time.as_deref();
    let end_time = end_time
        .map(|time| text::instant("endTime", time))
        .transpose()?;
    let booking = call::end(&app, id, caller.visitor(), end_time).await?;
    Ok(ok(&app, EndView::from(&*booking)))
}
