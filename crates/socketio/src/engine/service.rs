//! What an application of Engine.IO implements.
use std::future::Future;
use std::sync::Arc;

use http::Response;
use http::request::Parts;
use tokio::time::Instant;

use super::{Body, Link};
use crate::DisconnectReason;

/// A message of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A text.
    Text(&'a str),
    /// A binary.
    Binary(&'a [u8]),
}

/// The application. The calls for one connection never overlap and come in the order of what happened.
pub trait Service: Send + Sync + 'static {
    /// What the opening request teaches; the request itself is not kept.
    type Peer: Send + 'static;
    /// The state of one connection.
    type Session: Send + 'static;

    /// Reads the request that opens a connection, or refuses it.
    #[expect(
        clippy::result_large_err,
        reason = "once a connection, and a box would be in every implementer's way"
    )]
    fn handshake(&self, parts: &Parts) -> Result<Self::Peer, Response<Body>>;

    /// A connection is open.
    fn open(&self, link: &Arc<Link>, peer: Self::Peer) -> Self::Session;

    /// A message arrived. An error closes the connection.
    fn message(
        &self,
        link: &Arc<Link>,
        session: &mut Self::Session,
        message: Message<'_>,
    ) -> impl Future<Output = Result<(), DisconnectReason>> + Send;

    /// When [`attend`](Self::attend) is to be called by time alone.
    fn deadline(&self, session: &Self::Session) -> Option<Instant> {
        let _ = session;
        None
    }

    /// The deadline has passed, or [`Link::call_attention`] was called. An error closes the connection.
    fn attend(
        &self,
        link: &Arc<Link>,
        session: &mut Self::Session,
    ) -> impl Future<Output = Result<(), DisconnectReason>> + Send {
        let _ = (link, session);
        async { Ok(()) }
    }

    /// The connection is over.
    fn closed(
        &self,
        link: &Arc<Link>,
        session: Self::Session,
        reason: DisconnectReason,
    ) -> impl Future<Output = ()> + Send;
}
