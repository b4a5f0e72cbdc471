//! A websocket as a transport: packets in, a batch of frames out with one write.
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::timeout;

use super::clock::{Clock, Due};
use super::link::{Link, Turn};
use super::packet::PING;
use super::pool::{self, Scratch};
use crate::websocket::frame::{self, Decoder};
use crate::websocket::stream::Stream;
use crate::{Config, DisconnectReason};

/// A websocket, and what has been read or taken but not used yet.
#[derive(Debug)]
pub(super) struct Websocket {
    pub(super) decoder: Decoder,
    /// Bytes that were read before this was the transport.
    pub(super) leftover: Vec<u8>,
    pub(super) wire: Wire,
}

/// The writing side.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    bytes: Vec<u8>,
    written: usize,
}

/// Why the connection's task is awake.
#[derive(Debug)]
pub(super) enum Step {
    Read(Scratch),
    /// The client has closed its side.
    End,
    Failed,
    Attend,
    Closing(DisconnectReason),
    PingTimeout,
}

impl Websocket {
    pub(super) fn new(stream: Stream, leftover: Vec<u8>, payload_bytes_max: usize) -> Self {
        let wire = Wire {
            stream,
            bytes: Vec::new(),
            written: 0,
        };
        Self {
            decoder: Decoder::new(payload_bytes_max),
            leftover,
            wire,
        }
    }

    /// Writes what waits, then says what is to be done.
    pub(super) fn poll_step(
        &mut self,
        cx: &mut Context<'_>,
        link: &Link,
        clock: &mut Clock,
        config: &Config,
    ) -> Poll<Step> {
        loop {
            let turn = link.begin_turn(self.wire.is_writing());
            let (closing, attention) = (turn.closing, turn.attention);
            if self.wire.begin(turn).poll_write(cx).is_err() {
                return Poll::Ready(Step::Failed);
            }
            if let Some(reason) = closing {
                return Poll::Ready(Step::Closing(reason));
            }
            if attention {
                return Poll::Ready(Step::Attend);
            }
            match clock.poll(cx, config) {
                Poll::Ready(Due::Ping) => {
                    link.with(|outbox| outbox.push_text(PING, ""));
                    continue;
                }
                Poll::Ready(Due::Timeout) => return Poll::Ready(Step::PingTimeout),
                Poll::Ready(Due::Service) => return Poll::Ready(Step::Attend),
                Poll::Pending => {}
            }
            if let Poll::Ready(step) = self.wire.poll_read(cx) {
                return Poll::Ready(step);
            }
            if link.end_turn(self.wire.unwritten(), cx.waker()) {
                return Poll::Pending;
            }
        }
    }
}

impl Wire {
    pub(super) fn is_writing(&self) -> bool {
        self.written < self.bytes.len()
    }

    fn unwritten(&self) -> usize {
        self.bytes.len() - self.written
    }

    fn begin(&mut self, turn: Turn) -> &mut Self {
        if !turn.bytes.is_empty() {
            self.bytes = turn.bytes;
            self.written = 0;
        }
        self
    }

    /// Writes until done or until the socket takes no more.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self.is_writing() {
            match self.stream.poll_write(cx, &self.bytes[self.written..]) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => self.written += count,
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => return Ok(()),
            }
        }
        self.written = 0;
        pool::recycle(std::mem::take(&mut self.bytes));
        Ok(())
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let mut scratch = Scratch::borrow();
        self.stream
            .poll_read(cx, &mut scratch)
            .map(|result| match result {
                Ok(0) => Step::End,
                Ok(count) => {
                    scratch.filled = count;
                    Step::Read(scratch)
                }
                Err(_) => Step::Failed,
            })
    }

    /// Goes on writing while a handler runs, and sends the ping that is due.
    pub(super) fn keep_writing(
        &mut self,
        cx: &mut Context<'_>,
        link: &Link,
        clock: &mut Clock,
        config: &Config,
    ) {
        if clock.poll_ping(cx, config) {
            link.with(|outbox| outbox.push_text(PING, ""));
        }
        // An error is met again, and reported, when the handler is done.
        let _ = self.poll_drain(cx, link);
    }

    /// Ready when nothing waits any more.
    fn poll_drain(&mut self, cx: &mut Context<'_>, link: &Link) -> Poll<io::Result<()>> {
        loop {
            let bytes = link.take_bytes(self.is_writing());
            self.begin(Turn {
                bytes,
                ..Turn::default()
            })
            .poll_write(cx)?;
            if link.end_write(self.unwritten(), cx.waker()) {
                return if self.is_writing() {
                    Poll::Pending
                } else {
                    Poll::Ready(Ok(()))
                };
            }
        }
    }

    /// Writes bytes of a websocket that is not the transport yet.
    pub(super) async fn write_all(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.bytes = bytes;
        self.written = 0;
        std::future::poll_fn(|cx| {
            self.poll_write(cx)?;
            if self.is_writing() {
                Poll::Pending
            } else {
                Poll::Ready(Ok(()))
            }
        })
        .await
    }

    /// Closes a websocket that never became the transport.
    pub(super) async fn close_unused(&mut self, close_timeout: Duration) {
        let mut close = Vec::new();
        frame::write(&mut close, frame::CLOSE, &1000_u16.to_be_bytes());
        let closed = async {
            self.write_all(close).await?;
            std::future::poll_fn(|cx| self.stream.poll_shutdown(cx)).await?;
            while matches!(
                std::future::poll_fn(|cx| self.poll_read(cx)).await,
                Step::Read(_)
            ) {}
            io::Result::Ok(())
        };
        let _ = timeout(close_timeout, closed).await;
    }

    /// Writes what waits and a close frame, and waits until the client closes its side: a socket that is closed with
    /// unread bytes in it would take back what was sent last.
    pub(super) async fn finish(
        &mut self,
        link: &Link,
        code: u16,
        answered: bool,
        close_timeout: Duration,
    ) {
        let finished = async {
            std::future::poll_fn(|cx| self.poll_drain(cx, link)).await?;
            frame::write(&mut self.bytes, frame::CLOSE, &code.to_be_bytes());
            std::future::poll_fn(|cx| {
                self.poll_write(cx)?;
                if self.is_writing() {
                    Poll::Pending
                } else {
                    self.stream.poll_shutdown(cx)
                }
            })
            .await?;
            while !answered
                && matches!(
                    std::future::poll_fn(|cx| self.poll_read(cx)).await,
                    Step::Read(_)
                )
            {}
            io::Result::Ok(())
        };
        // Whoever neither reads nor answers is cut off.
        let _ = timeout(close_timeout, finished).await;
    }
}
