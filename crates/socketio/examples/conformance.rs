//! The echo server that the official suites of both protocols expect: Engine.IO at `/engine.io/`, Socket.IO at
//! `/socket.io/`, on the port given as the argument (3000).
use std::convert::Infallible;
use std::net::Ipv6Addr;
use std::sync::Arc;
use std::time::Duration;

use holdspace_socketio::engine::{self, Link, Message, Service};
use holdspace_socketio::{Body, Config, DisconnectReason, Event, Handler, Refusal, Server, Socket};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::time::Instant;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args()
        .nth(1)
        .and_then(|port| port.parse().ok())
        .unwrap_or(3000);
    let config = Config {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_secs(1),
        payload_bytes_max: 1_000_000,
        ..Config::default()
    };
    let engine = engine::Server::new(config.clone(), EngineEcho);
    let socket = Server::new(config, Arc::new(Echo));
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let (engine, socket) = (engine.clone(), socket.clone());
        let service = service_fn(move |request| answer(engine.clone(), socket.clone(), request));
        tokio::spawn(
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades(),
        );
    }
}

async fn answer(
    engine: engine::Server<EngineEcho>,
    socket: Server<Echo>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    Ok(match request.uri().path() {
        "/engine.io/" => engine.handle(request).await,
        "/socket.io/" => socket.handle(request).await,
        _ => {
            let mut response = Response::new(Body::default());
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    })
}

struct EngineEcho;

impl Service for EngineEcho {
    type Peer = ();
    type Session = ();

    fn handshake(&self, _: &Parts) -> Result<(), Response<Body>> {
        Ok(())
    }

    fn open(&self, _: &Arc<Link>, (): ()) {}

    async fn message(
        &self,
        link: &Arc<Link>,
        (): &mut (),
        message: Message<'_>,
    ) -> Result<(), DisconnectReason> {
        match message {
            Message::Text(text) => link.send(text),
            Message::Binary(data) => link.send_binary(data),
        };
        Ok(())
    }

    async fn closed(&self, _: &Arc<Link>, (): (), _: DisconnectReason) {}
}

struct Echo;

impl Handler for Echo {
    type Peer = ();
    /// What the client sent when it connected.
    type State = String;

    fn handshake(&self, _: &Parts) -> Result<(), Response<Body>> {
        Ok(())
    }

    async fn connect(
        &self,
        socket: &Socket,
        namespace: &str,
        auth: Option<&RawValue>,
        (): &(),
    ) -> Result<String, Refusal> {
        if !matches!(namespace, "/" | "/custom") {
            return Err(Refusal::invalid_namespace());
        }
        // The suite looks for one message at a time, and its client loses one that arrives together with another.
        socket.set_timer(Some(Instant::now() + Duration::from_millis(20)));
        Ok(auth.map_or("{}", RawValue::get).to_owned())
    }

    async fn timer(&self, socket: &Socket, auth: &mut String) {
        socket.emit("auth", &[auth]);
    }

    async fn event(&self, socket: &Socket, _: &mut String, event: Event<'_>) {
        let args = [event.args.as_str()];
        match (&*event.name, event.ack) {
            ("message", _) => {
                socket.emit_with_attachments("message-back", &args, event.attachments);
            }
            ("message-with-ack", Some(id)) => {
                socket.ack_with_attachments(id, &args, event.attachments);
            }
            _ => {}
        }
    }

    async fn disconnected(&self, _: &Socket, _: String, _: DisconnectReason) {}
}
