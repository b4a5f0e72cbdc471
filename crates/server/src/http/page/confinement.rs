//! The headers that confine the page: what it may load, whom it may talk to, who may frame it.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::web_address::is_authority;
use crate::config::{Origin, Page, ServerAddress};

/// What the page needs of the machine, and what no script in it should ever get.
const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), \
    fullscreen=(self), picture-in-picture=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()";

/// A picture that is opened by itself is a document, and may hold scripts.
const PICTURE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Made once of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Confinement {
    /// The API where it is elsewhere, and its sockets.
    api: String,
    /// The sockets of where people reach the page, when that was configured.
    own_sockets: Option<String>,
    ancestors: String,
    is_framed: bool,
}

impl Confinement {
    pub(super) fn new(page: &Page) -> Self {
        let api = |address: &ServerAddress| {
            format!(" {} {}", address.origin, address.origin.of_sockets())
        };
        let sockets = |address: &ServerAddress| format!(" {}", address.origin.of_sockets());
        let ancestors: Vec<&str> = page.frame_ancestors.iter().map(Origin::as_str).collect();
        Self {
            api: page.api_url.as_ref().map(api).unwrap_or_default(),
            own_sockets: page.public_url.as_ref().map(sockets),
            is_framed: !ancestors.is_empty(),
            ancestors: if ancestors.is_empty() {
                "'none'".to_owned()
            } else {
                ancestors.join(" ")
            },
        }
    }

    /// Confines a document. Its opener policy does not concern a frame, which keeps that of its top.
    pub(super) fn document(&self, request: &HeaderMap, headers: &mut HeaderMap) {
        let policy = HeaderValue::from_str(&self.policy(request));
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
        );
        headers.insert(
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static(PERMISSIONS),
        );
        headers.insert(
            HeaderName::from_static("cross-origin-opener-policy"),
            SAME_ORIGIN,
        );
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        );
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        let readers = if self.is_framed {
            CROSS_ORIGIN
        } else {
            SAME_ORIGIN
        };
        headers.insert(RESOURCE_POLICY, readers);
    }

    /// Nothing from elsewhere, nothing inline, no `eval`.
    fn policy(&self, request: &HeaderMap) -> String {
        let own = self.own_sockets.clone();
        let sockets = own.unwrap_or_else(|| sockets_of_host(request));
        let (api, ancestors) = (&self.api, &self.ancestors);
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
             img-src 'self' data: blob:; media-src 'self' blob: mediastream:; \
             connect-src 'self'{sockets}{api}; base-uri 'none'; form-action 'none'; \
             frame-ancestors {ancestors}"
        )
    }
}

/// Not every browser counts the sockets of where the page came from as `'self'`.
fn sockets_of_host(request: &HeaderMap) -> String {
    let host = request
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    match host.filter(|host| is_authority(host)) {
        Some(host) => format!(" ws://{host} wss://{host}"),
        None => String::new(),
    }
}

/// Of a file that only the page itself loads.
pub(super) fn own_file(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(RESOURCE_POLICY, SAME_ORIGIN);
}

/// Of a file that pages of others load too. Nobody is known by a cookie here, so that anybody may read it.
pub(super) fn open_file(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(RESOURCE_POLICY, CROSS_ORIGIN);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
}

/// Of a picture.
pub(super) fn picture(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, PICTURE_POLICY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_gets_into_the_policy() {
        let confinement = Confinement::new(&Page::default());
        for (host, sockets) in [
            ("a.example", "'self' ws://a.example wss://a.example"),
            ("[::1]:5000", "'self' ws://[::1]:5000 wss://[::1]:5000"),
            ("a.example; script-src *", "'self'"),
            ("a.example *", "'self'"),
        ] {
            let mut request = HeaderMap::new();
            request.insert(header::HOST, host.parse().unwrap());
            let policy = confinement.policy(&request);
            let sources = format!("connect-src {sockets};");
            assert!(policy.contains(&sources), "{policy}");
        }
    }
}
