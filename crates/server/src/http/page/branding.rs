//! What the page is told of whom it belongs to: `config.json`, and the logo.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize;

use super::super::entity_tag::{entity_tag, hex_digest, is_known};
use super::confinement;
use super::files::{cache_control, not_modified};
use crate::config::{LogoKind, Origin, Page};

/// The API beside the page: `config.json` is at `call/` below it.
const API_BESIDE: &str = "../";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    name: Option<&'a str>,
    /// Relative to this document, as `api_url` is.
    logo_url: Option<&'a str>,
    /// Only what was configured.
    colours: BTreeMap<&'static str, &'a str>,
    support_line: Option<SupportLine<'a>>,
    languages: &'a [&'static str],
    api_url: String,
    frame_ancestors: Vec<&'a str>,
}

#[derive(Serialize)]
struct SupportLine<'a> {
    /// May be empty.
    text: &'a str,
    phone: &'a str,
}

/// A content that does not change while the server runs.
#[derive(Clone, Debug)]
struct Fixed {
    bytes: Bytes,
    content_type: &'static str,
    tag: HeaderValue,
    is_hashed: bool,
}

/// Both, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Branding {
    config: Fixed,
    logo: Option<(String, Fixed)>,
}

impl Branding {
    pub(super) fn new(page: &Page) -> Self {
        let logo = page.logo.as_ref().map(|logo| {
            let (extension, content_type) = match logo.kind {
                LogoKind::Svg => ("svg", "image/svg+xml"),
                LogoKind::Png => ("png", "image/png"),
            };
            let hex = hex_digest(&logo.bytes);
            let content = Fixed {
                bytes: logo.bytes.clone(),
                content_type,
                tag: entity_tag(&hex),
                is_hashed: true,
            };
            (format!("logo-{hex}.{extension}"), content)
        });
        let logo_url = logo.as_ref().map(|(name, _)| name.as_str());
        let json = json(page, logo_url);
        Self {
            config: Fixed {
                tag: entity_tag(&hex_digest(&json)),
                bytes: json.into(),
                content_type: "application/json",
                is_hashed: false,
            },
            logo,
        }
    }

    /// `GET /call/config.json`
    pub(super) fn config(&self, request: &HeaderMap) -> Response {
        self.config.send(request)
    }

    /// The logo, if this is its name.
    pub(super) fn logo(&self, path: &str, request: &HeaderMap) -> Option<Response> {
        let (_, logo) = self.logo.as_ref().filter(|(name, _)| name == path)?;
        let mut response = logo.send(request);
        confinement::picture(response.headers_mut());
        Some(response)
    }
}

impl Fixed {
    fn send(&self, request: &HeaderMap) -> Response {
        let mut response = if is_known(request, &self.tag) {
            not_modified()
        } else {
            Response::new(Body::from(self.bytes.clone()))
        };
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static(self.content_type);
        headers.insert(header::CONTENT_TYPE, content_type);
        headers.insert(header::CACHE_CONTROL, cache_control(self.is_hashed));
        headers.insert(header::ETAG, self.tag.clone());
        confinement::open_file(headers);
        response
    }
}

fn json(page: &Page, logo_url: Option<&str>) -> Vec<u8> {
    let support_line = |phone| SupportLine {
        text: page.support_text.as_deref().unwrap_or_default(),
        phone,
    };
    let api_url = page.api_url.as_ref();
    let view = View {
        name: page.name.as_deref(),
        logo_url,
        colours: page
            .colours
            .iter()
            .map(|(name, colour)| (*name, colour.as_str()))
            .collect(),
        support_line: page.support_phone.as_deref().map(support_line),
        languages: &page.languages,
        api_url: api_url.map_or(API_BESIDE.to_owned(), |address| format!("{address}/")),
        frame_ancestors: page.frame_ancestors.iter().map(Origin::as_str).collect(),
    };
    // Objects with text for keys always serialise.
    serde_json::to_vec(&view).unwrap_or_default()
}
