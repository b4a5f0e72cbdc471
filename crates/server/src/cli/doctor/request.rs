//! One HTTP/1.1 request and its answer (RFC 9112), as plainly as they come; everything is bounded.

use std::io::{self, Read, Write};

use super::connection::Connection;

const HEAD_BYTES_MAX: usize = 64 * 1024;
const BODY_BYTES_MAX: usize = 256 * 1024;

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Sends a request; the connection is closed after it unless `headers` say something else of it.
pub(super) fn send(
    connection: &mut Connection,
    method: &str,
    authority: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<()> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\n");
    let length = body.len().to_string();
    let mut lines = vec![("user-agent", "holdspace-doctor"), ("accept", "*/*")];
    if !headers.iter().any(|(name, _)| *name == "connection") {
        lines.push(("connection", "close"));
    }
    if !body.is_empty() {
        lines.extend([("content-type", "text/plain"), ("content-length", &length)]);
    }
    for (name, value) in lines.iter().chain(headers) {
        head.extend([name, ": ", value, "\r\n"]);
    }
    connection.write_all(format!("{head}\r\n{body}").as_bytes())?;
    connection.flush()
}

/// Reads an answer to its end. After 101 nothing is read beyond the head but what came with it.
pub(super) fn receive(connection: &mut Connection) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if bytes.len() > HEAD_BYTES_MAX || !read_more(connection, &mut bytes)? {
            return Err(io::ErrorKind::InvalidData.into());
        }
    };
    let mut answer = parse_head(&bytes[..end]).ok_or(io::ErrorKind::InvalidData)?;
    bytes.drain(..end + 4);
    if answer.status == 101 {
        answer.body = bytes;
        return Ok(answer);
    }
    let length = answer.header("content-length");
    let length: Option<usize> = length.and_then(|length| length.parse().ok());
    let wanted = length.unwrap_or(BODY_BYTES_MAX).min(BODY_BYTES_MAX);
    while bytes.len() < wanted && read_more(connection, &mut bytes)? {}
    let is_chunked = answer
        .header("transfer-encoding")
        .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    answer.body = if is_chunked { unchunk(&bytes) } else { bytes };
    Ok(answer)
}

/// Appends what comes next; false at the end.
pub(super) fn read_more(connection: &mut Connection, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 4096];
    match connection.read(&mut buffer) {
        Ok(length) => {
            bytes.extend_from_slice(&buffer[..length]);
            Ok(length > 0)
        }
        // TLS that was not closed as it should be: an end all the same.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn parse_head(head: &[u8]) -> Option<Answer> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    Some(Answer {
        status: status.parse().ok()?,
        headers: headers.collect(),
        body: Vec::new(),
    })
}

/// The content of chunks (RFC 9112 §7.1), as far as they are whole.
fn unchunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = String::from_utf8_lossy(&bytes[..end]);
        let size = size.split(';').next().unwrap_or_default().trim();
        let Ok(size @ 1..) = usize::from_str_radix(size, 16) else {
            break;
        };
        let Some(chunk) = bytes.get(end + 2..).and_then(|rest| rest.get(..size)) else {
            break;
        };
        content.extend_from_slice(chunk);
        bytes = bytes.get(end + 4 + size..).unwrap_or_default();
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together() {
        for (chunks, content) in [
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            (
                "5;a=b\r\nhello\r\nB\r\n, the world\r\n0\r\n\r\n",
                "hello, the world",
            ),
            ("5\r\nhel", ""),
            ("x\r\nhello", ""),
            ("ffffffffffffffff\r\nhello", ""),
            ("", ""),
        ] {
            assert_eq!(unchunk(chunks.as_bytes()), content.as_bytes(), "{chunks:?}");
        }
    }

    #[test]
    fn heads_are_read() {
        let answer = parse_head(b"HTTP/1.1 200 OK\r\nDate: now\r\nx:y").unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(
            (answer.header("date"), answer.header("x")),
            (Some("now"), Some("y"))
        );
        for head in ["HTTP/2 200", "HTTP/1.1", "HTTP/1.1 OK", "SSH-2.0-x", ""] {
            assert!(parse_head(head.as_bytes()).is_none(), "{head}");
        }
    }
}
