//! Entity tags: the name of a content, and whether a request has it already (RFC 9110 §8.8.3, §13.1.2).

use std::fmt::Write;

use http::{HeaderMap, HeaderValue, header};
use ring::digest::{SHA256, digest};

/// Enough of a digest to tell contents apart.
const DIGEST_BYTES: usize = 12;

/// The digest of these bytes, in hex.
pub(super) fn hex_digest(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// The beginning of a SHA-256 digest that is known already, in hex.
pub(super) fn hex(digest: &[u8]) -> String {
    let mut text = String::new();
    for byte in digest.iter().take(DIGEST_BYTES) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The strong tag of a digest.
pub(super) fn entity_tag(hex: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{hex}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether the request says that it has this content. Weak comparison, as the condition asks for: proxies
/// that compress make tags weak.
pub(super) fn is_known(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let lines = request.get_all(header::IF_NONE_MATCH);
    lines
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == *tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_tag_is_found_in_any_list() {
        let tag = entity_tag("abc");
        for (lines, known) in [
            (&["\"abc\""][..], true),
            (&["W/\"abc\""], true),
            (&["\"x\", \"abc\""], true),
            (&["\"x\"", "\"abc\""], true),
            (&["*"], true),
            (&["\"x\""], false),
            (&["abc"], false),
            (&[""], false),
            (&[], false),
        ] {
            let mut request = HeaderMap::new();
            for line in lines {
                request.append(header::IF_NONE_MATCH, line.parse().unwrap());
            }
            assert_eq!(is_known(&request, &tag), known, "{lines:?}");
        }
    }
}
