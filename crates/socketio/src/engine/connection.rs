//! The task of one connection: everything that happens to it happens here, one thing after the other.
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::clock::{Clock, Due};
use super::drive::{Panicked, drive};
use super::link::{Inbox, Link, Payload};
use super::packet::{self, PING, Packet};
use super::websocket::{Step, Websocket};
use super::{Message, Service};
use crate::websocket::frame::{self, FrameError, Input};
use crate::{Config, DisconnectReason};

/// How a connection ended.
#[derive(Clone, Copy, Debug)]
struct End {
    reason: DisconnectReason,
    /// The status for the client, when it can still be told.
    code: Option<u16>,
    /// The client closed first: nothing more is expected of it.
    answered: bool,
}

/// A connection as its task sees it.
pub(super) struct Connection<'a, S: Service> {
    service: &'a S,
    config: &'a Config,
    link: &'a Arc<Link>,
    session: S::Session,
    clock: Clock,
}

impl End {
    /// The server ends it and says so.
    const fn told(reason: DisconnectReason) -> Self {
        Self {
            reason,
            code: reason.close_code(),
            answered: false,
        }
    }

    /// The transport is gone already.
    const fn silent(reason: DisconnectReason) -> Self {
        Self {
            reason,
            code: None,
            answered: true,
        }
    }
}

impl From<FrameError> for End {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Protocol => Self::told(DisconnectReason::ParseError),
            FrameError::Utf8 => Self {
                code: Some(1007),
                ..Self::told(DisconnectReason::ParseError)
            },
            FrameError::TooLarge => Self::told(DisconnectReason::PayloadTooLarge),
        }
    }
}

impl From<packet::Malformed> for End {
    fn from(_: packet::Malformed) -> Self {
        Self::told(DisconnectReason::ParseError)
    }
}

impl From<Panicked> for End {
    fn from(_: Panicked) -> Self {
        Self::told(DisconnectReason::HandlerPanic)
    }
}

/// Runs a connection that is a websocket from the start.
pub(super) async fn run_websocket<S: Service>(
    service: &S,
    config: &Config,
    link: &Arc<Link>,
    peer: S::Peer,
    websocket: Websocket,
) {
    let connection = Connection::open(service, config, link, peer);
    connection.over_websocket(websocket).await;
}

/// Runs a connection that begins with long-polling.
pub(super) async fn run_polling<S: Service>(
    service: &S,
    config: &Config,
    link: &Arc<Link>,
    peer: S::Peer,
) {
    let mut connection = Connection::open(service, config, link, peer);
    match Box::pin(connection.poll_payloads()).await {
        Ok(websocket) => {
            connection.clock.rest(config);
            connection.over_websocket(*websocket).await;
        }
        Err(end) => {
            link.close(end.reason);
            let Connection {
                session, mut clock, ..
            } = connection;
            let closed = service.closed(link, session, end.reason);
            let _ = drive(Box::pin(closed), |cx| _ = clock.poll_ping(cx, config)).await;
            if end.reason.is_orderly() {
                let _ =
                    tokio::time::timeout(config.close_timeout, poll_fn(|cx| link.poll_told(cx)))
                        .await;
            }
        }
    }
}

impl<'a, S: Service> Connection<'a, S> {
    fn open(service: &'a S, config: &'a Config, link: &'a Arc<Link>, peer: S::Peer) -> Self {
        let session = service.open(link, peer);
        let mut clock = Clock::start(config);
        clock.set_service(service.deadline(&session));
        Self {
            service,
            config,
            link,
            session,
            clock,
        }
    }

    async fn over_websocket(mut self, mut websocket: Websocket) {
        let end = self.read_frames(&mut websocket).await;
        self.link.close(end.reason);
        let Self {
            service,
            config,
            link,
            session,
            mut clock,
        } = self;
        let Websocket { mut wire, .. } = websocket;
        let closed = service.closed(link, session, end.reason);
        let _ = drive(Box::pin(closed), |cx| {
            wire.keep_writing(cx, link, &mut clock, config);
        })
        .await;
        if let Some(code) = end.code {
            let finish = wire.finish(link, code, end.answered, config.close_timeout);
            Box::pin(finish).await;
        }
    }

    async fn read_frames(&mut self, websocket: &mut Websocket) -> End {
        let mut leftover = std::mem::take(&mut websocket.leftover);
        if let Err(end) = self.take_bytes(websocket, &mut leftover).await {
            return end;
        }
        drop(leftover);
        loop {
            let step =
                poll_fn(|cx| websocket.poll_step(cx, self.link, &mut self.clock, self.config))
                    .await;
            let result = match step {
                Step::Read(mut scratch) => {
                    let filled = scratch.filled;
                    let result = self.take_bytes(websocket, &mut scratch[..filled]).await;
                    if result.is_ok() && scratch.is_full() {
                        // Others get their turn, most of all those to whom all this was sent.
                        drop(scratch);
                        tokio::task::yield_now().await;
                    }
                    result
                }
                Step::Attend => self.attend(websocket).await,
                Step::Closing(reason) => Err(End::told(reason)),
                Step::PingTimeout => Err(End::silent(DisconnectReason::PingTimeout)),
                Step::End => Err(End::silent(DisconnectReason::TransportClose)),
                Step::Failed => Err(End::silent(DisconnectReason::TransportError)),
            };
            if let Err(end) = result {
                return end;
            }
            self.clock.set_service(self.service.deadline(&self.session));
        }
    }

    /// Handles every message that is complete in `bytes`.
    async fn take_bytes(&mut self, websocket: &mut Websocket, bytes: &mut [u8]) -> Result<(), End> {
        let Websocket { decoder, wire, .. } = websocket;
        let mut input = Input::new(bytes);
        while self.link.is_open() {
            let Some(message) = decoder.next(&mut input)? else {
                break;
            };
            let message = match message {
                frame::Message::Text(text) => match Packet::parse(text)? {
                    Packet::Text(text) => Message::Text(text),
                    Packet::Pong => {
                        self.clock.pong(self.config);
                        continue;
                    }
                    Packet::Close => return Err(End::told(DisconnectReason::TransportClose)),
                    Packet::Noop | Packet::Upgrade => continue,
                    Packet::Probe | Packet::Binary(_) => return Err(packet::Malformed.into()),
                },
                frame::Message::Binary(data) => Message::Binary(data),
                frame::Message::Ping(payload) => {
                    self.link
                        .with(|outbox| outbox.push_control(frame::PONG, payload));
                    continue;
                }
                frame::Message::Pong => continue,
                frame::Message::Close(status) => {
                    let code = Some(status.unwrap_or(1000));
                    return Err(End {
                        code,
                        ..End::silent(DisconnectReason::TransportClose)
                    });
                }
            };
            self.clock.heard();
            let handler = self.service.message(self.link, &mut self.session, message);
            drive(Box::pin(handler), |cx| {
                wire.keep_writing(cx, self.link, &mut self.clock, self.config);
            })
            .await?
            .map_err(End::told)?;
        }
        Ok(())
    }

    async fn attend(&mut self, websocket: &mut Websocket) -> Result<(), End> {
        let wire = &mut websocket.wire;
        let handler = self.service.attend(self.link, &mut self.session);
        drive(Box::pin(handler), |cx| {
            wire.keep_writing(cx, self.link, &mut self.clock, self.config);
        })
        .await?
        .map_err(End::told)
    }

    /// Handles what is posted until the connection ends or a websocket takes over.
    async fn poll_payloads(&mut self) -> Result<Box<Websocket>, End> {
        loop {
            let step = poll_fn(|cx| {
                loop {
                    if let Some(payload) = self.link.take_payload() {
                        return Poll::Ready(Ok(Some(payload)));
                    }
                    let turn = self.link.begin_polling_turn();
                    if let Some(reason) = turn.closing {
                        return Poll::Ready(Err(End::told(reason)));
                    }
                    if turn.attention {
                        return Poll::Ready(Ok(None));
                    }
                    match self.clock.poll(cx, self.config) {
                        Poll::Ready(Due::Ping) => self.ping_poller(),
                        Poll::Ready(Due::Timeout) => {
                            return Poll::Ready(Err(End::silent(DisconnectReason::PingTimeout)));
                        }
                        Poll::Ready(Due::Service) => return Poll::Ready(Ok(None)),
                        Poll::Pending => {}
                    }
                    if self.link.end_polling_turn(cx.waker()) {
                        return Poll::Pending;
                    }
                }
            })
            .await?;
            match step {
                Some(Payload::Upgraded(websocket)) => return Ok(websocket),
                Some(Payload::Posted(inbox)) => self.take_posted(inbox).await?,
                None => {
                    let (clock, config) = (&mut self.clock, self.config);
                    let handler = self.service.attend(self.link, &mut self.session);
                    drive(Box::pin(handler), |cx| {
                        ping_while_busy(clock, cx, self.link, config);
                    })
                    .await?
                    .map_err(End::told)?;
                }
            }
            self.clock.set_service(self.service.deadline(&self.session));
        }
    }

    fn ping_poller(&self) {
        self.link.with(|outbox| outbox.push_text(PING, ""));
        self.link.expect_pong(self.clock.pong_by());
    }

    /// Handles the packets of one POST.
    async fn take_posted(&mut self, inbox: Inbox) -> Result<(), End> {
        let payload = std::str::from_utf8(&inbox.payload).map_err(|_| packet::Malformed)?;
        for text in packet::split(payload) {
            if !self.link.is_open() {
                break;
            }
            let packet = Packet::parse_polled(text)?;
            let message = match &packet {
                Packet::Text(text) => Message::Text(text),
                Packet::Binary(data) => Message::Binary(data),
                Packet::Pong => {
                    self.clock.pong(self.config);
                    continue;
                }
                Packet::Close => {
                    self.link.client_left();
                    return Err(End::silent(DisconnectReason::TransportClose));
                }
                Packet::Noop => continue,
                Packet::Probe | Packet::Upgrade => return Err(packet::Malformed.into()),
            };
            self.clock.heard();
            let (clock, config) = (&mut self.clock, self.config);
            let handler = self.service.message(self.link, &mut self.session, message);
            drive(Box::pin(handler), |cx| {
                ping_while_busy(clock, cx, self.link, config);
            })
            .await?
            .map_err(End::told)?;
        }
        self.link.expect_pong(self.clock.pong_by());
        // A client that has gone meanwhile needs no answer.
        let _ = inbox.handled.send(());
        Ok(())
    }
}

fn ping_while_busy(
    clock: &mut Clock,
    cx: &mut std::task::Context<'_>,
    link: &Link,
    config: &Config,
) {
    if clock.poll_ping(cx, config) {
        link.with(|outbox| outbox.push_text(PING, ""));
    }
}
