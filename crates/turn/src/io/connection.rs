//! One connection of a client: TCP, or TLS over it. What waits for a client that does not read is bounded; what comes
//! beyond that is dropped, as a network would.
use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::{ServerConfig, ServerConnection};

use crate::core::{Client, Transport};
use crate::time::Moment;

/// What may wait for a client, beside what the system keeps.
const OUTPUT_BYTES_MAX: usize = 128 * 1024;
/// Read at once before others have their turn.
const TURN_BYTES_MAX: usize = 64 * 1024;

/// What reading has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing is left for now.
    Drained,
    /// There may be more.
    More,
    /// The client is gone, or has broken the rules of TLS.
    Ended,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) opened: Moment,
    /// What has come and was not yet a whole message.
    pub(super) input: Vec<u8>,
    /// It is in the queue of those to be read.
    pub(super) is_ready: bool,
    /// It is in the list of those to be written.
    pub(super) is_dirty: bool,
    stream: TcpStream,
    tls: Option<Box<ServerConnection>>,
    output: Vec<u8>,
    written: usize,
    /// Bytes given to TLS that it has not turned into output.
    sealing_bytes: usize,
}

impl Connection {
    pub(super) fn new(
        client: Client,
        opened: Moment,
        stream: TcpStream,
        config: Option<Arc<ServerConfig>>,
    ) -> Result<Self, rustls::Error> {
        let tls = match config {
            Some(config) if client.transport == Transport::Tls => {
                let mut tls = ServerConnection::new(config)?;
                // The output is bounded here, over both.
                tls.set_buffer_limit(None);
                Some(Box::new(tls))
            }
            _ => None,
        };
        Ok(Self {
            client,
            opened,
            input: Vec::new(),
            is_ready: false,
            is_dirty: false,
            stream,
            tls,
            output: Vec::new(),
            written: 0,
            sealing_bytes: 0,
        })
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Appends to `input` what has come.
    pub(super) fn read(&mut self, scratch: &mut [u8]) -> Reading {
        let before = self.input.len();
        while self.input.len() - before < TURN_BYTES_MAX {
            let result = match &mut self.tls {
                None => self
                    .stream
                    .read(scratch)
                    .inspect(|count| self.input.extend_from_slice(&scratch[..*count])),
                Some(tls) => read_tls(tls, &mut self.stream, scratch, &mut self.input),
            };
            match result {
                Ok(0) => return Reading::Ended,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Reading::Drained,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Reading::Ended,
            }
        }
        Reading::More
    }

    /// Has a message sent; false when it was dropped, whole, because too much waits already.
    pub(super) fn push(&mut self, parts: [&[u8]; 3]) -> bool {
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        if self.output.len() - self.written + self.sealing_bytes + bytes > OUTPUT_BYTES_MAX {
            return false;
        }
        match &mut self.tls {
            None => parts
                .iter()
                .for_each(|part| self.output.extend_from_slice(part)),
            Some(tls) => {
                // One record for a message: there are clients that take a record for one. Without a limit everything
                // is taken; a failed connection is noticed when it is read.
                drop(tls.writer().write_vectored(&parts.map(IoSlice::new)));
                self.sealing_bytes += bytes;
            }
        }
        true
    }

    /// Writes what the system takes.
    ///
    /// # Errors
    /// When the client is gone.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            while tls.wants_write() {
                tls.write_tls(&mut self.output)?;
            }
            self.sealing_bytes = 0;
        }
        while self.written < self.output.len() {
            match self.stream.write(&self.output[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.compact();
        Ok(())
    }

    /// Forgets what was written, without moving the rest about for every few bytes.
    fn compact(&mut self) {
        if self.written == self.output.len() {
            self.output.clear();
            self.written = 0;
            self.output.shrink_to(4096);
        } else if self.written > OUTPUT_BYTES_MAX / 2 {
            self.output.drain(..self.written);
            self.written = 0;
        }
    }

    /// Says goodbye, as far as the system takes it.
    pub(super) fn close(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
        }
        drop(self.flush());
    }
}

/// Reads once; the number of bytes that came, before decryption.
fn read_tls(
    tls: &mut ServerConnection,
    stream: &mut TcpStream,
    scratch: &mut [u8],
    input: &mut Vec<u8>,
) -> io::Result<usize> {
    let count = tls.read_tls(stream)?;
    let state = tls.process_new_packets().map_err(|error| {
        // The alert that tells the client why.
        drop(tls.write_tls(stream));
        io::Error::new(io::ErrorKind::InvalidData, error)
    })?;
    let mut left = state.plaintext_bytes_to_read();
    while left > 0 {
        let read = tls.reader().read(scratch)?;
        if read == 0 {
            break;
        }
        input.extend_from_slice(&scratch[..read]);
        left = left.saturating_sub(read);
    }
    Ok(count)
}
