//! A WebSocket client that costs little: it frames and masks by hand, and takes whole unfragmented messages only.
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

// RFC 6455 §1.3: the key of its example, and what a server must answer to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const READ_BYTES: usize = 2048;
const HEADER_BYTES_MAX: usize = 14;
const MASK: [u8; 4] = [0x5a, 0xc3, 0x17, 0x9e];
const OPCODE_TEXT: u8 = 1;
const OPCODE_CLOSE: u8 = 8;
const OPCODE_PING: u8 = 9;
const OPCODE_PONG: u8 = 10;
const ENGINE_PING: &[u8] = b"2";
const ENGINE_PONG: &[u8] = b"3";
// RFC 6455 §5.2: a shorter length stands in the byte itself.
const MASKED: u8 = 0x80;
const LENGTH_IN_2: u8 = 126;
const LENGTH_IN_8: u8 = 127;
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The sending half of a connection.
#[derive(Debug)]
pub(crate) struct Wire(TcpStream);

/// The receiving half.
#[derive(Debug)]
pub(crate) struct Frames {
    wire: Rc<Wire>,
    buffer: Vec<u8>,
    /// What of the buffer has been handed out.
    consumed: usize,
}

/// Connects to `path` at `address`, from `source` when many connections need several addresses.
pub(crate) async fn connect(
    address: SocketAddr,
    source: Ipv4Addr,
    path: &str,
) -> Result<(Rc<Wire>, Frames)> {
    let wire = Rc::new(Wire(connect_tcp(address, source).await?));
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    );
    wire.write(request.as_bytes()).await?;
    let mut frames = Frames {
        wire: Rc::clone(&wire),
        buffer: Vec::new(),
        consumed: 0,
    };
    frames.read_handshake().await?;
    Ok((wire, frames))
}

/// A TCP connection to `address` from any port of `source`.
pub(crate) async fn connect_tcp(address: SocketAddr, source: Ipv4Addr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket
        .bind((source, 0).into())
        .with_context(|| format!("a port of {source}"))?;
    let stream = socket.connect(address).await.context("connecting")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Wire {
    /// Sends one text message, in a write of its own as a browser does.
    pub(crate) async fn send(&self, text: &[u8]) -> Result<()> {
        self.write(&frame(OPCODE_TEXT, text)).await
    }

    /// Says that this side closes.
    pub(crate) async fn send_close(&self) -> Result<()> {
        self.write(&frame(OPCODE_CLOSE, &1000_u16.to_be_bytes()))
            .await
    }

    /// Sends bytes that are framed already.
    pub(crate) async fn write(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            self.0.writable().await?;
            match self.0.try_write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error).context("sending"),
            }
        }
        Ok(())
    }
}

impl Frames {
    /// The next text message. Pings, also those of Engine.IO, are answered on the way.
    pub(crate) async fn next(&mut self) -> Result<&[u8]> {
        let (opcode, payload) = loop {
            let (opcode, payload) = self.next_frame().await?;
            match (opcode, &self.buffer[payload.clone()]) {
                (OPCODE_PING, content) => self.wire.write(&frame(OPCODE_PONG, content)).await?,
                (OPCODE_TEXT, ENGINE_PING) => self.wire.send(ENGINE_PONG).await?,
                _ => break (opcode, payload),
            }
        };
        ensure!(
            opcode == OPCODE_TEXT,
            "a frame of type {opcode}: {:?}",
            self.buffer[payload].escape_ascii()
        );
        Ok(&self.buffer[payload])
    }

    /// Closes the connection as RFC 6455 §7 asks, and waits until the server has closed it too.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.wire.send_close().await?;
        let ended = async {
            loop {
                match self.next_frame().await {
                    Ok((OPCODE_CLOSE, _)) | Err(_) => break,
                    Ok(_) => {}
                }
            }
        };
        timeout(CLOSE_TIMEOUT, ended)
            .await
            .context("the server does not close")
    }

    async fn next_frame(&mut self) -> Result<(u8, Range<usize>)> {
        loop {
            if let Some((opcode, payload)) = parse(&self.buffer[self.consumed..])? {
                let payload = self.consumed + payload.start..self.consumed + payload.end;
                self.consumed = payload.end;
                return Ok((opcode, payload));
            }
            self.fill().await?;
        }
    }

    async fn read_handshake(&mut self) -> Result<()> {
        let length = loop {
            if let Some(end) = self
                .buffer
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                break end + 4;
            }
            self.fill().await?;
        };
        let head = &self.buffer[..length];
        ensure!(
            head.starts_with(b"HTTP/1.1 101"),
            "no upgrade: {}",
            head.escape_ascii()
        );
        ensure!(
            head.windows(ACCEPT.len()).any(|window| window == ACCEPT),
            "a wrong Sec-WebSocket-Accept"
        );
        self.consumed = length;
        Ok(())
    }

    async fn fill(&mut self) -> Result<()> {
        self.buffer.drain(..self.consumed);
        self.consumed = 0;
        loop {
            self.wire.0.readable().await?;
            self.buffer.reserve(READ_BYTES);
            match self.wire.0.try_read_buf(&mut self.buffer) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error).context("receiving"),
            }
        }
    }
}

/// A text message, framed.
pub(crate) fn text_frame(text: &[u8]) -> Vec<u8> {
    frame(OPCODE_TEXT, text)
}

/// A whole masked frame. The mask is always the same: what it guards against is no matter on loopback.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len() + HEADER_BYTES_MAX);
    frame.push(0x80 | opcode);
    let length = payload.len() as u64;
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ 0..LENGTH_IN_2), _) => frame.push(MASKED | length),
        (_, Ok(length)) => {
            frame.push(MASKED | LENGTH_IN_2);
            frame.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            frame.push(MASKED | LENGTH_IN_8);
            frame.extend_from_slice(&length.to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    let mask = MASK.iter().cycle();
    frame.extend(payload.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
    frame
}

/// The type of the first frame in `bytes` and where its payload lies, once all of it is there.
fn parse(bytes: &[u8]) -> Result<Option<(u8, Range<usize>)>> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    ensure!(first & 0xf0 == 0x80, "a fragmented or extended frame");
    ensure!(second & MASKED == 0, "a masked frame from the server");
    let (start, length) = match (second, rest) {
        (&LENGTH_IN_2, [a, b, ..]) => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        (&LENGTH_IN_8, [0, 0, 0, 0, a, b, c, d, ..]) => {
            (10, u32::from_be_bytes([*a, *b, *c, *d]) as usize)
        }
        (&(LENGTH_IN_2 | LENGTH_IN_8), _) => return Ok(None),
        (&length, _) => (2, usize::from(length)),
    };
    Ok((bytes.len() >= start + length).then(|| (first & 0x0f, start..start + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_found_once_it_is_whole() -> Result<()> {
        for length in [0, 1, 125, 126, 5000, 70_000] {
            let mut bytes = frame(OPCODE_TEXT, &vec![b'x'; length]);
            // As the server would send it: neither mask bit nor mask.
            let header = bytes.len() - length - MASK.len();
            bytes.drain(header..header + MASK.len());
            bytes[1] &= 0x7f;
            assert_eq!(
                parse(&bytes)?,
                Some((OPCODE_TEXT, header..header + length)),
                "{length}"
            );
            assert_eq!(parse(&bytes[..bytes.len() - 1])?, None, "{length}");
        }
        Ok(())
    }

    #[test]
    fn fragments_and_masked_frames_are_refused() {
        assert!(parse(&[0x01, 0x00]).is_err());
        assert!(parse(&[0x81, 0x80]).is_err());
    }
}
