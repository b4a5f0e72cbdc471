//! Schemas as tables: a row for each field, the inner ones by their path.

use serde_json::Value;

use super::html::Html;
use super::text;

/// Schemas nest no deeper than this in our document.
const DEPTH_MAX: usize = 6;

/// The parameters of a path or a query.
pub(super) fn parameters(page: &mut Html, parameters: &[Value]) {
    if parameters.is_empty() {
        return;
    }
    page.element("h4", "Parameters").raw("<table>");
    for parameter in parameters {
        page.raw("<tr><td><code>").text(text(&parameter["name"]));
        page.raw("</code></td>")
            .element("td", text(&parameter["in"]));
        page.element("td", text(&parameter["description"]))
            .raw("</tr>");
    }
    page.raw("</table>");
}

/// The fields of a body.
pub(super) fn fields(page: &mut Html, document: &Value, schema: &Value) {
    page.raw("<table>");
    rows(page, document, schema, "", 0);
    page.raw("</table>");
}

fn rows(page: &mut Html, document: &Value, schema: &Value, path: &str, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    let schema = resolve(document, schema);
    let required = schema["required"].as_array();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let is_required = required.is_some_and(|names| names.iter().any(|known| known == name));
        let inner = resolve(document, field);
        let described = [field, inner].map(|schema| text(&schema["description"]));
        let description = described.into_iter().find(|text| !text.is_empty());
        page.raw("<tr><td><code>")
            .text(&path)
            .raw("</code></td><td>");
        page.text(&kind(document, field));
        page.raw(if is_required { "" } else { ", optional" });
        page.raw("</td>")
            .element("td", description.unwrap_or_default())
            .raw("</tr>");
        rows(page, document, field, &path, depth + 1);
    }
    if schema["items"].is_object() {
        rows(
            page,
            document,
            &schema["items"],
            &format!("{path}[]"),
            depth + 1,
        );
    }
    for part in schema["oneOf"].as_array().into_iter().flatten() {
        rows(page, document, part, path, depth + 1);
    }
}

/// The schema behind a reference.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = text(&schema["$ref"]).strip_prefix('#');
    pointer
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(schema)
}

fn kind(document: &Value, schema: &Value) -> String {
    let schema = resolve(document, schema);
    if let Some(parts) = schema["oneOf"].as_array() {
        let kinds: Vec<String> = parts.iter().map(|part| kind(document, part)).collect();
        return kinds.join(" or ");
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other).to_owned(),
    };
    match text(&schema["format"]) {
        "date-time" => kind.replace("string", "time"),
        _ => kind,
    }
}
