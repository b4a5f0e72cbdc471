//! Signing in and out (SPEC row 19). An `Idempotency-Key` is not looked at here: a kept reply would be
//! a kept token.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Json;
use super::error::ApiError;
use super::guard::Caller;
use super::reply::{Envelope, ok};
use super::views::person::{UserData, UserView};
use super::views::scalar::Id;
use super::views::sign_in::{MessageData, SignedInData};
use crate::app::{App, sign_in};
use crate::auth::PASSWORD_BYTES_MAX;

/// The body of login.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginBody {
    email: String,
    password: String,
}

/// The body of refresh and logout.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RefreshBody {
    refresh_token: String,
}

/// Sign in
///
/// Trades an e-mail address and a password for a token. A wrong password and an unknown address read
/// the same.
#[utoipa::path(
    post, path = "/auth/login", tag = "Sign-in", operation_id = "login",
    request_body = LoginBody,
    responses((status = 200, description = "Signed in", body = Envelope<SignedInData>)),
)]
pub(super) async fn login(
    State(app): State<Arc<App>>,
    Json(body): Json<LoginBody>,
) -> Result<Response, ApiError> {
    if body.password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::invalid_field("password", "is too long"));
    }
    let signed_in = sign_in::login(&app, body.email.trim(), body.password).await?;
    Ok(ok(&app, SignedInData::from(&signed_in)))
}

/// Stay signed in
///
/// Trades a refresh token, once, for a new pair. The reuse of an old one revokes all that followed it.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "Sign-in", operation_id = "refresh",
    request_body = RefreshBody,
    responses((status = 200, description = "A new pair", body = Envelope<SignedInData>)),
)]
pub(super) async fn refresh(
    State(app): State<Arc<App>>,
    Json(body): Json<RefreshBody>,
) -> Result<Response, ApiError> {
    let signed_in = sign_in::refresh(&app, &body.refresh_token).await?;
    Ok(ok(&app, SignedInData::from(&signed_in)))
}

/// Sign out
///
/// Revokes the refresh token and all of its family. Access tokens last until they expire.
#[utoipa::path(
    post, path = "/auth/logout", tag = "Sign-in", operation_id = "logout",
    request_body = RefreshBody,
    responses((status = 200, description = "Signed out", body = Envelope<MessageData>)),
)]
pub(super) async fn logout(
    State(app): State<Arc<App>>,
    Json(body): Json<RefreshBody>,
) -> Result<Response, ApiError> {
    sign_in::logout(&app, &body.refresh_token).await?;
    let message = "Signed out";
    Ok(ok(&app, MessageData { message }))
}

/// Who am I?
///
/// The user of the token: as stored here, else as the token says.
#[utoipa::path(
    get, path = "/auth/me", tag = "Sign-in", operation_id = "getMe",
    responses((status = 200, description = "The user", body = Envelope<UserData>)),
)]
pub(super) async fn me(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
) -> Result<Response, ApiError> {
    let stored = sign_in::who_is(&app, caller.user).await?;
    let user = UserView {
        id: Id(caller.user),
        name: stored
            .as_ref()
            .map_or(caller.name.as_deref(), |person| Some(&person.name)),
        email: stored.as_ref().map(|person| &*person.email),
        role: caller.role.as_str(),
    };
    Ok(ok(&app, UserData { user }))
}
