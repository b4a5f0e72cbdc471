//! The users of the session API (SPEC section 3).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use holdspace_domain::Role;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Json;
use super::code::Code;
use super::error::ApiError;
use super::guard::Caller;
use super::ids::UserPath;
use super::reply::{Envelope, ok, reply};
use super::text;
use super::views::person::UserData;
use crate::app::App;
use crate::app::users::{self, UserRequest};
use crate::auth::PASSWORD_BYTES_MAX;

/// A user to store.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserBody {
    /// 24 hex digits; a fresh one when it is missing.
    id: Option<String>,
    name: String,
    /// Unique without regard to case.
    email: String,
    /// `client`, `psychologist` or `admin`.
    role: String,
    /// For those who sign in here.
    password: Option<String>,
}

/// Store a user
#[utoipa::path(
    post, path = "/users", tag = "Users", operation_id = "createUser",
    request_body = UserBody,
    responses((status = 201, description = "Stored", body = Envelope<UserData>)),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Json(body): Json<UserBody>,
) -> Result<Response, ApiError> {
    let person = users::create(&app, body.parse()?).await?;
    let user = (&person).into();
    Ok(reply(&app, StatusCode::CREATED, UserData { user }))
}

/// A user
///
/// For the user himself and for admins.
#[utoipa::path(
    get, path = "/users/{userId}", tag = "Users", operation_id = "getUser",
    params(("userId" = String, Path, description = "24 hex digits")),
    responses((status = 200, description = "The user", body = Envelope<UserData>)),
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    UserPath(id): UserPath,
) -> Result<Response, ApiError> {
    if caller.role != Role::Admin && caller.user != id {
        let message = "Only an administrator may look at other users";
        return Err(ApiError::new(Code::RoleForbidden, message));
    }
    let person = users::load(&app, id).await?;
    let user = (&person).into();
    Ok(ok(&app, UserData { user }))
}

impl UserBody {
    fn parse(self) -> Result<UserRequest, ApiError> {
        let id = self.id.as_deref();
        let password = self.password;
        let fits = |password: &String| (1..=PASSWORD_BYTES_MAX).contains(&password.len());
        if !password.as_ref().is_none_or(fits) {
            let complaint = "must have 1 to 1024 bytes";
            return Err(ApiError::invalid_field("password", complaint));
        }
        Ok(UserRequest {
            id: id.map(|id| text::user_id("id", id)).transpose()?,
            name: text::name("name", &self.name)?,
            email: text::email("email", &self.email)?,
            role: text::word("role", &self.role, Role::parse)?,
            password,
        })
    }
}
