//! The limits and clocks of a server.
use std::time::Duration;

/// How long things may take and how large they may grow. The defaults are those of the Node.js server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Time between a pong and the next ping.
    pub ping_interval: Duration,
    /// How long a client may take to answer a ping.
    pub ping_timeout: Duration,
    /// How long a connection may stay without being connected to any namespace.
    pub connect_timeout: Duration,
    /// How long an upgrade from polling to websocket may take, counted from its request.
    pub upgrade_timeout: Duration,
    /// How long the body of a polling request may take to arrive.
    pub body_timeout: Duration,
    /// How long a connection that is being closed may take to read what still waits for it and to answer the close.
    pub close_timeout: Duration,
    /// Largest websocket message and largest polling request body, in bytes.
    pub payload_bytes_max: usize,
    /// Bytes that may wait for a receiver that does not read; with more it is disconnected.
    pub buffer_bytes_max: usize,
    /// Most long-polling connections that are not connected to any namespace yet, of all clients together; who asks for
    /// one more is answered 503. Each costs its client one request, and lasts for `connect_timeout`.
    pub openings_max: usize,
    /// Largest number of binary attachments of one packet.
    pub attachments_max: usize,
    /// Largest number of namespaces of one connection.
    pub namespaces_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(45),
            upgrade_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(20),
            close_timeout: Duration::from_secs(5),
            payload_bytes_max: 1_000_000,
            buffer_bytes_max: 1024 * 1024,
            openings_max: 10_000,
            attachments_max: 10,
            namespaces_max: 16,
        }
    }
}
