//! The reference at `/docs`: the OpenAPI document as a page that needs no script. Its links are relative,
//! since a proxy may have taken away a prefix.

mod html;
mod schema;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use serde_json::{Map, Value};

use self::html::Html;
use super::openapi;

const STYLE: &str = include_str!("docs_page/style.css");
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
const METHODS: [&str; 3] = ["get", "post", "patch"];

/// `GET /docs`
pub(super) async fn page() -> Response {
    let document = serde_json::to_value(openapi::document()).unwrap_or_default();
    let mut response = answer("text/html; charset=utf-8", render(&document));
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}

/// `GET /docs/style.css`
pub(super) async fn style() -> Response {
    answer("text/css; charset=utf-8", STYLE)
}

fn answer(content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        let headers: &mut http::HeaderMap = response.headers_mut();
        let name: HeaderName = name;
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn render(document: &Value) -> String {
    let mut page = Html::default();
    page.raw(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Holdspace API</title><link rel=\"stylesheet\" href=\"docs/style.css\"></head><body>",
    );
    contents(&mut page, document);
    page.raw("<main>");
    let info = &document["info"];
    page.raw("<h1>Holdspace API ")
        .element("small", text(&info["version"]))
        .raw("</h1>");
    page.paragraphs(text(&info["description"]));
    page.raw("<p>As a file for tools: <a href=\"api/openapi.json\">openapi.json</a>.</p>");
    for tag in tags(document) {
        page.element("h2", tag);
        for (path, method, operation) in operations(document, tag) {
            describe(&mut page, document, path, method, operation);
        }
    }
    page.raw("</main></body></html>\n");
    page.into_string()
}

fn contents(page: &mut Html, document: &Value) {
    page.raw("<nav aria-label=\"Endpoints\">");
    for tag in tags(document) {
        page.element("h2", tag).raw("<ul>");
        for (_, method, operation) in operations(document, tag) {
            page.raw("<li><a href=\"#")
                .text(text(&operation["operationId"]))
                .raw("\">");
            method_mark(page, method);
            page.text(text(&operation["summary"])).raw("</a></li>");
        }
        page.raw("</ul>");
    }
    page.raw("</nav>");
}

fn describe(page: &mut Html, document: &Value, path: &str, method: &str, operation: &Value) {
    page.raw("<article id=\"")
        .text(text(&operation["operationId"]))
        .raw("\"><h3>");
    method_mark(page, method);
    page.raw("<code>").template(path).raw("</code></h3>");
    page.element("p", text(&operation["summary"]));
    page.paragraphs(text(&operation["description"]));
    let parameters = operation["parameters"].as_array().map(Vec::as_slice);
    schema::parameters(page, parameters.unwrap_or_default());
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if body.is_object() {
        page.element("h4", "Body");
        schema::fields(page, document, body);
    }
    if let Some(responses) = operation["responses"].as_object() {
        respond(page, document, responses);
    }
    page.raw("</article>");
}

fn respond(page: &mut Html, document: &Value, responses: &Map<String, Value>) {
    for (status, response) in responses
        .iter()
        .filter(|(status, _)| status.starts_with('2'))
    {
        page.raw("<h4>")
            .text(status)
            .raw(": ")
            .text(text(&response["description"]))
            .raw("</h4>");
        let schema = &response["content"]["application/json"]["schema"];
        schema::fields(page, document, schema);
    }
    page.raw("<details><summary>Refusals</summary><table>");
    for (status, response) in responses
        .iter()
        .filter(|(status, _)| !status.starts_with('2'))
    {
        for line in text(&response["description"]).split("\n\n") {
            let (code, meaning) = line.split_once(": ").unwrap_or((line, ""));
            page.raw("<tr>").element("td", status).raw("<td><code>");
            page.text(code.trim_matches('`')).raw("</code></td>");
            page.element("td", meaning).raw("</tr>");
        }
    }
    page.raw("</table></details>");
}

fn method_mark(page: &mut Html, method: &str) {
    page.raw("<span class=\"").text(method).raw("\">");
    page.text(&method.to_uppercase()).raw("</span> ");
}

/// The tags in the order of their endpoints.
fn tags(document: &Value) -> Vec<&str> {
    let mut tags = Vec::new();
    for (_, _, operation) in all_operations(document) {
        let tag = text(&operation["tags"][0]);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn operations<'a>(
    document: &'a Value,
    tag: &'a str,
) -> impl Iterator<Item = (&'a str, &'static str, &'a Value)> {
    all_operations(document).filter(move |(_, _, operation)| text(&operation["tags"][0]) == tag)
}

fn all_operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let known = |method: &'static str| item.get(method).map(|found| (&**path, method, found));
        METHODS.into_iter().filter_map(known)
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
