//! The limit: a bare WebSocket relay on axum. Two sockets share a room by path, and each gets what the other sends,
//! unparsed. Beside it a bare handler that answers as much as can-join does.
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Holds the longest message, and not the 128 KiB that every idle socket would occupy by default.
const READ_BUFFER_BYTES: usize = 8 * 1024;
const WAITING_MESSAGES_MAX: usize = 1024;
/// As long as an answer of can-join.
const HELLO: &str = r#"{"success":true,"data":{"canJoin":true,"reason":null,"minutesUntilSession":10,"sessionStatus":"confirmed","paymentStatus":"completed","timeWindow":{"allowedFrom":"2025-12-15T13:45:00.000Z","allowedUntil":"2025-12-15T16:00:00.000Z"},"recheckAt":"2025-12-15T16:00:00.001Z"}}"#;

type Rooms = Arc<Mutex<HashMap<String, Arc<Room>>>>;

/// Two seats; each holds the way to whoever sits there.
#[derive(Debug, Default)]
struct Room {
    seats: Mutex<[Option<Sender<Message>>; 2]>,
}

/// Serves on a free port until the process is ended.
pub(crate) async fn serve() -> Result<()> {
    let app = Router::new()
        .route("/relay/{room}", any(upgrade))
        .route(
            "/hello",
            get(async || ([(CONTENT_TYPE, "application/json")], HELLO)),
        )
        .with_state(Rooms::default());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn upgrade(
    upgrade: WebSocketUpgrade,
    Path(room): Path<String>,
    State(rooms): State<Rooms>,
) -> Response {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .on_upgrade(async move |socket| sit(socket, room, &rooms).await)
        .into_response()
}

async fn sit(socket: WebSocket, name: String, rooms: &Rooms) {
    let (sender, waiting) = channel(WAITING_MESSAGES_MAX);
    let Some((room, seat)) = take_seat(rooms, &name, sender) else {
        return;
    };
    forward(socket, waiting, &room, 1 - seat).await;
    room.seats.lock()[seat] = None;
    let mut rooms = rooms.lock();
    if room.is_empty() {
        rooms.remove(&name);
    }
}

/// A free seat in the room called `name`, if there is one.
fn take_seat(rooms: &Rooms, name: &str, sender: Sender<Message>) -> Option<(Arc<Room>, usize)> {
    let mut rooms = rooms.lock();
    let room = Arc::clone(rooms.entry(name.to_owned()).or_default());
    let mut seats = room.seats.lock();
    let free = seats.iter().position(Option::is_none)?;
    seats[free] = Some(sender);
    drop(seats);
    Some((room, free))
}

async fn forward(socket: WebSocket, mut waiting: Receiver<Message>, room: &Room, other: usize) {
    let (mut sink, mut stream) = socket.split();
    loop {
        tokio::select! {
            incoming = stream.next() => match incoming {
                Some(Ok(message @ Message::Text(_))) => room.send(other, message),
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            Some(message) = waiting.recv() => {
                if write(&mut sink, message, &mut waiting).await.is_err() {
                    break;
                }
            }
        }
    }
    // Flushes the answer to a close frame; the connection may be gone.
    let _ = sink.close().await;
}

/// Writes a message and all that wait behind it, with one flush.
async fn write(
    sink: &mut (impl SinkExt<Message, Error = axum::Error> + Unpin),
    message: Message,
    waiting: &mut Receiver<Message>,
) -> Result<(), axum::Error> {
    sink.feed(message).await?;
    while let Ok(message) = waiting.try_recv() {
        sink.feed(message).await?;
    }
    sink.flush().await
}

impl Room {
    fn is_empty(&self) -> bool {
        self.seats.lock().iter().all(Option::is_none)
    }

    /// Hands `message` to whoever sits at `seat`. Whoever does not keep up loses messages, which the benchmark notices.
    fn send(&self, seat: usize, message: Message) {
        if let Some(sender) = &self.seats.lock()[seat] {
            let _ = sender.try_send(message);
        }
    }
}
