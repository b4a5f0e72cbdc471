//! The reference at `/docs`: the OpenAPI document as a page that needs no script.

use axum::response::Response;

pub(super) async fn page() -> Response {
    super::edge::not_found().await
}

pub(super) async fn style() -> Response {
    super::edge::not_found().await
}
