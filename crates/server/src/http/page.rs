//! The page behind a join link, out of the binary, with the headers that confine it.

mod branding;
mod confinement;
mod files;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use self::branding::Branding;
use self::confinement::Confinement;
use crate::config;

const INDEX: &str = "index.html";
const LANDING: &str = include_str!("page/landing.html");
const NOT_BUILT: &str = include_str!("page/not_built.html");
const NOT_FOUND: &str = include_str!("page/not_found.html");

/// What the configuration makes of the page.
#[derive(Debug)]
struct Page {
    confinement: Confinement,
    branding: Branding,
}

/// The routes of this file. Redirects and links are relative: a proxy may have taken away a prefix.
pub fn routes(page: &config::Page) -> Router {
    let page = Page {
        confinement: Confinement::new(page),
        branding: Branding::new(page),
    };
    Router::new()
        .route("/", get(landing))
        .route("/call", get(async || Redirect::permanent("call/")))
        .route("/call/", get(index))
        .route("/call/config.json", get(config))
        .route("/call/{*path}", get(file))
        .with_state(Arc::new(page))
}

async fn landing(State(page): State<Arc<Page>>, request: HeaderMap) -> Response {
    page.html(StatusCode::OK, LANDING, &request)
}

async fn index(State(page): State<Arc<Page>>, request: HeaderMap) -> Response {
    page.index(&request)
}

async fn config(State(page): State<Arc<Page>>, request: HeaderMap) -> Response {
    page.branding.config(&request)
}

async fn file(
    State(page): State<Arc<Page>>,
    Path(path): Path<String>,
    request: HeaderMap,
) -> Response {
    if path == INDEX {
        return page.index(&request);
    }
    let logo = page.branding.logo(&path, &request);
    logo.or_else(|| files::file(&path, &request))
        .unwrap_or_else(|| page.html(StatusCode::NOT_FOUND, NOT_FOUND, &request))
}

impl Page {
    fn index(&self, request: &HeaderMap) -> Response {
        let Some(mut response) = files::file(INDEX, request) else {
            return self.html(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT, request);
        };
        self.confinement.document(request, response.headers_mut());
        response
    }

    fn html(&self, status: StatusCode, text: &'static str, request: &HeaderMap) -> Response {
        let mut response = (status, Html(text)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        self.confinement.document(request, headers);
        response
    }
}
