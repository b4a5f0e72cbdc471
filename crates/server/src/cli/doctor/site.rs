//! A server by its URL: how it is reached, and whether something secret may be sent to it.

use std::io;
use std::net::{IpAddr, SocketAddr};

use super::connection::{Connection, Shown};
use super::request::{self, Answer};
use super::trust::Roots;
use crate::config::web_address::is_authority;

/// RFC 7301: the listener speaks nothing else.
const HTTP: &[u8] = b"http/1.1";

/// Where a server is.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) is_secure: bool,
    /// A name or an address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Empty, or `/path`.
    path: String,
    /// Where its name leads; empty until it was looked up.
    pub(super) addresses: Vec<SocketAddr>,
    /// On this machine by configuration, so that it is trusted whatever certificate it shows.
    pub(super) is_own: bool,
    roots: Roots,
}

impl Site {
    /// Takes a URL apart: `https://host[:port][/path]`, or http.
    pub(super) fn parse(url: &str, roots: Roots) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_~".contains(&byte);
        if !is_authority(authority) || !path.bytes().all(is_plain) {
            return None;
        }
        let (host, port) = split_port(authority);
        Some(Self {
            is_secure,
            host: host.to_owned(),
            port: port.unwrap_or(if is_secure { 443 } else { 80 }),
            path: path.trim_end_matches('/').to_owned(),
            addresses: Vec::new(),
            is_own: false,
            roots,
        })
    }

    /// The server that this machine is configured for.
    pub(super) fn at(address: SocketAddr, is_secure: bool, roots: Roots) -> Self {
        Self {
            is_secure,
            host: address.ip().to_string(),
            port: address.port(),
            path: String::new(),
            addresses: vec![address],
            is_own: true,
            roots,
        }
    }

    /// Whether it is on this machine, where nobody listens in.
    pub(super) fn is_loopback(&self) -> bool {
        !self.addresses.is_empty() && self.addresses.iter().all(|at| at.ip().is_loopback())
    }

    /// Opens a connection; over TLS with what the server showed.
    pub(super) fn connect(&self) -> io::Result<(Connection, Option<Shown>)> {
        if self.is_secure {
            let opened =
                Connection::open_tls(&self.addresses, &self.host, &self.roots, Some(HTTP))?;
            return Ok((opened.0, Some(opened.1)));
        }
        Ok((Connection::open(&self.addresses)?, None))
    }

    /// Asks for something below its path.
    pub(super) fn get(&self, path: &str) -> io::Result<Answer> {
        let (mut connection, _) = self.connect()?;
        self.ask(&mut connection, "GET", path, &[], "")
    }

    /// One request and its answer on a connection of this site's.
    pub(super) fn ask(
        &self,
        connection: &mut Connection,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let path = format!("{}{path}", self.path);
        request::send(connection, method, &self.authority(), &path, headers, body)?;
        request::receive(connection)
    }

    /// As the header `host` has it.
    fn authority(&self) -> String {
        match self.host.parse() {
            Ok(IpAddr::V6(ip)) => format!("[{ip}]:{}", self.port),
            _ => format!("{}:{}", self.host, self.port),
        }
    }

    /// Whom it trusts.
    pub(super) fn roots(&self) -> &Roots {
        &self.roots
    }
}

/// Host and port of an authority; brackets around IPv6 are taken off.
pub(super) fn split_port(authority: &str) -> (&str, Option<u16>) {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    (bare.unwrap_or(host), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (url, expected) in [
            ("https://a.example", Some("true a.example 443 ")),
            (
                "HTTPS://a.example:8443/Video/",
                Some("true a.example 8443 /Video"),
            ),
            ("http://[::1]:5000/", Some("false ::1 5000 ")),
            ("http://127.0.0.1", Some("false 127.0.0.1 80 ")),
            ("a.example", None),
            ("ftp://a.example", None),
            ("https://user@a.example", None),
            ("https://a.example/a?b", None),
            ("https://a.example/a\r\nb", None),
        ] {
            let site = Site::parse(url, Roots::load());
            let text = site.map(|site| {
                let Site {
                    is_secure,
                    host,
                    port,
                    path,
                    ..
                } = site;
                format!("{is_secure} {host} {port} {path}")
            });
            assert_eq!(text.as_deref(), expected, "{url}");
        }
    }
}
