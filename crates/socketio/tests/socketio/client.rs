//! Clients that do exactly what a test says, right or wrong.
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No test waits longer than this for anything: then something is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A connection on which requests are written by hand.
#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
}

impl Http {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    pub(crate) async fn get(&mut self, query: &str) {
        self.write(format!(
            "GET /socket.io/?{query} HTTP/1.1\r\nHost: test\r\n\r\n"
        ))
        .await;
    }

    pub(crate) async fn post(&mut self, query: &str, body: &str) {
        let length = body.len();
        let head = format!(
            "POST /socket.io/?{query} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n"
        );
        self.write(head + body).await;
    }

    /// Reads the head of an answer and a body of the declared length.
    pub(crate) async fn answer(&mut self) -> Answer {
        let end = loop {
            if let Some(at) = self
                .buffer
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                break at + 4;
            }
            self.fill().await;
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).unwrap();
        let status = head[9..12].parse().unwrap();
        let length = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .map(str::to_owned)
            })
            .map_or(0, |length| length.parse().unwrap());
        while self.buffer.len() < length {
            self.fill().await;
        }
        let body = String::from_utf8(self.buffer.drain(..length).collect()).unwrap();
        Answer { status, head, body }
    }

    async fn fill(&mut self) {
        let count = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer))
            .await
            .unwrap()
            .unwrap();
        assert!(
            count > 0,
            "the server closed the connection after {:?}",
            String::from_utf8_lossy(&self.buffer)
        );
    }
}

pub(crate) async fn get(address: SocketAddr, query: &str) -> Answer {
    let mut http = Http::open(address).await;
    http.get(query).await;
    http.answer().await
}

pub(crate) async fn post(address: SocketAddr, query: &str, body: &str) -> Answer {
    let mut http = Http::open(address).await;
    http.post(query, body).await;
    http.answer().await
}

/// A client on long-polling.
#[derive(Debug, Clone)]
pub(crate) struct Polling {
    pub(crate) address: SocketAddr,
    pub(crate) sid: String,
}

impl Polling {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let answer = get(address, "EIO=4&transport=polling").await;
        assert_eq!(answer.status, 200);
        Self {
            address,
            sid: sid_of(&answer.body),
        }
    }

    /// Opens and joins the main namespace; also returns the public id.
    pub(crate) async fn join(address: SocketAddr) -> (Self, String) {
        let client = Self::open(address).await;
        assert_eq!(client.post("40").await.body, "ok");
        let id = sid_of(&client.poll().await.body[1..]);
        (client, id)
    }

    pub(crate) fn query(&self) -> String {
        format!("EIO=4&transport=polling&sid={}", self.sid)
    }

    pub(crate) async fn poll(&self) -> Answer {
        get(self.address, &self.query()).await
    }

    pub(crate) async fn post(&self, body: &str) -> Answer {
        post(self.address, &self.query(), body).await
    }
}

/// The `sid` in `0{"sid":"..."}`.
pub(crate) fn sid_of(packet: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(&packet[1..]).unwrap();
    value["sid"].as_str().unwrap().to_owned()
}

/// What a websocket delivers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16),
    /// The stream has ended.
    End,
}

/// A client on a websocket.
#[derive(Debug)]
pub(crate) struct Websocket {
    pub(crate) http: Http,
}

pub(crate) const KEY: &str =
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

impl Websocket {
    /// Opens a websocket with this query.
    pub(crate) async fn open(address: SocketAddr, query: &str) -> Self {
        let mut http = Http::open(address).await;
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
        http.write(format!(
            "GET /socket.io/?{query} HTTP/1.1\r\nHost: test\r\n{upgrade}{KEY}\r\n"
        ))
        .await;
        let answer = http.answer().await;
        assert_eq!(answer.status, 101, "{answer:?}");
        assert!(answer.head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        Self { http }
    }

    /// Opens a connection and returns it with its secret id.
    pub(crate) async fn connect(address: SocketAddr) -> (Self, String) {
        let mut client = Self::open(address, "EIO=4&transport=websocket").await;
        let sid = sid_of(&client.text().await);
        (client, sid)
    }

    /// Opens a connection and joins the main namespace; returns it with its public id.
    pub(crate) async fn join(address: SocketAddr) -> (Self, String) {
        let (mut client, _) = Self::connect(address).await;
        client.send("40").await;
        let id = sid_of(&client.text().await[1..]);
        (client, id)
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.http.write(frame(0x81, text.as_bytes())).await;
    }

    pub(crate) async fn send_binary(&mut self, data: &[u8]) {
        self.http.write(frame(0x82, data)).await;
    }

    /// The next text, answering pings of the heartbeat on the way.
    pub(crate) async fn text(&mut self) -> String {
        loop {
            match self.next().await {
                Frame::Text(text) if text == "2" => self.send("3").await,
                Frame::Text(text) => return text,
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Frame {
        loop {
            if let Some(frame) = self.take_frame() {
                return frame;
            }
            let read = timeout(PATIENCE, self.http.stream.read_buf(&mut self.http.buffer))
                .await
                .unwrap();
            if !read.is_ok_and(|count| count > 0) {
                return Frame::End;
            }
        }
    }

    /// What is left until the end of the stream, without pings.
    pub(crate) async fn rest(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            match self.next().await {
                Frame::Text(text) if text == "2" => {}
                Frame::End => return frames,
                frame => frames.push(frame),
            }
        }
    }

    fn take_frame(&mut self) -> Option<Frame> {
        let buffer = &mut self.http.buffer;
        let (first, short) = (*buffer.first()?, *buffer.get(1)?);
        let extended = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let bytes = buffer.get(2..2 + extended)?;
        let length = bytes
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        let length = if extended == 0 {
            usize::from(short)
        } else {
            length
        };
        let payload = buffer.get(2 + extended..2 + extended + length)?.to_vec();
        buffer.drain(..2 + extended + length);
        Some(match first {
            0x81 => Frame::Text(String::from_utf8(payload).unwrap()),
            0x82 => Frame::Binary(payload),
            0x8a => Frame::Pong(payload),
            0x88 => Frame::Close(u16::from_be_bytes([payload[0], payload[1]])),
            other => panic!("the server sent a frame that begins with {other:#x}"),
        })
    }
}

/// A masked frame with this first byte.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        0..=125 => bytes.push(0x80 | u8::try_from(payload.len()).unwrap()),
        126..=0xffff => {
            bytes.push(0xfe);
            bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(0xff);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    let mask = [0x9d, 0x1f, 0x00, 0x77];
    bytes.extend(mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}
