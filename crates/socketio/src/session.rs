//! Socket.IO over one connection: the sockets of its namespaces, and the packet whose attachments are arriving.
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::engine::{Link, Message, Service, drive};
use crate::packet::{Kind, Outgoing, Packet};
use crate::socket::Phase;
use crate::{
    AckId, Acknowledgement, Body, Config, DisconnectReason, Event, Handler, Refusal, Socket,
};

/// The Socket.IO layer as an application of Engine.IO.
#[derive(Debug)]
pub(crate) struct Sessions<H> {
    config: Config,
    handler: Arc<H>,
}

/// The state of one connection.
pub(crate) struct Session<H: Handler> {
    peer: H::Peer,
    members: Vec<Member<H::State>>,
    partial: Option<Box<Partial>>,
    /// Until then a namespace must be joined; `None` while one is.
    connect_by: Option<Instant>,
}

/// A namespace that the client has joined. It stays after the server has disconnected it: what the client sent before
/// it learned of that is no fault of its own.
struct Member<State> {
    socket: Socket,
    state: Option<State>,
}

/// A packet whose attachments are arriving.
struct Partial {
    text: String,
    expected: usize,
    attachments: Vec<Bytes>,
    bytes: usize,
}

impl<H: Handler> Sessions<H> {
    pub(crate) const fn new(config: Config, handler: Arc<H>) -> Self {
        Self { config, handler }
    }
}

impl<H: Handler> Service for Sessions<H> {
    type Peer = H::Peer;
    type Session = Session<H>;

    fn handshake(&self, parts: &Parts) -> Result<H::Peer, Response<Body>> {
        self.handler.handshake(parts)
    }

    fn open(&self, _: &Arc<Link>, peer: H::Peer) -> Session<H> {
        let connect_by = Some(Instant::now() + self.config.connect_timeout);
        Session {
            peer,
            members: Vec::new(),
            partial: None,
            connect_by,
        }
    }

    async fn message(
        &self,
        link: &Arc<Link>,
        session: &mut Session<H>,
        message: Message<'_>,
    ) -> Result<(), DisconnectReason> {
        match (message, &mut session.partial) {
            (Message::Text(text), None) => {
                let packet = Packet::parse(text).map_err(|_| DisconnectReason::ParseError)?;
                match packet.kind.attachments() {
                    0 => self.packet(link, session, packet, &[]).await,
                    expected if expected <= self.config.attachments_max => {
                        let text = text.to_owned();
                        let bytes = text.len();
                        session.partial = Some(Box::new(Partial {
                            text,
                            expected,
                            attachments: Vec::new(),
                            bytes,
                        }));
                        Ok(())
                    }
                    _ => Err(DisconnectReason::ParseError),
                }
            }
            (Message::Binary(data), Some(partial)) => {
                partial.bytes += data.len();
                if partial.bytes > self.config.payload_bytes_max {
                    return Err(DisconnectReason::PayloadTooLarge);
                }
                partial.attachments.push(Bytes::copy_from_slice(data));
                let complete = partial.attachments.len() == partial.expected;
                let Some(partial) = session.partial.take_if(|_| complete) else {
                    return Ok(());
                };
                let packet =
                    Packet::parse(&partial.text).map_err(|_| DisconnectReason::ParseError)?;
                self.packet(link, session, packet, &partial.attachments)
                    .await
            }
            // A text among attachments, or a binary that belongs to nothing.
            _ => Err(DisconnectReason::ParseError),
        }
    }

    fn deadline(&self, session: &Session<H>) -> Option<Instant> {
        let timers = session
            .members
            .iter()
            .filter_map(|member| member.socket.timer());
        timers.chain(session.connect_by).min()
    }

    async fn attend(
        &self,
        _: &Arc<Link>,
        session: &mut Session<H>,
    ) -> Result<(), DisconnectReason> {
        let now = Instant::now();
        for member in &mut session.members {
            if member.socket.phase() == Phase::Leaving {
                member
                    .leave(&*self.handler, DisconnectReason::ServerDisconnect)
                    .await;
            }
            let Some(state) = &mut member.state else {
                continue;
            };
            if member.socket.take_due_timer(now) {
                Box::pin(self.handler.timer(&member.socket, state)).await;
            }
        }
        self.watch(session);
        match session.connect_by {
            Some(connect_by) if connect_by <= now => Err(DisconnectReason::ServerDisconnect),
            _ => Ok(()),
        }
    }

    async fn closed(&self, _: &Arc<Link>, session: Session<H>, reason: DisconnectReason) {
        for mut member in session.members {
            let left = member.socket.phase() == Phase::Leaving;
            let reason = if left {
                DisconnectReason::ServerDisconnect
            } else {
                reason
            };
            // One that panics takes nothing from the others.
            let _ = drive(Box::pin(member.leave(&*self.handler, reason)), |_| {}).await;
        }
    }
}

impl<H: Handler> Sessions<H> {
    async fn packet(
        &self,
        link: &Arc<Link>,
        session: &mut Session<H>,
        packet: Packet<'_>,
        attachments: &[Bytes],
    ) -> Result<(), DisconnectReason> {
        let index = session
            .members
            .iter()
            .position(|member| member.socket.namespace() == packet.namespace);
        let member = index.map(|index| &mut session.members[index]);
        match (packet.kind, member) {
            (Kind::Connect { .. }, Some(Member { state: Some(_), .. })) => {
                Err(DisconnectReason::ParseError)
            }
            (Kind::Connect { auth }, _) => {
                self.connect(link, session, packet.namespace, auth).await
            }
            (_, None) => Err(DisconnectReason::ParseError),
            (
                Kind::Event { name, args, id, .. },
                Some(Member {
                    socket,
                    state: Some(state),
                }),
            ) => {
                if socket.phase() == Phase::Connected {
                    let event = Event {
                        name,
                        args,
                        attachments,
                        ack: id.map(AckId),
                    };
                    // Boxed, so that an idle connection does not carry the room that a busy one needs.
                    Box::pin(self.handler.event(socket, state, event)).await;
                }
                Ok(())
            }
            (Kind::Ack { args, id, .. }, Some(member)) => {
                member
                    .socket
                    .waiting()
                    .fulfil(id, || Acknowledgement::new(args, attachments.to_vec()));
                Ok(())
            }
            (Kind::Disconnect, Some(member)) => {
                member
                    .leave(&*self.handler, DisconnectReason::ClientDisconnect)
                    .await;
                session
                    .members
                    .retain(|member| member.socket.namespace() != packet.namespace);
                self.watch(session);
                Ok(())
            }
            (Kind::Event { .. }, Some(Member { state: None, .. })) => Ok(()),
        }
    }

    async fn connect(
        &self,
        link: &Arc<Link>,
        session: &mut Session<H>,
        namespace: &str,
        auth: Option<&str>,
    ) -> Result<(), DisconnectReason> {
        session
            .members
            .retain(|member| member.socket.namespace() != namespace);
        let auth = auth.map(serde_json::from_str::<&RawValue>).transpose();
        let auth = auth.map_err(|_| DisconnectReason::ParseError)?;
        let socket = Socket::new(namespace, link).map_err(|_| DisconnectReason::TransportError)?;
        let connected = if session.members.len() < self.config.namespaces_max {
            Box::pin(
                self.handler
                    .connect(&socket, namespace, auth, &session.peer),
            )
            .await
        } else {
            Err(Refusal::new("Too many namespaces"))
        };
        match connected {
            Ok(state) => {
                socket.confirm();
                if socket.phase() == Phase::Leaving {
                    link.call_attention();
                }
                // Nearly every connection has one namespace.
                session.members.reserve_exact(1);
                session.members.push(Member {
                    socket,
                    state: Some(state),
                });
                link.let_in();
                self.watch(session);
            }
            Err(refusal) => {
                socket.end();
                let message = serde_json::Value::from(refusal.message).to_string();
                let data = refusal.data.as_deref().map_or("", RawValue::get);
                let comma = if data.is_empty() { "" } else { ",\"data\":" };
                let pieces = ["{\"message\":", &message, comma, data, "}"];
                link.with(|outbox| {
                    outbox.push_message(&Outgoing::connect_error(namespace, &pieces), NONE);
                });
            }
        }
        Ok(())
    }

    /// A connection without a namespace may stay only so long.
    fn watch(&self, session: &mut Session<H>) {
        let joined = session.members.iter().any(|member| member.state.is_some());
        session.connect_by = match session.connect_by {
            _ if joined => None,
            None => Some(Instant::now() + self.config.connect_timeout),
            running => running,
        };
    }
}

const NONE: &[Bytes] = &[];

impl<State: Send + 'static> Member<State> {
    /// Ends the socket and says so to its handler, once.
    async fn leave<H: Handler<State = State>>(&mut self, handler: &H, reason: DisconnectReason) {
        self.socket.end();
        if let Some(state) = self.state.take() {
            Box::pin(handler.disconnected(&self.socket, state, reason)).await;
        }
    }
}

impl Kind<'_> {
    const fn attachments(&self) -> usize {
        match self {
            Kind::Event { attachments, .. } | Kind::Ack { attachments, .. } => *attachments,
            Kind::Connect { .. } | Kind::Disconnect => 0,
        }
    }
}
