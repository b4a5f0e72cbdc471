//! What an application implements.
use std::future::Future;

use http::Response;
use http::request::Parts;
use serde_json::value::RawValue;

use crate::{Body, DisconnectReason, Event, Socket};

/// The application. The calls for one connection, over all its namespaces, never overlap.
///
/// While a call waits, the connection goes on writing but reads nothing: that is what keeps events in order. A handler
/// must therefore not wait for something that the same client is yet to send, such as an acknowledgement; a task of its
/// own may.
pub trait Handler: Send + Sync + 'static {
    /// What the opening request teaches, such as an address. The request itself is not kept.
    type Peer: Send + Sync + 'static;
    /// The state of one socket.
    type State: Send + 'static;

    /// Reads the request that opens a connection, or refuses it.
    #[expect(
        clippy::result_large_err,
        reason = "once a connection, and a box would be in every implementer's way"
    )]
    fn handshake(&self, parts: &Parts) -> Result<Self::Peer, Response<Body>>;

    /// A client wants into a namespace. What is emitted to the socket before this returns is sent once the client has
    /// been told that it is connected. Refuse namespaces that do not exist with [`Refusal::invalid_namespace`].
    fn connect(
        &self,
        socket: &Socket,
        namespace: &str,
        auth: Option<&RawValue>,
        peer: &Self::Peer,
    ) -> impl Future<Output = Result<Self::State, Refusal>> + Send;

    /// The client emitted an event.
    fn event(
        &self,
        socket: &Socket,
        state: &mut Self::State,
        event: Event<'_>,
    ) -> impl Future<Output = ()> + Send;

    /// The time given to [`Socket::set_timer`] has come. The timer is off until it is set again.
    fn timer(&self, socket: &Socket, state: &mut Self::State) -> impl Future<Output = ()> + Send {
        let _ = (socket, state);
        async {}
    }

    /// The socket is disconnected: the last call, and the only one of its kind, after each successful connect.
    fn disconnected(
        &self,
        socket: &Socket,
        state: Self::State,
        reason: DisconnectReason,
    ) -> impl Future<Output = ()> + Send;
}

/// Why a client may not connect to a namespace; it sees a `connect_error`.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The `message` of the error.
    pub message: String,
    /// The `data` of the error, when there is any.
    pub data: Option<Box<RawValue>>,
}

impl Refusal {
    /// A refusal of words alone.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            data: None,
        }
    }

    /// What the Node.js server says of a namespace that does not exist.
    pub fn invalid_namespace() -> Self {
        Self::new("Invalid namespace")
    }
}
