//! Accepts connections and serves HTTP/1.1 on them, with TLS or without, within bounds: of time, of size,
//! of descriptors.

mod address;
mod descriptors;

pub use address::{ClientAddress, TrustedProxies};

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use self::address::Connection;
use crate::config::Tls;

/// How long a handshake or the head of a request may take, and how long a connection may idle between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest head of a request. Tokens are at most 8 KiB.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// How much of a request is read ahead of whoever works on it.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4096;
/// How long to wait when the system has no descriptor left for another connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// Answers requests. Each carries its [`ClientAddress`] as an extension.
pub trait Answer: Send + Sync + 'static {
    fn answer(&self, request: Request<Incoming>) -> impl Future<Output = Response<Body>> + Send;
}

/// A bound address, not yet served.
pub struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
    slots: Arc<Semaphore>,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    /// Binds the first address of `host` that can be bound; port 0 takes a free one.
    pub async fn bind(host: &str, port: u16) -> io::Result<Self> {
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for address in lookup_host((host, port)).await? {
            match listen(address) {
                Ok(tcp) => {
                    return Ok(Self {
                        address: tcp.local_addr()?,
                        tcp,
                        slots: Arc::new(Semaphore::new(descriptors::connections_max())),
                        tls: None,
                    });
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// The same, for connections with TLS alone.
    #[must_use]
    pub fn with_tls(mut self, tls: &Tls) -> Self {
        self.tls = Some(TlsAcceptor::from(tls.server_config()));
        self
    }

    /// The address with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` turns true, then finishes the requests in flight and returns. Connections
    /// that were upgraded are no longer its concern.
    pub async fn serve(
        self,
        answer: Arc<impl Answer>,
        proxies: TrustedProxies,
        mut stop: watch::Receiver<bool>,
    ) {
        let (open, _) = watch::channel(());
        loop {
            let accepted = tokio::select! {
                accepted = self.accept() => accepted,
                () = stopped(&mut stop) => break,
            };
            let (stream, peer, slot) = accepted;
            let connection = Connection::new(peer.ip(), slot, proxies.clone());
            let is_open = open.subscribe();
            let (answer, stop, tls) = (Arc::clone(&answer), stop.clone(), self.tls.clone());
            tokio::spawn(async move {
                serve_stream(stream, tls, connection, answer, stop).await;
                drop(is_open);
            });
        }
        drop(self.tcp);
        open.closed().await;
    }

    /// The next connection. Once all slots are taken, further ones wait in the backlog.
    async fn accept(&self) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
        let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
            // Nobody closes the semaphore.
            return std::future::pending().await;
        };
        let mut is_reported = false;
        loop {
            match self.tcp.accept().await {
                Ok((stream, peer)) => return (stream, peer, slot),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if !is_reported {
                        tracing::error!(%error, "connections cannot be accepted");
                        is_reported = true;
                    }
                    tokio::time::sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("address", &self.address)
            .field("is_secure", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody can stop us any more, which is as good as being told to.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Errors of `accept` that concern the connection it would have returned, not the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

async fn serve_stream(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    connection: Connection,
    answer: Arc<impl Answer>,
    mut stop: watch::Receiver<bool>,
) {
    // Signals and answers are small and must not wait for each other (RFC 896).
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(tls) = tls else {
        return serve_connection(stream, connection, answer, stop).await;
    };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)) => shaken,
        () = stopped(&mut stop) => return,
    };
    match shaken {
        Ok(Ok(stream)) => serve_connection(stream, connection, answer, stop).await,
        Ok(Err(error)) => tracing::trace!(%error, "a handshake failed"),
        Err(_) => tracing::trace!("a handshake took too long"),
    }
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    connection: Connection,
    answer: Arc<impl Answer>,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        let client = connection.client(request.headers());
        request.extensions_mut().insert(client);
        let answer = Arc::clone(&answer);
        async move { Ok::<_, Infallible>(answer.answer(request).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(BUFFER_BYTES_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    let result = tokio::select! {
        result = serving.as_mut() => result,
        () = stopped(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = result {
        tracing::trace!(%error, "a connection ended");
    }
}
