//! An HTTP/1.1 client that costs little: one request at a time on a kept connection, the request's bytes made before.
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::wire::connect_tcp;

const READ_BYTES: usize = 4096;
const HEAD_END: &[u8] = b"\r\n\r\n";
const LENGTH_HEADER: &[u8] = b"content-length:";

/// A kept connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = connect_tcp(address, Ipv4Addr::LOCALHOST).await?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(READ_BYTES),
        })
    }

    /// Sends `request` and reads the whole answer: its status and body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.write(request).await?;
        self.buffer.clear();
        let (status, body_at, end) = loop {
            self.fill().await?;
            match parse(&self.buffer)? {
                Some(answer) if self.buffer.len() >= answer.2 => break answer,
                _ => {}
            }
        };
        ensure!(
            self.buffer.len() == end,
            "more than the answer to one request"
        );
        Ok((status, &self.buffer[body_at..end]))
    }

    /// POSTs `body` and takes `data` out of a successful answer.
    pub(crate) async fn post(&mut self, path: &str, token: &str, body: &str) -> Result<Value> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nx-auth-token: {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (status, answer) = self.exchange(request.as_bytes()).await?;
        ensure!(
            (200..300).contains(&status),
            "POST {path}: {status} {}",
            answer.escape_ascii()
        );
        let mut answer: Value = serde_json::from_slice(answer).context("the answer's body")?;
        Ok(answer["data"].take())
    }

    async fn write(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    self.stream.writable().await?;
                }
                Err(error) => return Err(error).context("sending"),
            }
        }
        Ok(())
    }

    async fn fill(&mut self) -> Result<()> {
        loop {
            self.stream.readable().await?;
            self.buffer.reserve(READ_BYTES);
            match self.stream.try_read_buf(&mut self.buffer) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error).context("receiving"),
            }
        }
    }
}

/// Status, where the body begins and where it ends, once the head is there.
fn parse(bytes: &[u8]) -> Result<Option<(u16, usize, usize)>> {
    let Some(end) = bytes
        .windows(HEAD_END.len())
        .position(|window| window == HEAD_END)
    else {
        return Ok(None);
    };
    let head = &bytes[..end];
    let status = head.get(9..12).and_then(number).context("no status")?;
    let length = head
        .split(|&byte| byte == b'\n')
        .find(|line| {
            line.len() > LENGTH_HEADER.len()
                && line[..LENGTH_HEADER.len()].eq_ignore_ascii_case(LENGTH_HEADER)
        })
        .and_then(|line| number(&line[LENGTH_HEADER.len()..]))
        .context("an answer without Content-Length")?;
    let body_at = end + HEAD_END.len();
    Ok(Some((u16::try_from(status)?, body_at, body_at + length)))
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_tells_status_and_length() -> Result<()> {
        let answer = b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\nX: y\r\n\r\nhello";
        assert_eq!(parse(answer)?, Some((200, answer.len() - 5, answer.len())));
        assert_eq!(parse(&answer[..30])?, None);
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        Ok(())
    }
}
