//! The byte stream below a websocket, taken back out of hyper so that an idle connection pins no buffer.
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TCP stream, or anything else that hyper was serving.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Other(TokioIo<Upgraded>),
}

impl Stream {
    /// The stream, and the bytes that hyper had already read from it.
    pub(crate) fn take(upgraded: Upgraded) -> (Self, Vec<u8>) {
        let upgraded = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => return (Self::tcp(parts.io), parts.read_buf.to_vec()),
            Err(upgraded) => upgraded,
        };
        match auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => (Self::tcp(parts.io), parts.read_buf.to_vec()),
            Err(upgraded) => (Self::Other(TokioIo::new(upgraded)), Vec::new()),
        }
    }

    fn tcp(io: TokioIo<TcpStream>) -> Self {
        let stream = io.into_inner();
        // Packets are written in whole batches: waiting for more would only delay them. A socket that refuses the
        // option is gone, which the next read tells.
        let _ = stream.set_nodelay(true);
        Self::Tcp(stream)
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        let result = match self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
            Self::Other(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
        };
        result.map_ok(|()| buffer.filled().len())
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Other(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Other(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
