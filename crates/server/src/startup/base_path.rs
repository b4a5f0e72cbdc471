//! The path prefix of `http.base_path`: everything is served below it, and without it for proxies that
//! take it away.

use axum::body::Body;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};

/// Empty, or `/path`.
#[derive(Clone, Debug)]
pub(super) struct BasePath(String);

impl BasePath {
    pub(super) fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// Takes the prefix off the request's path, if it is there. The prefix alone lacks its slash, without
    /// which links of the page would lead elsewhere: that answer is the error.
    pub(super) fn strip<B>(&self, request: &mut Request<B>) -> Result<(), Box<Response<Body>>> {
        if self.0.is_empty() {
            return Ok(());
        }
        let full = request
            .uri()
            .path_and_query()
            .map_or("/", PathAndQuery::as_str);
        match full.strip_prefix(&self.0) {
            Some(rest) if rest.starts_with('/') => {
                if let Some(uri) = with_path(request.uri(), rest) {
                    *request.uri_mut() = uri;
                }
                Ok(())
            }
            Some(rest) if rest.is_empty() || rest.starts_with('?') => {
                Err(Box::new(self.redirect(rest)))
            }
            _ => Ok(()),
        }
    }

    fn redirect(&self, query: &str) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        // What came as a path is none that could not stand in a header.
        if let Ok(location) = HeaderValue::from_str(&format!("{}/{query}", self.0)) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_taken_off_where_it_is() {
        for (base, path, expected) in [
            ("", "/video/call/", Ok("/video/call/")),
            ("/video", "/video/call/?a=b", Ok("/call/?a=b")),
            ("/video", "/call/", Ok("/call/")),
            ("/video", "/video/", Ok("/")),
            ("/video", "/videos/", Ok("/videos/")),
            ("/video", "/video/video/x", Ok("/video/x")),
            ("/video", "/video", Err("/video/")),
            ("/video", "/video?a=b", Err("/video/?a=b")),
            ("/a/b", "/a/b//x", Ok("//x")),
            ("/video", "/video/%2e%2e/x", Ok("/%2e%2e/x")),
        ] {
            let mut request = Request::builder().uri(path).body(()).unwrap();
            let answer = BasePath::new(base).strip(&mut request);
            let found = match &answer {
                Ok(()) => Ok(request.uri().path_and_query().unwrap().as_str()),
                Err(response) => Err(response.headers()[header::LOCATION].to_str().unwrap()),
            };
            assert_eq!(found, expected, "{base} {path}");
        }
    }
}
