//! Every REST endpoint, who may use it, and the codes with which it may refuse.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get};
use holdspace_domain::Reason as R;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::code::Code::{
    self, AlreadyExists, AuthenticationFailed, CallAlreadyEnded, CallAlreadyStarted,
    CallNotStarted, InvalidRequest, InvalidSessionId, InvalidTime, InvalidTransition,
    InvalidUserId, NotFound, NotParticipant, RoleForbidden, Session, SessionNotFound, UserNotFound,
};
use super::cors::Cors;
use super::edge::{Edge, edge};
use super::guard::{Access, Guard, guard};
use super::received::received;
use super::uninterrupted::uninterrupted;
use super::{docs_page, openapi, sessions, sign_in, users, video_calls};
use crate::app::App;

/// Both serve the same; the first is canonical.
const PREFIXES: [&str; 2] = ["/api/v1", "/api"];

/// Why a session cannot be entered, at any time.
const STATE: &[Code] = &[
    Session(R::SessionCancelled),
    Session(R::SessionDeclined),
    Session(R::SessionCompleted),
    Session(R::SessionNotConfirmed),
    Session(R::PaymentPending),
    Session(R::PaymentFailed),
    Session(R::PaymentRefunded),
];
/// The same, within the join window.
const WINDOW: &[Code] = &[Session(R::TooEarly), Session(R::WindowClosed)];
const FOR_SESSION: &[Code] = &[InvalidSessionId, NotParticipant, SessionNotFound];
const START: &[Code] = &[CallAlreadyStarted, InvalidTime, InvalidRequest];
const END: &[Code] = &[
    CallNotStarted,
    CallAlreadyEnded,
    Session(R::SessionCancelled),
    InvalidTime,
    InvalidRequest,
];
const BOOKING: &[Code] = &[InvalidRequest, InvalidTime, AlreadyExists];
const CHANGE: &[Code] = &[InvalidSessionId, SessionNotFound, InvalidTransition];

/// One endpoint.
pub(super) struct Endpoint {
    pub(super) handler: UtoipaMethodRouter<Arc<App>>,
    pub(super) access: Access,
    /// What it may refuse with, beyond what its access and its body bring along.
    pub(super) codes: Vec<Code>,
}

/// The list.
#[rustfmt::skip]
pub(super) fn endpoints() -> Vec<Endpoint> {
    use Access::{Admin, SignIn, SignedIn, Token, VideoCalls};
    vec![
        endpoint(routes!(video_calls::config), VideoCalls, &[]),
        endpoint(routes!(video_calls::generate_room), VideoCalls, &[FOR_SESSION, STATE, &[InvalidRequest]]),
        endpoint(routes!(video_calls::can_join), VideoCalls, &[FOR_SESSION]),
        endpoint(routes!(video_calls::start), VideoCalls, &[FOR_SESSION, START, STATE, WINDOW]),
        endpoint(routes!(video_calls::end), VideoCalls, &[FOR_SESSION, END]),

        endpoint(routes!(sign_in::login), SignIn, &[&[AuthenticationFailed, InvalidRequest, NotFound]]),
        endpoint(routes!(sign_in::refresh), SignIn, &[&[AuthenticationFailed, InvalidRequest, NotFound]]),
        endpoint(routes!(sign_in::logout), SignIn, &[&[InvalidRequest]]),
        endpoint(routes!(sign_in::me), SignedIn, &[]),

        endpoint(routes!(users::create), Admin, &[&[InvalidRequest, AlreadyExists]]),
        endpoint(routes!(users::get), Token, &[&[InvalidUserId, RoleForbidden, UserNotFound]]),

        endpoint(routes!(sessions::create), Admin, &[BOOKING]),
        endpoint(routes!(sessions::list), Token, &[&[InvalidRequest, InvalidTime]]),
        endpoint(routes!(sessions::get), Token, &[FOR_SESSION]),
        endpoint(routes!(sessions::change), Admin, &[BOOKING, CHANGE]),
    ]
}

fn endpoint(handler: UtoipaMethodRouter<Arc<App>>, access: Access, codes: &[&[Code]]) -> Endpoint {
    Endpoint {
        handler,
        access,
        codes: codes.concat(),
    }
}

/// Everything under `/api`, and the reference at `/docs`.
pub fn router(app: Arc<App>) -> Router {
    let outermost = Edge {
        app: Arc::clone(&app),
        cors: Arc::new(Cors::new(&app.config.http.cors_origins)),
    };
    let mut router = Router::new();
    for Endpoint {
        handler, access, ..
    } in endpoints()
    {
        let (_, paths, methods) = handler;
        let writes = paths.paths.values().all(|path| path.get.is_none());
        let guard_state = Guard {
            edge: outermost.clone(),
            access,
        };
        let methods = guarded(methods, guard_state, writes);
        for path in paths.paths.keys() {
            for prefix in PREFIXES {
                router = router.route(&format!("{prefix}{path}"), methods.clone());
            }
        }
    }
    let document = get(openapi::serve).route_layer(from_fn_with_state(outermost.clone(), edge));
    let (unknown_path, unknown_method) = (outermost.clone(), outermost);
    router
        .route("/api/openapi.json", document.clone())
        .route("/api/v1/openapi.json", document)
        .route("/docs", get(docs_page::page))
        .route("/docs/style.css", get(docs_page::style))
        .fallback(move |request: Request| async move { unknown_path.not_found(&request) })
        .method_not_allowed_fallback(move |request: Request| async move {
            unknown_method.method_not_allowed(&request)
        })
        .with_state(app)
}

/// The handler behind its guard. A body is received whole before anything is refused, and what writes
/// runs to its end.
fn guarded(
    methods: MethodRouter<Arc<App>>,
    guard_state: Guard,
    writes: bool,
) -> MethodRouter<Arc<App>> {
    if !writes {
        return methods.route_layer(from_fn_with_state(guard_state, guard));
    }
    methods
        .route_layer(from_fn(uninterrupted))
        .route_layer(from_fn_with_state(guard_state, guard))
        .route_layer(from_fn(received))
}
