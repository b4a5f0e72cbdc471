//! Why a connection or a socket ended.
use std::fmt;

/// Why a socket was disconnected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client sent a DISCONNECT packet: it left on purpose.
    ClientDisconnect,
    /// [`Socket::disconnect`](crate::Socket::disconnect) was called.
    ServerDisconnect,
    /// The transport ended: the client closed it, or [`Socket::close`](crate::Socket::close) was called.
    TransportClose,
    /// The transport failed.
    TransportError,
    /// The client did not answer a ping in time.
    PingTimeout,
    /// The client sent something that is not the protocol.
    ParseError,
    /// The client sent more than [`Config::payload_bytes_max`](crate::Config::payload_bytes_max) at once.
    PayloadTooLarge,
    /// More than [`Config::buffer_bytes_max`](crate::Config::buffer_bytes_max) waited for a client that did not read.
    BufferFull,
    /// The server is stopping.
    Shutdown,
    /// A handler panicked.
    HandlerPanic,
}

impl DisconnectReason {
    /// A stable name for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientDisconnect => "client disconnect",
            Self::ServerDisconnect => "server disconnect",
            Self::TransportClose => "transport close",
            Self::TransportError => "transport error",
            Self::PingTimeout => "ping timeout",
            Self::ParseError => "parse error",
            Self::PayloadTooLarge => "payload too large",
            Self::BufferFull => "buffer full",
            Self::Shutdown => "server shutting down",
            Self::HandlerPanic => "handler panic",
        }
    }

    /// Whether a client that has done nothing wrong is to get what was sent before the end.
    pub(crate) const fn is_orderly(self) -> bool {
        matches!(
            self,
            Self::ClientDisconnect | Self::ServerDisconnect | Self::TransportClose | Self::Shutdown
        )
    }

    /// The websocket status that tells the client (RFC 6455 §7.4.1); `None` where nothing is said any more.
    pub(crate) const fn close_code(self) -> Option<u16> {
        match self {
            Self::ClientDisconnect | Self::ServerDisconnect | Self::TransportClose => Some(1000),
            Self::Shutdown => Some(1001),
            Self::ParseError => Some(1002),
            Self::PayloadTooLarge => Some(1009),
            Self::HandlerPanic => Some(1011),
            Self::TransportError | Self::PingTimeout | Self::BufferFull => None,
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
