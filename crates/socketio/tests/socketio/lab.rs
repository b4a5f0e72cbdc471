//! A server with an application that does what its clients ask, and writes down what happens to it.
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use holdspace_socketio::{
    Args, Body, Config, DisconnectReason, Event, Handler, Refusal, Server, Socket,
};
use http::request::Parts;
use http::{Response, StatusCode};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, timeout};

/// What happened to the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    Connected(String),
    Event(String),
    Acknowledged(String),
    Timer,
    Disconnected(String, DisconnectReason),
}

pub(crate) struct App {
    pub(crate) sockets: Mutex<HashMap<String, Socket>>,
    pub(crate) gate: Notify,
    notes: mpsc::UnboundedSender<Note>,
}

pub(crate) struct Lab {
    pub(crate) address: SocketAddr,
    pub(crate) app: Arc<App>,
    pub(crate) server: Server<App>,
    notes: mpsc::UnboundedReceiver<Note>,
}

impl Lab {
    pub(crate) async fn start() -> Self {
        Self::with(Config {
            close_timeout: Duration::from_millis(500),
            ..Config::default()
        })
        .await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let (sender, notes) = mpsc::unbounded_channel();
        let app = Arc::new(App {
            sockets: Mutex::default(),
            gate: Notify::new(),
            notes: sender,
        });
        let server = Server::new(config, Arc::clone(&app));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = shared.clone();
                let service = service_fn(move |request| {
                    let server = server.clone();
                    async move { Ok::<_, Infallible>(server.handle(request).await) }
                });
                tokio::spawn(
                    http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .with_upgrades(),
                );
            }
        });
        Self {
            address,
            app,
            server,
            notes,
        }
    }

    pub(crate) async fn note(&mut self) -> Note {
        timeout(Duration::from_secs(20), self.notes.recv())
            .await
            .unwrap()
            .unwrap()
    }

    /// The reason of the next disconnect, whatever comes before it.
    pub(crate) async fn end(&mut self) -> DisconnectReason {
        loop {
            if let Note::Disconnected(_, reason) = self.note().await {
                return reason;
            }
        }
    }

    /// What has been noted and not been asked for.
    pub(crate) fn unread(&mut self) -> Vec<Note> {
        std::iter::from_fn(|| self.notes.try_recv().ok()).collect()
    }

    pub(crate) fn socket(&self, id: &str) -> Socket {
        self.app.sockets.lock().unwrap()[id].clone()
    }
}

impl App {
    fn note(&self, note: Note) {
        // Nobody listens any more when the test is over.
        let _ = self.notes.send(note);
    }

    fn peer(&self, id: &str) -> Option<Socket> {
        self.sockets.lock().unwrap().get(id).cloned()
    }
}

impl Handler for App {
    type Peer = Option<String>;
    type State = u32;

    fn handshake(&self, parts: &Parts) -> Result<Option<String>, Response<Body>> {
        let origin = parts
            .headers
            .get("origin")
            .and_then(|origin| origin.to_str().ok())
            .map(str::to_owned);
        if origin.as_deref() == Some("https://evil.example") {
            let mut response = Response::new(Body::from("not you"));
            *response.status_mut() = StatusCode::FORBIDDEN;
            return Err(response);
        }
        Ok(origin)
    }

    async fn connect(
        &self,
        socket: &Socket,
        namespace: &str,
        auth: Option<&RawValue>,
        _: &Option<String>,
    ) -> Result<u32, Refusal> {
        let auth = auth.map_or("", RawValue::get);
        if !matches!(namespace, "/" | "/a" | "/b" | "/c") {
            return Err(Refusal::invalid_namespace());
        }
        if auth.contains("refuse") {
            socket.emit("never", &[]);
            let data =
                RawValue::from_string("{\"code\":\"AUTHENTICATION_FAILED\"}".to_owned()).ok();
            return Err(Refusal {
                message: "AUTHENTICATION \"FAILED\"".to_owned(),
                data,
            });
        }
        if auth.contains("early") {
            socket.emit("early", &["1"]);
            tokio::task::yield_now().await;
            socket.emit_with_attachments(
                "early",
                &["{\"_placeholder\":true,\"num\":0}"],
                &[vec![7].into()],
            );
        }
        if auth.contains("leave") {
            socket.disconnect(false);
        }
        self.sockets
            .lock()
            .unwrap()
            .insert(socket.id().to_owned(), socket.clone());
        self.note(Note::Connected(namespace.to_owned()));
        Ok(0)
    }

    async fn event(&self, socket: &Socket, count: &mut u32, event: Event<'_>) {
        *count += 1;
        match &*event.name {
            "echo" => {
                socket.emit_with_attachments("echo", &[event.args.as_str()], event.attachments);
            }
            "relay" => {
                let (to, data) = (
                    event.args.field("to").unwrap_or("\"\""),
                    event.args.field("data").unwrap_or("null"),
                );
                if let Some(peer) = self.peer(to.trim_matches('"')) {
                    peer.emit(
                        "relay",
                        &["{\"data\":", data, ",\"from\":\"", socket.id(), "\"}"],
                    );
                }
            }
            "flood" => {
                let (to, count) = (
                    event.args.field("to").unwrap_or("\"\""),
                    event.args.field("count").unwrap_or("0"),
                );
                if let Some(peer) = self.peer(to.trim_matches('"')) {
                    let block = "x".repeat(10_000);
                    for _ in 0..count.parse::<u32>().unwrap() {
                        peer.emit("block", &["\"", &block, "\""]);
                    }
                }
            }
            "ask" => self.ask(socket, event.args),
            "wait" => self.gate.notified().await,
            "timer" => socket.set_timer(Some(Instant::now() + Duration::from_millis(20))),
            "leave" => socket.disconnect(false),
            "kick" => socket.disconnect(true),
            "drop" => socket.close(),
            "panic" => panic!("as asked"),
            "count" => {
                socket.emit("count", &[&count.to_string()]);
            }
            name => self.note(Note::Event(name.to_owned())),
        }
        if let Some(id) = event.ack {
            socket.ack_with_attachments(id, &[event.args.as_str()], event.attachments);
        }
    }

    async fn timer(&self, socket: &Socket, _: &mut u32) {
        socket.emit("timer", &[]);
        self.note(Note::Timer);
    }

    async fn disconnected(&self, socket: &Socket, _: u32, reason: DisconnectReason) {
        assert!(!socket.is_connected());
        assert!(!socket.emit("too late", &[]));
        self.sockets.lock().unwrap().remove(socket.id());
        assert_ne!(socket.namespace(), "/c", "as asked");
        self.note(Note::Disconnected(socket.namespace().to_owned(), reason));
    }
}

impl App {
    /// Asks the client back, in a task of its own: a handler must not wait for its own client.
    fn ask(&self, socket: &Socket, args: Args<'_>) {
        let patience = args
            .get(0)
            .and_then(|patience| patience.parse().ok())
            .map_or(Duration::MAX, Duration::from_millis);
        let (socket, notes) = (socket.clone(), self.notes.clone());
        tokio::spawn(async move {
            let answer = socket
                .emit_with_ack("question", &["1"], &[], patience)
                .await;
            let text = match answer {
                Ok(answer) => format!("{} {:?}", answer.args().as_str(), answer.attachments()),
                Err(error) => error.to_string(),
            };
            let _ = notes.send(Note::Acknowledged(text));
        });
    }
}
