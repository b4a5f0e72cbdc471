//! The server as an application mounts it.
use std::fmt;
use std::sync::Arc;

use http::{Request, Response};

use crate::session::Sessions;
use crate::{Body, Config, Handler, engine};

/// A Socket.IO server. Clones are handles to the same server.
pub struct Server<H> {
    engine: engine::Server<Sessions<H>>,
}

impl<H> Clone for Server<H> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
        }
    }
}

impl<H> fmt::Debug for Server<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("engine", &self.engine)
            .finish()
    }
}

impl<H: Handler> Server<H> {
    /// A server for `handler`.
    pub fn new(config: Config, handler: Arc<H>) -> Self {
        Self {
            engine: engine::Server::new(config.clone(), Sessions::new(config, handler)),
        }
    }

    /// Answers a request to the server's path, usually `/socket.io/`. Must run inside a tokio runtime, and hyper must
    /// serve with upgrades for websockets. CORS, and with it OPTIONS, is the matter of a layer above.
    pub async fn handle<B: http_body::Body>(&self, request: Request<B>) -> Response<Body> {
        self.engine.handle(request).await
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.engine.connections()
    }

    /// Stops: refuses new connections, closes every one so that its client sees the transport go and comes back by
    /// itself, and returns when all have ended, at the latest after twice [`Config::close_timeout`].
    pub async fn close(&self) {
        self.engine.close().await;
    }
}
