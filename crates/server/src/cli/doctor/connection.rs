//! Connections with an end: names looked up, TCP and TLS opened, every wait bounded by a deadline.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rustls_pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConnection, StreamOwned};

use super::trust::Roots;

/// How long an address may take to accept, and a whole exchange with it to be done.
const CONNECT_MAX: Duration = Duration::from_secs(4);
const EXCHANGE_MAX: Duration = Duration::from_secs(8);
/// How long a name may take to be looked up.
const LOOKUP_MAX: Duration = Duration::from_secs(8);

/// The addresses of a name.
pub(super) fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (sender, receiver) = channel();
    let name = host.to_owned();
    // The system's resolver takes no deadline.
    thread::spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs();
        // Nobody listens any more when it took too long.
        let _ = sender.send(found.map(Iterator::collect::<Vec<_>>));
    });
    let found = receiver.recv_timeout(LOOKUP_MAX);
    found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// A TCP stream whose waits end at a deadline.
#[derive(Debug)]
pub(super) struct Timed {
    tcp: TcpStream,
    deadline: Instant,
}

impl Timed {
    fn time_left(&self) -> io::Result<Option<Duration>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(Some(left))
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(self.time_left()?)?;
        self.tcp.read(buffer).map_err(timed_out)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(self.time_left()?)?;
        self.tcp.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// Unix says that it would block when a wait is over.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

/// How a certificate was found.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) certificate: CertificateDer<'static>,
    /// Why it is not to be trusted.
    pub(super) problem: Option<String>,
}

/// TCP, or TLS over it.
#[derive(Debug)]
pub(super) enum Connection {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Connection {
    /// Connects to the first address that accepts.
    pub(super) fn open(addresses: &[SocketAddr]) -> io::Result<Self> {
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match connect(*address) {
                Ok(tcp) => {
                    let deadline = Instant::now() + EXCHANGE_MAX;
                    return Ok(Self::Plain(Timed { tcp, deadline }));
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// The same with TLS, and what the server showed. A certificate that is not trusted does not end it:
    /// whoever has something secret to send looks at the problem first.
    pub(super) fn open_tls(
        addresses: &[SocketAddr],
        host: &str,
        roots: &Roots,
        protocol: Option<&[u8]>,
    ) -> io::Result<(Self, Shown)> {
        let Self::Plain(mut tcp) = Self::open(addresses)? else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let (config, problem) = roots.client(protocol).map_err(io::Error::other)?;
        let mut tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        // Each round reads or writes, and the stream ends that at its deadline.
        while tls.is_handshaking() {
            tls.complete_io(&mut tcp)?;
        }
        let certificate = tls.peer_certificates().and_then(<[_]>::first).cloned();
        let certificate = certificate.ok_or(io::ErrorKind::InvalidData)?.into_owned();
        let shown = Shown {
            certificate,
            problem: problem.take(),
        };
        Ok((Self::Tls(Box::new(StreamOwned::new(tls, tcp))), shown))
    }

    /// From now on every wait ends at `deadline`.
    pub(super) fn set_deadline(&mut self, deadline: Instant) {
        match self {
            Self::Plain(stream) => stream.deadline = deadline,
            Self::Tls(stream) => stream.sock.deadline = deadline,
        }
    }
}

/// Whether an address accepts connections.
pub(super) fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let tcp = TcpStream::connect_timeout(&address, CONNECT_MAX)?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// A failure to connect, in words that end a sentence.
pub(super) fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "no answer in time".to_owned(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            "the connection was closed".to_owned()
        }
        _ => error.to_string(),
    }
}
