//! What stands before a handler, in the order of SPEC row 17: the token, the limit, the idempotency key.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use holdspace_domain::{Role, Verdict};
use http::request::Parts;
use http::{HeaderMap, Method};

use super::code::Code;
use super::edge::Edge;
use super::error::ApiError;
use super::rate_limit::{self, Subject};
use super::{idempotency, token};
use crate::app::App;
use crate::auth::Identity;
use crate::listener::ClientAddress;

/// Who may use an endpoint, and what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Nobody is known yet; counted by address.
    SignIn,
    /// Whoever has a token; counted by address.
    SignedIn,
    /// Whoever has a token; counted by user.
    VideoCalls,
    /// Whoever has a token.
    Token,
    /// Admins.
    Admin,
}

impl Access {
    pub(super) const fn needs_token(self) -> bool {
        !matches!(self, Self::SignIn)
    }

    pub(super) const fn is_limited(self) -> bool {
        matches!(self, Self::SignIn | Self::SignedIn | Self::VideoCalls)
    }
}

/// The guard's state.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) edge: Edge,
    pub(super) access: Access,
}

/// Whose request it is, for handlers behind a guard that needs a token.
#[derive(Clone)]
pub(super) struct Caller(pub(super) Arc<Identity>);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        // Only a route without its guard lacks it.
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(ApiError::internal)
    }
}

/// Lets a request through to its handler, or answers it.
pub(super) async fn guard(
    State(Guard { edge, access }): State<Guard>,
    request: Request,
    next: Next,
) -> Response {
    let origin = edge.cors.allowed(request.headers());
    let answered = answer(&edge.app, access, request, next).await;
    edge.dress(answered.unwrap_or_else(IntoResponse::into_response), origin)
}

async fn answer(
    app: &Arc<App>,
    access: Access,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let caller = identify(app, access, request.headers()).await?;
    let verdict = match subject(access, caller.as_ref(), &request)? {
        Some(subject) => rate_limit::count(app, subject).await?,
        None => None,
    };
    if let Some(verdict) = verdict.filter(|verdict| !verdict.allowed) {
        let error = rate_limit::exceeded(&verdict, app.clock.now());
        return Ok(told(error.into_response(), Some(verdict)));
    }
    let user = caller.as_ref().map(|caller| caller.0.user);
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    let response = match user.filter(|_| request.method() == Method::POST) {
        Some(user) => idempotency::answer_once(app, user, request, next).await,
        None => next.run(request).await,
    };
    Ok(told(response, verdict))
}

/// The answer of a limited endpoint says how the limit stands.
fn told(mut response: Response, verdict: Option<Verdict>) -> Response {
    if let Some(verdict) = verdict {
        rate_limit::tell(&verdict, response.headers_mut());
    }
    response
}

async fn identify(
    app: &App,
    access: Access,
    headers: &HeaderMap,
) -> Result<Option<Caller>, ApiError> {
    if !access.needs_token() {
        return Ok(None);
    }
    let identity = app.identify(token::token(headers)?).await?;
    if access == Access::Admin && identity.role != Role::Admin {
        return Err(ApiError::new(
            Code::RoleForbidden,
            "Only an administrator may do this",
        ));
    }
    Ok(Some(Caller(Arc::new(identity))))
}

fn subject(
    access: Access,
    caller: Option<&Caller>,
    request: &Request,
) -> Result<Option<Subject>, ApiError> {
    match access {
        Access::SignIn | Access::SignedIn => {
            let address = request.extensions().get::<ClientAddress>();
            // Without an address, which every listener gives, nobody could be limited.
            let address = address.ok_or_else(ApiError::internal)?;
            Ok(Some(Subject::SignIn(address.ip)))
        }
        Access::VideoCalls => Ok(caller.map(|caller| Subject::VideoCalls(caller.0.user))),
        Access::Token | Access::Admin => Ok(None),
    }
}
