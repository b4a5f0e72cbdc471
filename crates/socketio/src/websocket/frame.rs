//! Frames: a decoder that never holds more than a message's own bytes, and the headers of what is sent.
use std::str;

mod header;
#[cfg(test)]
mod tests;

use header::{Header, HeaderBytes};

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;
const CONTINUATION: u8 = 0;

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
    Ping(&'a [u8]),
    Pong,
    /// The status, when there was one.
    Close(Option<u16>),
}

/// Why the bytes are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameError {
    /// Not the protocol: reserved bits, an unknown opcode, no mask, broken fragmentation, a bad control frame.
    Protocol,
    /// A text that is not UTF-8.
    Utf8,
    /// The declared length, with the fragments before it, is over the limit.
    TooLarge,
}

/// Bytes that have arrived and are yet to be decoded.
#[derive(Debug)]
pub(crate) struct Input<'i>(&'i mut [u8]);

impl<'i> Input<'i> {
    pub(crate) const fn new(bytes: &'i mut [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been decoded.
    pub(crate) const fn rest(&self) -> &[u8] {
        self.0
    }

    fn take(&mut self, count: usize) -> &'i mut [u8] {
        let (head, tail) = std::mem::take(&mut self.0).split_at_mut(count);
        self.0 = tail;
        head
    }
}

/// Turns bytes as they arrive into messages. Payloads that arrive whole are unmasked in place and lent out; others are
/// gathered, growing with what really arrived and never with what was merely declared.
#[derive(Debug)]
pub(crate) struct Decoder {
    payload_bytes_max: usize,
    partial_header: HeaderBytes,
    frame: Option<Frame>,
    /// Opcode of the data message whose fragments are being gathered.
    fragmented: Option<u8>,
    message: Vec<u8>,
    control: Vec<u8>,
}

/// A frame whose header has been read and whose payload is still arriving.
#[derive(Clone, Copy, Debug)]
struct Frame {
    header: Header,
    remaining: usize,
}

impl Decoder {
    pub(crate) const fn new(payload_bytes_max: usize) -> Self {
        Self {
            payload_bytes_max,
            partial_header: HeaderBytes::EMPTY,
            frame: None,
            fragmented: None,
            message: Vec::new(),
            control: Vec::new(),
        }
    }

    /// The next message of `input`, which shrinks by what was used; `None` when more bytes are needed.
    pub(crate) fn next<'m, 'i: 'm>(
        &'m mut self,
        input: &mut Input<'i>,
    ) -> Result<Option<Message<'m>>, FrameError> {
        self.forget_delivered();
        loop {
            let Some(frame) = self.next_frame(input)? else {
                return Ok(None);
            };
            let header = frame.header;
            let whole = frame.remaining == header.length && input.0.len() >= header.length;
            if whole && header.fin && header.opcode != CONTINUATION {
                self.frame = None;
                let payload = input.take(header.length);
                header::unmask(payload, header.mask, 0);
                return deliver(header.opcode, payload).map(Some);
            }
            if !self.gather(frame, input) {
                return Ok(None);
            }
            if header.is_control() {
                return deliver(header.opcode, &self.control).map(Some);
            }
            if header.fin {
                let opcode = self.fragmented.take().unwrap_or(header.opcode);
                return deliver(opcode, &self.message).map(Some);
            }
        }
    }

    /// A message that was lent out is over once the next one is asked for.
    fn forget_delivered(&mut self) {
        let gathering =
            self.fragmented.is_some() || self.frame.is_some_and(|frame| !frame.header.is_control());
        if !gathering {
            self.message = Vec::new();
        }
        if !self.frame.is_some_and(|frame| frame.header.is_control()) {
            self.control = Vec::new();
        }
    }

    fn next_frame(&mut self, input: &mut Input<'_>) -> Result<Option<Frame>, FrameError> {
        if let Some(frame) = self.frame {
            return Ok(Some(frame));
        }
        let Some(header) = self.partial_header.read(input)? else {
            return Ok(None);
        };
        self.admit(header)?;
        if !header.is_control() && header.opcode != CONTINUATION && !header.fin {
            self.fragmented = Some(header.opcode);
        }
        let frame = Frame {
            header,
            remaining: header.length,
        };
        self.frame = Some(frame);
        Ok(Some(frame))
    }

    /// The rules that need only the header and what came before it (RFC 6455 §5.4, §5.5).
    fn admit(&self, header: Header) -> Result<(), FrameError> {
        match header.opcode {
            CONTINUATION if self.fragmented.is_none() => return Err(FrameError::Protocol),
            TEXT | BINARY if self.fragmented.is_some() => return Err(FrameError::Protocol),
            CONTINUATION | TEXT | BINARY => {}
            CLOSE | PING | PONG if header.fin && header.length <= 125 => return Ok(()),
            _ => return Err(FrameError::Protocol),
        }
        if header.length > self.payload_bytes_max - self.message.len() {
            return Err(FrameError::TooLarge);
        }
        Ok(())
    }

    /// Moves payload from `input` into its buffer; true when the frame is complete.
    fn gather(&mut self, frame: Frame, input: &mut Input<'_>) -> bool {
        let count = frame.remaining.min(input.0.len());
        let part = input.take(count);
        header::unmask(
            part,
            frame.header.mask,
            frame.header.length - frame.remaining,
        );
        let buffer = if frame.header.is_control() {
            &mut self.control
        } else {
            &mut self.message
        };
        buffer.extend_from_slice(part);
        let remaining = frame.remaining - count;
        self.frame = (remaining > 0).then_some(Frame { remaining, ..frame });
        remaining == 0
    }
}

fn deliver(opcode: u8, payload: &[u8]) -> Result<Message<'_>, FrameError> {
    match opcode {
        TEXT => str::from_utf8(payload)
            .map(Message::Text)
            .map_err(|_| FrameError::Utf8),
        BINARY => Ok(Message::Binary(payload)),
        PING => Ok(Message::Ping(payload)),
        PONG => Ok(Message::Pong),
        _ => close_status(payload).map(Message::Close),
    }
}

/// RFC 6455 §5.5.1 and §7.4: no payload, or a status that may be sent and a UTF-8 reason.
fn close_status(payload: &[u8]) -> Result<Option<u16>, FrameError> {
    let Some((status, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() {
            Ok(None)
        } else {
            Err(FrameError::Protocol)
        };
    };
    let status = u16::from_be_bytes(*status);
    if !matches!(status, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(FrameError::Protocol);
    }
    str::from_utf8(reason).map_err(|_| FrameError::Utf8)?;
    Ok(Some(status))
}

/// Bytes of a server's frame header before a payload of this length.
pub(crate) const fn header_length(payload: usize) -> usize {
    match payload {
        0..=125 => 2,
        126..=0xffff => 4,
        _ => 10,
    }
}

/// Writes the header of a whole, unmasked frame.
pub(crate) fn write_header(out: &mut Vec<u8>, opcode: u8, length: usize) {
    out.push(0x80 | opcode);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.push(short),
        (_, Ok(medium)) => {
            out.push(126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Writes a whole frame.
pub(crate) fn write(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    write_header(out, opcode, payload.len());
    out.extend_from_slice(payload);
}
