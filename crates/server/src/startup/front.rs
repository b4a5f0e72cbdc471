//! The first to see a request: sockets go straight to their server, all else through the router, each
//! with an id, a deadline, and a net under it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use axum::Router;
use axum::body::Body;
use futures_util::FutureExt;
use hyper::body::Incoming;
use tower_service::Service;

use super::arrival::Arrival;
use super::base_path::BasePath;
use crate::http::{self, Cors};
use crate::listener::Answer;
use crate::node::Node;
use crate::relay::Relay;
use crate::telemetry::{RequestId, X_REQUEST_ID};

/// No request is worked on for longer, the arrival of its body included.
const ANSWER_MAX: Duration = Duration::from_secs(10);

pub(super) struct Front {
    node: Arc<Node>,
    router: Router,
    cors: Cors,
    base_path: BasePath,
}

impl Front {
    pub(super) fn new(node: &Arc<Node>, relay: Option<Arc<Relay>>) -> Self {
        let app = &node.app;
        Self {
            node: Arc::clone(node),
            router: http::router(app.clone())
                .merge(http::health::routes(app.clone(), relay.clone()))
                .merge(http::metrics::routes(app.clone(), relay))
                .merge(http::page::routes(&app.config.page)),
            cors: Cors::new(&app.config.http.cors_origins),
            base_path: BasePath::new(&app.config.http.base_path),
        }
    }

    /// A poll may wait as long as it likes, so that there is no deadline here.
    async fn answer_socket(&self, request: Request<Incoming>) -> Response<Body> {
        if let Some(response) = self.cors.preflight(&request) {
            return response;
        }
        let allowed = self.cors.allowed(request.headers());
        let mut response = self.node.sockets.handle(request).await.map(Body::new);
        self.cors.decorate(allowed, response.headers_mut());
        response
    }

    async fn answer_request(&self, request: Request<Incoming>) -> Response<Body> {
        let mut router = self.router.clone();
        let (request, arrival) = Arrival::watch(request);
        let work = AssertUnwindSafe(async move { router.call(request).await }).catch_unwind();
        match tokio::time::timeout(ANSWER_MAX, work).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(never))) => match never {},
            // It has been logged where it happened.
            Ok(Err(_panic)) => http::internal_error(self.node.app.clock.now()),
            Err(_) if arrival.is_whole() => http::unavailable(self.node.app.clock.now()),
            Err(_) => self.arrived_late(),
        }
    }

    /// What is left of the request's body would be read as the next request.
    fn arrived_late(&self) -> Response<Body> {
        let mut response = http::arrived_late(self.node.app.clock.now());
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
        response
    }
}

impl Answer for Front {
    async fn answer(&self, mut request: Request<Incoming>) -> Response<Body> {
        let id = RequestId::of(request.headers());
        let access = Access::note(&request);
        let within = self.base_path.strip(&mut request);
        let mut response = id
            .clone()
            .scope(async {
                let response = match within {
                    Err(redirect) => *redirect,
                    Ok(()) if request.uri().path().starts_with("/socket.io/") => {
                        self.answer_socket(request).await
                    }
                    Ok(()) => self.answer_request(request).await,
                };
                if let Some(access) = access {
                    access.log(response.status());
                }
                response
            })
            .await;
        response
            .headers_mut()
            .insert(X_REQUEST_ID, id.into_header());
        response
    }
}

/// What a line of access says. At debug, so that nobody pays for it who does not ask.
struct Access {
    method: Method,
    route: String,
    began: Instant,
}

impl Access {
    fn note(request: &Request<Incoming>) -> Option<Self> {
        tracing::enabled!(tracing::Level::DEBUG).then(|| Self {
            method: request.method().clone(),
            route: route(request.uri().path()),
            began: Instant::now(),
        })
    }

    fn log(self, status: StatusCode) {
        let Self {
            method,
            route,
            began,
        } = self;
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(%method, route, status = status.as_u16(), micros, "request");
    }
}

/// The path without what could be an id or worse.
fn route(path: &str) -> String {
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| {
            if segment.len() > 20 || segment.contains('%') {
                ":id"
            } else {
                segment
            }
        })
        .collect();
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_not_logged() {
        for (path, logged) in [
            ("/", "/"),
            (
                "/api/v1/video-calls/can-join/507f1f77bcf86cd799439011",
                "/api/v1/video-calls/can-join/:id",
            ),
            (
                "/api/v1/sessions/somebody%40example.org",
                "/api/v1/sessions/:id",
            ),
        ] {
            assert_eq!(route(path), logged);
        }
    }
}
