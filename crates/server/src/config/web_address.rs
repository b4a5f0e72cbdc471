//! Origins, addresses and path prefixes: what of a URL may stand in a header or a link of ours.

use std::fmt;
use std::net::Ipv6Addr;

use super::kinds::{self, Expected};
use super::values::Value;

/// Scheme, host and port (RFC 6454 §4), in lower case, of letters that need no escaping in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let origin = text.to_ascii_lowercase();
        let rest = origin.strip_prefix("https://");
        let authority = rest.or_else(|| origin.strip_prefix("http://"))?;
        is_authority(authority).then_some(Self(origin))
    }

    /// As browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host alone; an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or("", |(_, rest)| rest);
        match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => host,
            _ => authority,
        }
    }

    /// The origin of the websockets at the same place.
    pub fn of_sockets(&self) -> String {
        self.0.replacen("http", "ws", 1)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a server is reached: an origin and a path prefix, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress {
    pub origin: Origin,
    /// Empty, or `/path`.
    pub path: String,
}

impl ServerAddress {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find('/').unwrap_or(rest.len());
        let origin = Origin::parse(&format!("{scheme}://{}", &rest[..end]))?;
        let path = parse_path(&rest[end..])?;
        Some(Self { origin, path })
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// Whether it is a host with or without a port. Nothing else may come near a header.
pub(crate) fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_host = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| is_plain(byte, b".-_")),
    };
    is_host && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn is_plain(byte: u8, more: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || more.contains(&byte)
}

/// A path prefix without the slash at its end, of letters that mean themselves everywhere (RFC 3986 §2.3).
fn parse_path(text: &str) -> Option<String> {
    let path = text.strip_suffix('/').unwrap_or(text);
    let mut segments = path.split('/');
    let is_path = segments.next() == Some("")
        && segments.all(|segment| {
            !matches!(segment, "" | "." | "..")
                && segment.bytes().all(|byte| is_plain(byte, b".-_~"))
        });
    is_path.then(|| path.to_owned())
}

/// An origin, exactly one.
pub(super) fn origin(text: &str) -> Result<Origin, Expected> {
    Origin::parse(text)
        .ok_or_else(|| Expected::new("must be a list of origins like https://app.example.org"))
}

/// Where a server is reached.
pub(super) fn server_address(value: &Value) -> Result<ServerAddress, Expected> {
    ServerAddress::parse(&kinds::text(value)?)
        .ok_or_else(|| Expected::new("must be an address like https://visits.example.org/video"))
}

/// A path prefix.
pub(super) fn path_prefix(value: &Value) -> Result<String, Expected> {
    parse_path(&kinds::text(value)?)
        .ok_or_else(|| Expected::new("must be a path like /video, of letters, digits and -._~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (text, expected) in [
            ("https://a.example", Some(("https://a.example", ""))),
            (
                "HTTPS://A.example:8443/",
                Some(("https://a.example:8443", "")),
            ),
            (
                "http://[::1]:5000/Video/",
                Some(("http://[::1]:5000", "/Video")),
            ),
            ("https://a.example/a/b", Some(("https://a.example", "/a/b"))),
            ("a.example", None),
            ("ftp://a.example", None),
            ("https://", None),
            ("https://a.example:port", None),
            ("https://user@a.example", None),
            ("https://a.example;script-src", None),
            ("https://a.example/a//b", None),
            ("https://a.example/../b", None),
            ("https://a.example/a?b", None),
            ("https://[a]/", None),
        ] {
            let parsed = ServerAddress::parse(text);
            let parts = parsed
                .as_ref()
                .map(|it| (it.origin.as_str(), it.path.as_str()));
            assert_eq!(parts, expected, "{text}");
        }
    }

    #[test]
    fn sockets_have_the_scheme_that_fits() {
        for (text, sockets) in [
            ("https://http.example", "wss://http.example"),
            ("http://127.0.0.1:1", "ws://127.0.0.1:1"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().of_sockets(), sockets);
        }
    }
}
