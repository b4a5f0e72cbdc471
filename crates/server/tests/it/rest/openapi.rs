//! The OpenAPI document: committed, served, and true of every answer that the other tests see.

use std::sync::LazyLock;

use serde_json::Value;

use super::client::Reply;
use super::house::House;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&holdspace::http::openapi_json()).unwrap());

/// What any path and method may be answered with, whether documented there or not.
const EVERYWHERE: [&str; 2] = ["NOT_FOUND", "METHOD_NOT_ALLOWED"];

/// Asserts that the document knows this answer of this endpoint.
#[track_caller]
pub fn assert_documented(method: &str, path: &str, reply: &Reply) {
    let path = path.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/api").unwrap_or(path);
    let path = path.strip_prefix("/v1").unwrap_or(path);
    let is_free = EVERYWHERE.contains(&reply.code()) || method == "OPTIONS" || method == "HEAD";
    let Some(operation) = operation(method, path).filter(|_| !is_free) else {
        return;
    };
    let status = reply.status.to_string();
    let documented = &operation["responses"][&status];
    assert!(
        documented.is_object(),
        "{method} {path}: {status} is not documented"
    );
    if reply.status >= 400 {
        let examples = &documented["content"]["application/json"]["examples"];
        let is_known = examples[reply.code()].is_object();
        assert!(
            is_known,
            "{method} {path}: {status} {} is not documented",
            reply.code()
        );
    }
}

fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let matches = |template: &str| {
        let (own, given): (Vec<_>, Vec<_>) =
            (template.split('/').collect(), path.split('/').collect());
        own.len() == given.len()
            && own
                .iter()
                .zip(given)
                .all(|(own, given)| own.starts_with('{') || *own == given)
    };
    let item = paths.iter().find(|(template, _)| matches(template));
    item.and_then(|(_, item)| item.get(method.to_lowercase()))
}

#[test]
fn the_committed_document_is_that_of_the_handlers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == holdspace::http::openapi_json(),
        "docs/openapi.json is not what the handlers say. Write it anew with\n  \
         cargo run -- openapi > docs/openapi.json"
    );
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let text = DOCUMENT.to_string();
    let mut count = 0;
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        let schema = &DOCUMENT["components"]["schemas"][name];
        assert!(schema.is_object(), "{name} is missing");
        count += 1;
    }
    assert!(count > 0);
}

#[tokio::test]
async fn the_document_is_served_as_it_is() {
    let house = House::open().await;
    for path in ["/api/openapi.json", "/api/v1/openapi.json"] {
        let answer = house.get(path).send().await;
        assert_eq!((answer.status, &answer.body), (200, &*DOCUMENT), "{path}");
    }
}

#[tokio::test]
async fn the_reference_page_shows_every_endpoint_and_loads_nothing_from_elsewhere() {
    let house = House::open().await;
    let page = house.get("/docs").send().await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let html = String::from_utf8(page.bytes.to_vec()).unwrap();
    for path in DOCUMENT["paths"].as_object().unwrap().keys() {
        assert!(
            html.contains(&path.replace('{', "<var>{").replace('}', "}</var>")),
            "{path}"
        );
    }
    for foreign in ["http://", "https://", "<script", "style="] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    let style = house.get("/docs/style.css").send().await;
    assert_eq!(
        (style.status, style.header("content-type")),
        (200, "text/css; charset=utf-8")
    );
}
