//! The OpenAPI 3.1 document, made from the handlers and the list of routes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use utoipa::openapi::path::{Operation, Paths};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder};
use utoipa::openapi::security::{SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, Content, ContentBuilder, Header, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    ResponseBuilder, Server,
};

use super::code::Code;
use super::error::example;
use super::guard::Access;
use super::reply::json_response;
use super::routes::{Endpoint, endpoints};
use crate::app::App;

const DESCRIPTION: &str = "\
The REST interface of Holdspace. The same endpoints answer under `/api`.

Every answer is `{success: true, data}`, every refusal \
`{success: false, error: {code, message, details, timestamp}}`. Times are RFC 3339 in UTC with \
milliseconds. A token travels in `x-auth-token` or `Authorization: Bearer`.

Limited endpoints tell in `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (Unix \
seconds) how their limit stands. A POST with a token may carry an `Idempotency-Key`: the same key by the \
same user on the same path is answered once in 24 hours, and again with `Idempotency-Replayed: true`.";

/// What the paths are below.
const SERVER: &str = "/api/v1";

/// The document, whole.
pub(super) fn document() -> OpenApi {
    let mut paths = Paths::new();
    let mut components = Components::new();
    for endpoint in endpoints() {
        let (schemas, mut own, _) = describe(endpoint).handler;
        components.schemas.extend(schemas);
        for (path, item) in std::mem::take(&mut own.paths) {
            match paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => {
                    paths.paths.insert(path, item);
                }
            }
        }
    }
    let error = RefOr::T(error_schema());
    components.schemas.insert("Error".to_owned(), error);
    add_security(&mut components);
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Holdspace")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(DESCRIPTION))
                .build(),
        )
        .servers(Some([Server::new(SERVER)]))
        .paths(paths)
        .components(Some(components))
        .build()
}

/// The document as it is committed.
pub fn json() -> String {
    // Objects with text for keys always serialise.
    serde_json::to_string_pretty(&document()).unwrap_or_default() + "\n"
}

/// `GET /api/openapi.json`
pub(super) async fn serve(State(app): State<Arc<App>>) -> Response {
    let mut document = document();
    let base_path = &app.config.http.base_path;
    document.servers = Some(vec![Server::new(format!("{base_path}{SERVER}"))]);
    json_response(StatusCode::OK, &document)
}

/// Adds to an endpoint's operations what its place in the list says of it.
fn describe(mut endpoint: Endpoint) -> Endpoint {
    for item in endpoint.handler.1.paths.values_mut() {
        let is_post = item.post.is_some();
        let operations = [&mut item.get, &mut item.post, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            let codes = codes(endpoint.access, &endpoint.codes, operation, is_post);
            add_refusals(operation, &codes);
            if endpoint.access.needs_token() {
                let either = ["token", "bearer"];
                let either = either.map(|name| SecurityRequirement::new(name, [""; 0]));
                operation.security = Some(either.into());
            }
        }
    }
    endpoint
}

fn codes(access: Access, own: &[Code], operation: &Operation, is_post: bool) -> Vec<Code> {
    let mut codes = own.to_vec();
    if access.needs_token() {
        codes.push(Code::AuthenticationFailed);
    }
    if access == Access::Admin {
        codes.push(Code::RoleForbidden);
    }
    if access.is_limited() {
        codes.push(Code::RateLimitExceeded);
    }
    if operation.request_body.is_some() || is_post {
        codes.extend([Code::PayloadTooLarge, Code::UnsupportedMediaType]);
    }
    if is_post && access.needs_token() {
        codes.extend([Code::IdempotencyInFlight, Code::IdempotencyKeyReused]);
    }
    codes.extend([Code::InternalError, Code::ServiceUnavailable]);
    codes
}

/// One response a status, with an example of each of its codes.
fn add_refusals(operation: &mut Operation, codes: &[Code]) {
    let mut by_status: BTreeMap<StatusCode, Vec<Code>> = BTreeMap::new();
    for &code in codes {
        let same = by_status.entry(code.status()).or_default();
        if !same.contains(&code) {
            same.push(code);
        }
    }
    for (status, codes) in by_status {
        let lines = codes
            .iter()
            .map(|code| format!("`{}`: {}", code.as_str(), code.meaning()));
        let mut response = ResponseBuilder::new()
            .description(lines.collect::<Vec<_>>().join("\n\n"))
            .content("application/json", error_content(&codes));
        if matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer);
            response = response.header("Retry-After", Header::new(seconds));
        }
        let responses = &mut operation.responses.responses;
        responses.insert(status.as_str().to_owned(), response.build().into());
    }
}

fn error_content(codes: &[Code]) -> Content {
    let examples = codes.iter().map(|&code| {
        let example = utoipa::openapi::example::ExampleBuilder::new()
            .value(Some(example(code)))
            .build();
        (code.as_str(), example)
    });
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Error")))
        .examples_from_iter(examples)
        .build()
}

fn error_schema() -> Schema {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let error = ObjectBuilder::new()
        .property(
            "code",
            text().description(Some("Stable, for code to tell errors apart.")),
        )
        .property("message", text().description(Some("For a person.")))
        .property(
            "details",
            ObjectBuilder::new().description(Some("What belongs to the code; may be empty.")),
        )
        .property("timestamp", text().description(Some("RFC 3339, UTC.")));
    let names = ["code", "message", "details", "timestamp"];
    let error = names.into_iter().fold(error, ObjectBuilder::required);
    ObjectBuilder::new()
        .property(
            "success",
            ObjectBuilder::new()
                .schema_type(Type::Boolean)
                .enum_values(Some([json!(false)])),
        )
        .required("success")
        .property("error", error)
        .required("error")
        .into()
}

fn add_security(components: &mut Components) {
    let key = ApiKeyValue::new("x-auth-token");
    components.add_security_scheme("token", SecurityScheme::ApiKey(ApiKey::Header(key)));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
}
