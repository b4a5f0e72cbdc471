//! What a request asks for, by its method, query and headers.
use http::Method;
use http::request::Parts;

use super::response::Refusal;
use super::sid::Sid;
use crate::websocket::handshake;

/// A transport by its name in the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Polling,
    Websocket,
}

/// A request that may be answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    OpenPolling,
    OpenWebsocket,
    Poll(Sid),
    Post(Sid),
    Upgrade(Sid),
}

/// Reads a request. The order of the checks is that of the Node.js server.
pub(super) fn read(parts: &Parts) -> Result<Ask, Refusal> {
    let query = parts.uri.query().unwrap_or("");
    let transport = match parameter(query, "transport") {
        Some("polling") => Transport::Polling,
        Some("websocket") => Transport::Websocket,
        _ => return Err(Refusal::UnknownTransport),
    };
    let websocket = transport == Transport::Websocket;
    let version = parameter(query, "EIO");
    let upgrade = handshake::is_upgrade(&parts.headers);
    match parameter(query, "sid").filter(|sid| !sid.is_empty()) {
        Some(sid) => {
            let sid = Sid::parse(sid).ok_or(Refusal::UnknownSid)?;
            match (&parts.method, transport) {
                _ if version != Some("4") || websocket != upgrade => Err(Refusal::BadRequest),
                (&Method::GET, Transport::Polling) => Ok(Ask::Poll(sid)),
                (&Method::POST, Transport::Polling) => Ok(Ask::Post(sid)),
                (&Method::GET, Transport::Websocket) => Ok(Ask::Upgrade(sid)),
                _ => Err(Refusal::BadRequest),
            }
        }
        None if parts.method != Method::GET => Err(Refusal::BadHandshakeMethod),
        None if websocket != upgrade => Err(Refusal::BadRequest),
        None if version != Some("4") => Err(Refusal::UnsupportedVersion),
        None if websocket => Ok(Ask::OpenWebsocket),
        None => Ok(Ask::OpenPolling),
    }
}

/// The first value of a parameter. None of the values that are understood holds an escape.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, query: &str, upgrade: bool) -> Result<Ask, Refusal> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("/socket.io/{query}"));
        if upgrade {
            request = request
                .header("connection", "Upgrade")
                .header("upgrade", "websocket");
        }
        read(&request.body(()).unwrap().into_parts().0)
    }

    /// `SID` in a query stands for a session id that could be known.
    fn expect(cases: &[(&str, &str, bool, Result<Ask, Refusal>)], sid: Sid) {
        for (method, query, upgrade, expected) in cases {
            let query = query.replace("SID", &sid.text());
            assert_eq!(
                ask(method, &query, *upgrade),
                *expected,
                "{method} {query} {upgrade}"
            );
        }
    }

    #[test]
    fn what_may_be_asked_is_understood() {
        let sid = Sid::random().unwrap();
        let cases = [
            (
                "GET",
                "?EIO=4&transport=polling",
                false,
                Ok(Ask::OpenPolling),
            ),
            (
                "GET",
                "?transport=polling&t=abc&EIO=4&b64=1",
                false,
                Ok(Ask::OpenPolling),
            ),
            (
                "GET",
                "?EIO=4&transport=polling&sid=",
                false,
                Ok(Ask::OpenPolling),
            ),
            (
                "GET",
                "?EIO=4&transport=websocket",
                true,
                Ok(Ask::OpenWebsocket),
            ),
            (
                "GET",
                "?EIO=4&transport=polling&sid=SID",
                false,
                Ok(Ask::Poll(sid)),
            ),
            (
                "POST",
                "?EIO=4&transport=polling&sid=SID",
                false,
                Ok(Ask::Post(sid)),
            ),
            (
                "GET",
                "?EIO=4&transport=websocket&sid=SID",
                true,
                Ok(Ask::Upgrade(sid)),
            ),
        ];
        expect(&cases, sid);
    }

    #[test]
    fn everything_else_gets_what_node_would_say() {
        use Refusal::{
            BadHandshakeMethod, BadRequest, UnknownSid, UnknownTransport, UnsupportedVersion,
        };
        let cases = [
            ("GET", "", false, Err(UnknownTransport)),
            ("GET", "?EIO=4", false, Err(UnknownTransport)),
            ("GET", "?EIO=4&transport=abc", false, Err(UnknownTransport)),
            (
                "GET",
                "?EIO=4&transport=polling&sid=abc",
                false,
                Err(UnknownSid),
            ),
            (
                "POST",
                "?EIO=4&transport=polling",
                false,
                Err(BadHandshakeMethod),
            ),
            (
                "PUT",
                "?EIO=4&transport=polling",
                false,
                Err(BadHandshakeMethod),
            ),
            ("GET", "?EIO=4&transport=websocket", false, Err(BadRequest)),
            ("GET", "?EIO=4&transport=polling", true, Err(BadRequest)),
            (
                "PUT",
                "?EIO=4&transport=polling&sid=SID",
                false,
                Err(BadRequest),
            ),
            (
                "GET",
                "?EIO=4&transport=websocket&sid=SID",
                false,
                Err(BadRequest),
            ),
            (
                "POST",
                "?EIO=4&transport=websocket&sid=SID",
                true,
                Err(BadRequest),
            ),
            (
                "GET",
                "?EIO=3&transport=polling&sid=SID",
                false,
                Err(BadRequest),
            ),
            ("GET", "?transport=polling", false, Err(UnsupportedVersion)),
            (
                "GET",
                "?EIO=3&transport=polling",
                false,
                Err(UnsupportedVersion),
            ),
            (
                "GET",
                "?EIO=3&transport=websocket",
                true,
                Err(UnsupportedVersion),
            ),
            (
                "GET",
                "?EIO=abc&transport=websocket",
                true,
                Err(UnsupportedVersion),
            ),
            (
                "GET",
                "?EIO=40&transport=polling",
                false,
                Err(UnsupportedVersion),
            ),
        ];
        expect(&cases, Sid::random().unwrap());
    }
}
