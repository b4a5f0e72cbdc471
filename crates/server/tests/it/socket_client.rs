//! A Socket.IO client over a websocket, small enough to be told exactly what to send, and strict about
//! what it gets: every event is taken in order, none is skipped.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// What a websocket runs over.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// One connected socket.
pub(crate) struct SocketClient {
    stream: WebSocketStream<Box<dyn Wire>>,
    /// `socket.id`.
    pub(crate) id: String,
    /// Events that came before an awaited acknowledgement.
    events: VecDeque<(String, Value)>,
    next_ack: u64,
}

impl SocketClient {
    /// Connects with this `auth`; a refusal gives the payload of `connect_error`.
    pub(crate) async fn connect(address: SocketAddr, auth: Value) -> Result<Self, Value> {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::over(Box::new(stream), &format!("ws://{address}"), auth).await
    }

    /// The same over a stream that is there already.
    pub(crate) async fn over(
        stream: Box<dyn Wire>,
        origin: &str,
        auth: Value,
    ) -> Result<Self, Value> {
        let url = format!("{origin}/socket.io/?EIO=4&transport=websocket");
        let (stream, _) = client_async(url, stream).await.unwrap();
        let mut client = Self {
            stream,
            id: String::new(),
            events: VecDeque::new(),
            next_ack: 0,
        };
        let open = client.packet().await.unwrap();
        assert!(open.starts_with('0'), "{open}");
        client.send(format!("40{auth}")).await;
        let answer = client.packet().await.unwrap();
        let payload = |skip| serde_json::from_str::<Value>(&answer[skip..]).unwrap();
        if answer.starts_with("44") {
            return Err(payload(2));
        }
        assert!(answer.starts_with("40"), "{answer}");
        payload(2)["sid"]
            .as_str()
            .unwrap()
            .clone_into(&mut client.id);
        Ok(client)
    }

    /// Sends an attachment of the packet before.
    pub(crate) async fn send_binary(&mut self, data: &'static [u8]) {
        self.stream.send(Message::binary(data)).await.unwrap();
    }

    /// Sends a packet as it is.
    pub(crate) async fn send(&mut self, packet: String) {
        self.stream.send(Message::text(packet)).await.unwrap();
    }

    /// Emits an event.
    pub(crate) async fn emit(&mut self, event: &str, payload: &Value) {
        self.send(format!("42{}", json!([event, payload]))).await;
    }

    /// Emits an event and gives its acknowledgement; events that come before it are kept.
    pub(crate) async fn ask(&mut self, event: &str, payload: &Value) -> Value {
        self.ask_raw(&format!("[{},{payload}]", json!(event))).await
    }

    /// The same with the packet's JSON given as text.
    pub(crate) async fn ask_raw(&mut self, json: &str) -> Value {
        let ack = self.next_ack;
        self.next_ack += 1;
        self.send(format!("42{ack}{json}")).await;
        let prefix = format!("43{ack}[");
        loop {
            let packet = self
                .packet()
                .await
                .expect("the connection ended before the acknowledgement");
            if let Some(rest) = packet.strip_prefix(&prefix) {
                return serde_json::from_str(rest.strip_suffix(']').unwrap()).unwrap();
            }
            self.keep(&packet);
        }
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            let packet = self
                .packet()
                .await
                .expect("the connection ended before the event");
            self.keep(&packet);
        }
    }

    /// The next event as it came, when none is kept.
    pub(crate) async fn next_raw(&mut self) -> String {
        assert!(self.events.is_empty());
        let packet = self
            .packet()
            .await
            .expect("the connection ended before the event");
        packet
            .strip_prefix("42")
            .unwrap_or_else(|| panic!("unexpected: {packet}"))
            .to_owned()
    }

    /// The next event, which must have this name.
    pub(crate) async fn expect(&mut self, name: &str) -> Value {
        let (event, payload) = self.next().await;
        assert_eq!(event, name, "{payload}");
        payload
    }

    /// The code of the next event, which must be `error`.
    pub(crate) async fn expect_error(&mut self) -> String {
        self.expect("error").await["code"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Every event that the server has sent so far: what comes before the answer to a question.
    pub(crate) async fn drain(&mut self) -> Vec<(String, Value)> {
        let answer = self.ask("anything?", &Value::Null).await;
        assert_eq!(answer["error"]["code"], "INVALID_PAYLOAD");
        let mut events: Vec<_> = self.events.drain(..).collect();
        let (name, _) = events.pop().expect("the answer's own error event");
        assert_eq!(name, "error");
        events
    }

    /// The next packet as it came, heartbeats aside.
    pub(crate) async fn packet_raw(&mut self) -> String {
        self.packet()
            .await
            .expect("the connection ended before the packet")
    }

    /// Proves that nothing was sent to this socket.
    pub(crate) async fn expect_silence(&mut self) {
        assert_eq!(self.drain().await, []);
    }

    /// Waits until the server closes the connection; gives the events that came before.
    pub(crate) async fn closed(&mut self) -> Vec<String> {
        while let Some(packet) = self.packet().await {
            if packet != "41" {
                self.keep(&packet);
            }
        }
        self.events.drain(..).map(|(name, _)| name).collect()
    }

    /// Leaves as socket.io-client's `disconnect()` does.
    pub(crate) async fn disconnect(mut self) {
        self.send("41".to_owned()).await;
        self.stream.close(None).await.unwrap();
        self.closed().await;
    }

    /// Breaks the connection without a word.
    pub(crate) fn lose(self) {
        drop(self.stream);
    }

    fn keep(&mut self, packet: &str) {
        let json = packet
            .strip_prefix("42")
            .unwrap_or_else(|| panic!("unexpected: {packet}"));
        let event: Value = serde_json::from_str(json).unwrap();
        let name = event[0].as_str().unwrap().to_owned();
        self.events.push_back((name, event[1].clone()));
    }

    /// The next packet that is not a heartbeat; `None` when the connection has ended.
    async fn packet(&mut self) -> Option<String> {
        loop {
            match self.stream.next().await?.ok()? {
                Message::Text(text) if text == "2" => {
                    self.stream.send(Message::text("3")).await.ok()?;
                }
                Message::Text(text) => return Some(text.to_string()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }
}
