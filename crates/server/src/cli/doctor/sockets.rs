//! The way of signaling: Engine.IO by long-polling, and the upgrade to a websocket that proxies like to forget.

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::Deserialize;

use super::connection::in_words;
use super::finding::Finding;
use super::request::{Answer, read_more};
use super::site::Site;

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";
/// RFC 6455 §1.3.
const ACCEPT_GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// A text frame that is whole (RFC 6455 §5.2).
const TEXT: u8 = 0x81;
/// Engine.IO's packet types.
const OPEN: u8 = b'0';
const CLOSE: &str = "1";

/// Both transports.
pub(super) fn examine(site: &Site) -> [Finding; 2] {
    [polling(site), websocket(site)]
}

#[derive(Deserialize)]
struct Handshake {
    sid: String,
}

fn polling(site: &Site) -> Finding {
    let check = "signaling";
    let advice = "Have the proxy pass /socket.io/ on, its query included";
    let answer = match site.get(POLLING) {
        Ok(answer) => answer,
        Err(error) => {
            return Finding::failed(check, format!("/socket.io/: {}", in_words(&error)), advice);
        }
    };
    let handshake = answer.body.strip_prefix(&[OPEN]);
    let handshake = handshake.and_then(|json| serde_json::from_slice(json).ok());
    let Some(Handshake { sid }) = handshake.filter(|_| answer.status == 200) else {
        let words = format!("/socket.io/ answers {}, and no handshake", answer.status);
        return Finding::failed(check, words, advice);
    };
    // It would end by itself, only later.
    let _ = end(site, &sid);
    Finding::ok(check, "the sockets of signaling answer")
}

fn end(site: &Site, sid: &str) -> io::Result<()> {
    let (mut connection, _) = site.connect()?;
    let path = format!("{POLLING}&sid={sid}");
    site.ask(&mut connection, "POST", &path, &[], CLOSE)
        .map(drop)
}

fn websocket(site: &Site) -> Finding {
    let check = "websocket";
    match upgrade(site) {
        Ok(()) => Finding::ok(check, "websockets come through"),
        Err(problem) => Finding::warning(
            check,
            format!(
                "websockets do not come through ({problem}): clients stay with long-polling, which is slower"
            ),
            "Have the proxy pass the headers Upgrade and Connection on (nginx: proxy_http_version 1.1)",
        ),
    }
}

fn upgrade(site: &Site) -> Result<(), String> {
    let words = |error: io::Error| in_words(&error);
    let (mut connection, _) = site.connect().map_err(words)?;
    let mut key = [0; 16];
    getrandom::fill(&mut key).map_err(|error| error.to_string())?;
    let key = BASE64_STANDARD.encode(key);
    let headers = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", &key),
    ];
    let answer = site.ask(&mut connection, "GET", WEBSOCKET, &headers, "");
    let answer = answer.map_err(words)?;
    check_upgrade(&answer, &key)?;
    let mut frames = answer.body;
    // The connection's deadline ends this.
    while frames.len() < 5 {
        match read_more(&mut connection, &mut frames) {
            Ok(true) => {}
            Ok(false) => return Err("it is closed at once".to_owned()),
            Err(_) => return Err("nothing comes over it".to_owned()),
        }
    }
    match frames[..] {
        [TEXT, 0..126, OPEN, ..] | [TEXT, 126, _, _, OPEN, ..] => Ok(()),
        _ => Err("something else speaks".to_owned()),
    }
}

fn check_upgrade(answer: &Answer, key: &str) -> Result<(), String> {
    if answer.status != 101 {
        return Err(format!("the answer is {}", answer.status));
    }
    let expected = digest(
        &SHA1_FOR_LEGACY_USE_ONLY,
        format!("{key}{ACCEPT_GUID}").as_bytes(),
    );
    let expected = BASE64_STANDARD.encode(expected);
    match answer.header("sec-websocket-accept") {
        Some(accept) if accept == expected => Ok(()),
        _ => Err("the answer is not one to this request".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::parse_head;
    use super::*;

    #[test]
    fn an_upgrade_is_known_by_its_accept() {
        // RFC 6455 §1.3.
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let head = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        let answer = parse_head(head.as_bytes()).unwrap();
        assert_eq!(check_upgrade(&answer, key), Ok(()));
        assert!(check_upgrade(&answer, "other").is_err());
        let answer = parse_head(b"HTTP/1.1 200 OK").unwrap();
        assert_eq!(
            check_upgrade(&answer, key),
            Err("the answer is 200".to_owned())
        );
    }
}
