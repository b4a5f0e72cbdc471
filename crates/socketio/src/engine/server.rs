//! Answers requests: opens connections, and leads the requests of polling connections to them.
use std::fmt;
use std::sync::Arc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::upgrade::OnUpgrade;
use tokio::time::{Instant, timeout};

use super::connection;
use super::link::Link;
use super::outbox::Form;
use super::packet::OPEN;
use super::request::{self, Ask};
use super::response::{self, Body, Refusal};
use super::service::Service;
use super::sid::Sid;
use super::table::Table;
use super::websocket::Websocket;
use crate::websocket::handshake;
use crate::websocket::stream::Stream;
use crate::{Config, DisconnectReason};

mod polling;
mod upgrade;

/// An Engine.IO server. Clones are handles to the same server.
pub struct Server<S> {
    shared: Arc<Shared<S>>,
    table: Arc<Table>,
}

struct Shared<S> {
    config: Config,
    service: S,
}

impl<S> Clone for Server<S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            table: Arc::clone(&self.table),
        }
    }
}

impl<S> fmt::Debug for Server<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.shared.config;
        formatter
            .debug_struct("Server")
            .field("config", config)
            .field("connections", &self.table.len())
            .finish()
    }
}

impl<S: Service> Server<S> {
    /// A server for `service`.
    pub fn new(config: Config, service: S) -> Self {
        Self {
            shared: Arc::new(Shared { config, service }),
            table: Arc::default(),
        }
    }

    /// The application.
    pub fn service(&self) -> &S {
        &self.shared.service
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.table.len()
    }

    /// Answers a request to the server's path. CORS, and with it OPTIONS, is the matter of a layer above.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body,
    {
        let (mut parts, body) = request.into_parts();
        let ask = match request::read(&parts) {
            Ok(ask) => ask,
            Err(refusal) => return refusal.response(),
        };
        match ask {
            Ask::OpenPolling | Ask::OpenWebsocket if self.table.is_closing() => {
                response::status(StatusCode::SERVICE_UNAVAILABLE)
            }
            Ask::OpenPolling => self.open_polling(&parts),
            Ask::OpenWebsocket => self.open_websocket(&mut parts),
            Ask::Poll(sid) => match self.polling(sid) {
                Ok(link) => self.poll(&link).await,
                Err(refusal) => refusal.response(),
            },
            Ask::Post(sid) => match self.polling(sid) {
                Ok(link) => self.post(&link, &parts, body).await,
                Err(refusal) => refusal.response(),
            },
            Ask::Upgrade(sid) => self.upgrade(sid, &mut parts),
        }
    }

    /// Stops: refuses new connections, closes every one so that its client sees the transport go and comes back by
    /// itself, and returns when all have ended, at the latest after twice the close timeout.
    pub async fn close(&self) {
        self.table.close(self.shared.config.close_timeout * 2).await;
    }

    fn known(&self, sid: Sid) -> Result<Arc<Link>, Refusal> {
        self.table
            .find(sid)
            .filter(|link| link.is_known(Instant::now()))
            .ok_or(Refusal::UnknownSid)
    }

    fn polling(&self, sid: Sid) -> Result<Arc<Link>, Refusal> {
        self.known(sid).and_then(|link| {
            if link.is_polling() {
                Ok(link)
            } else {
                Err(Refusal::BadRequest)
            }
        })
    }

    fn open_websocket(&self, parts: &mut Parts) -> Response<Body> {
        let (accept, on_upgrade) = match switch_protocols(parts) {
            Ok(switch) => switch,
            Err(response) => return *response,
        };
        let peer = match self.shared.service.handshake(parts) {
            Ok(peer) => peer,
            Err(response) => return response,
        };
        let (server, running) = (self.clone(), self.table.count_task());
        tokio::spawn(async move {
            let _running = running;
            let Some(websocket) = server.take_stream(on_upgrade).await else {
                return;
            };
            let Some(link) = server.new_link(Form::Frames) else {
                return;
            };
            let _entry = server.table.insert(&link);
            connection::run_websocket(
                &server.shared.service,
                &server.shared.config,
                &link,
                peer,
                websocket,
            )
            .await;
        });
        handshake::switching(accept)
    }

    /// Waits for hyper to give the stream away, which it does once the answer is written.
    async fn take_stream(&self, on_upgrade: OnUpgrade) -> Option<Websocket> {
        let config = &self.shared.config;
        let upgraded = timeout(config.upgrade_timeout, on_upgrade)
            .await
            .ok()?
            .ok()?;
        let (stream, leftover) = Stream::take(upgraded);
        Some(Websocket::new(stream, leftover, config.payload_bytes_max))
    }

    /// A link whose first packet tells the client how to go on; `None` without randomness.
    fn new_link(&self, form: Form) -> Option<Arc<Link>> {
        let config = &self.shared.config;
        let sid = Sid::random()
            .inspect_err(|error| tracing::error!(%error, "no random numbers"))
            .ok()?;
        let link = Link::new(sid, form, config.buffer_bytes_max);
        let upgrades = if form == Form::Payload {
            r#"["websocket"]"#
        } else {
            "[]"
        };
        let open = format!(
            r#"{{"sid":"{}","upgrades":{upgrades},"pingInterval":{},"pingTimeout":{},"maxPayload":{}}}"#,
            sid.text(),
            config.ping_interval.as_millis(),
            config.ping_timeout.as_millis(),
            config.payload_bytes_max,
        );
        link.with(|outbox| outbox.push_text(OPEN, open.as_str()));
        Some(Arc::new(link))
    }
}

/// What it takes to answer a websocket request, or why it is refused.
fn switch_protocols(
    parts: &mut Parts,
) -> Result<(http::HeaderValue, OnUpgrade), Box<Response<Body>>> {
    let accept =
        handshake::accept(&parts.headers).ok_or_else(|| Box::new(response::wrong_websocket()))?;
    let on_upgrade = parts.extensions.remove::<OnUpgrade>();
    let on_upgrade = on_upgrade.ok_or_else(|| Box::new(Refusal::BadRequest.response()))?;
    Ok((accept, on_upgrade))
}
