//! Signaling over Socket.IO (SPEC section 4): events in, events out. The rules are the domain's, the
//! rosters the room store's; this knows the wire.

mod connect;
mod emit;
mod error;
mod join;
mod leave;
mod outbox;
mod relay;
mod resume_token;
mod wire;

pub use outbox::{AbandonedCall, SocketOutbox};

use std::fmt;
use std::sync::Arc;

use holdspace_domain::roster::{Input, SignalKind};
use holdspace_domain::{EventBudget, RoomId, SessionId, SocketId};
use holdspace_socketio::{Body, DisconnectReason, Event, Handler, Refusal, Socket};
use http::Response;
use http::request::Parts;
use serde_json::value::RawValue;

use self::emit::{answer, emit};
use self::error::{Code, SocketError};
use self::outbox::Seat;
use crate::app::App;
use crate::auth::Identity;
use crate::listener::ClientAddress;
use crate::relay::Presence;
use crate::runtime;
use crate::telemetry::RequestId;

/// The application behind the sockets.
#[derive(Debug)]
pub struct Signaling {
    app: Arc<App>,
    outbox: Arc<SocketOutbox>,
}

/// What a connection came with.
#[derive(Debug)]
pub struct Connection {
    /// Kept for as long as the connection lives, which it counts for.
    _address: Option<ClientAddress>,
    /// The request that opened it: its id is in every line that is logged about the socket.
    request: Option<RequestId>,
}

/// What is known of one connected socket.
pub struct Member {
    id: SocketId,
    request: Option<RequestId>,
    identity: Identity,
    seat: Arc<Seat>,
    /// The room it joined last; whether it still is there, the roster knows.
    room: Option<JoinedRoom>,
    budget: EventBudget,
}

#[derive(Clone)]
struct JoinedRoom {
    session: SessionId,
    room: RoomId,
    /// What the relay does for this person counts for the visit as long as this lives.
    _presence: Option<Arc<Presence>>,
}

impl Signaling {
    /// `outbox` is the one to which `app.rooms` delivers.
    pub fn new(app: Arc<App>, outbox: Arc<SocketOutbox>) -> Self {
        Self { app, outbox }
    }

    async fn handle(&self, socket: &Socket, member: &mut Member, event: Event<'_>) {
        runtime::count_event();
        let ack = event.ack;
        let result = match &*event.name {
            // Nothing of this protocol is binary.
            _ if !event.attachments.is_empty() => {
                Err(SocketError::invalid_payload("Events take no attachments"))
            }
            "ice-candidate" => self.relay(member, SignalKind::IceCandidate, &event).await,
            "offer" => self.relay(member, SignalKind::Offer, &event).await,
            "answer" => self.relay(member, SignalKind::Answer, &event).await,
            "join-room" => {
                let request = member.request.clone();
                within(request, self.join_room(socket, member, &event)).await
            }
            "leave-room" => {
                let request = member.request.clone();
                within(request, self.leave_room(member, &event)).await
            }
            _ => Err(SocketError::invalid_payload("There is no such event")),
        };
        if let Err(error) = &result {
            let request = member.request.as_ref().map(RequestId::as_str);
            let code = error.code.as_str();
            tracing::debug!(request, code, "an event was refused");
        }
        answer(socket, ack, &result);
    }
}

/// Works as part of the request, where there is one.
async fn within<F: Future>(request: Option<RequestId>, work: F) -> F::Output {
    match request {
        Some(id) => id.scope(work).await,
        None => work.await,
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Handler for Signaling {
    type Peer = Connection;
    type State = Member;

    fn handshake(&self, parts: &Parts) -> Result<Connection, Response<Body>> {
        Ok(Connection {
            _address: parts.extensions.get().cloned(),
            request: RequestId::current(),
        })
    }

    async fn connect(
        &self,
        socket: &Socket,
        namespace: &str,
        auth: Option<&RawValue>,
        connection: &Connection,
    ) -> Result<Member, Refusal> {
        if namespace != "/" {
            return Err(Refusal::invalid_namespace());
        }
        let admitted = within(connection.request.clone(), self.admit_socket(socket, auth));
        admitted.await.map_err(|error| connect::refusal(&error))
    }

    async fn event(&self, socket: &Socket, member: &mut Member, event: Event<'_>) {
        if member.budget.take(self.app.clock.now()) {
            self.handle(socket, member, event).await;
        } else {
            let error = SocketError::new(Code::RateLimitExceeded, "Too many events");
            emit(socket, "error", &error.view());
            socket.disconnect(true);
        }
    }

    async fn timer(&self, socket: &Socket, member: &mut Member) {
        if member.room.is_none() {
            let error = SocketError::new(Code::ConnectionTimeout, "No room was joined in time");
            emit(socket, "error", &error.view());
            socket.disconnect(true);
        }
    }

    async fn disconnected(&self, _socket: &Socket, member: Member, reason: DisconnectReason) {
        self.outbox.remove(member.id);
        let Some(joined) = member.room else { return };
        let socket = member.id;
        let input = match reason {
            DisconnectReason::ClientDisconnect | DisconnectReason::ServerDisconnect => {
                Input::Leave { socket }
            }
            _ => Input::Lose { socket },
        };
        let now = self.app.clock.now();
        within(member.request, async {
            if let Err(error) = self.app.rooms.apply(joined.session, input, now).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a loss was not noted"
                );
            }
        })
        .await;
    }
}
