//! What waits to be sent to one client, already in the form of its transport, bounded in bytes.
use std::mem;

use super::packet::{self, MESSAGE, SEPARATOR};
use super::pool;
use crate::websocket::frame;

/// A text that can be written without being built first.
pub(crate) trait Text {
    /// Bytes that `write` appends.
    fn length(&self) -> usize;
    fn write(&self, out: &mut Vec<u8>);
}

impl Text for str {
    fn length(&self) -> usize {
        self.len()
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

/// How packets are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Websocket frames.
    Frames,
    /// A polling payload.
    Payload,
}

/// The bytes that wait, in order.
#[derive(Debug)]
pub(crate) struct Outbox {
    form: Form,
    bytes: Vec<u8>,
    /// Bytes that were taken and are not written yet: they wait for the receiver, too.
    pub(super) in_flight: usize,
    bytes_max: usize,
    overflown: bool,
}

impl Outbox {
    pub(super) const fn new(form: Form, bytes_max: usize) -> Self {
        Self {
            form,
            bytes: Vec::new(),
            in_flight: 0,
            bytes_max,
            overflown: false,
        }
    }

    pub(super) const fn form(&self) -> Form {
        self.form
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) const fn is_overflown(&self) -> bool {
        self.overflown
    }

    /// Adds a message packet and its attachments.
    pub(crate) fn push_message<T: Text + ?Sized>(
        &mut self,
        text: &T,
        attachments: &[impl AsRef<[u8]>],
    ) {
        self.push_text(MESSAGE, text);
        for attachment in attachments {
            self.push_binary(attachment.as_ref());
        }
    }

    /// Counts bytes that wait elsewhere to be added.
    pub(crate) fn bound(&mut self, held_bytes: usize) {
        self.overflown |= held_bytes > self.bytes_max;
    }

    /// Adds a text packet of the given type.
    pub(super) fn push_text<T: Text + ?Sized>(&mut self, kind: u8, text: &T) {
        let length = 1 + text.length();
        if self.admit(length) {
            self.begin_text(length);
            self.bytes.push(kind);
            text.write(&mut self.bytes);
        }
    }

    pub(super) fn push_binary(&mut self, data: &[u8]) {
        let length = match self.form {
            Form::Frames => data.len(),
            Form::Payload => 1 + data.len().div_ceil(3) * 4,
        };
        if !self.admit(length) {
            return;
        }
        match self.form {
            Form::Frames => frame::write(&mut self.bytes, frame::BINARY, data),
            Form::Payload => {
                self.separate();
                packet::write_base64(&mut self.bytes, data);
            }
        }
    }

    /// Adds a websocket control frame.
    pub(super) fn push_control(&mut self, opcode: u8, payload: &[u8]) {
        if self.form == Form::Frames && self.admit(payload.len()) {
            frame::write(&mut self.bytes, opcode, payload);
        }
    }

    /// Takes everything that waits.
    pub(super) fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.bytes)
    }

    /// Drops everything that waits.
    pub(super) fn clear(&mut self) {
        self.bytes = Vec::new();
    }

    /// From now on packets are frames; those that wait are rewritten.
    pub(super) fn switch_to_frames(&mut self) {
        let payload = self.take();
        self.form = Form::Frames;
        for packet in payload
            .split(|byte| *byte == SEPARATOR)
            .filter(|packet| !packet.is_empty())
        {
            let binary =
                std::str::from_utf8(packet).ok().and_then(
                    |text| match packet::Packet::parse_polled(text) {
                        Ok(packet::Packet::Binary(data)) => Some(data),
                        _ => None,
                    },
                );
            match binary {
                Some(data) => frame::write(&mut self.bytes, frame::BINARY, &data),
                None => frame::write(&mut self.bytes, frame::TEXT, packet),
            }
        }
    }

    /// Whether the receiver still gets everything: one packet lost would break the order of all that follow.
    fn admit(&mut self, length: usize) -> bool {
        let waiting = self.bytes.len() + self.in_flight + frame::header_length(length) + length;
        if waiting > self.bytes_max {
            self.overflown = true;
            self.clear();
        }
        if !self.overflown && self.bytes.capacity() == 0 {
            self.bytes = pool::write_buffer();
        }
        !self.overflown
    }

    fn begin_text(&mut self, length: usize) {
        match self.form {
            Form::Frames => {
                self.bytes.reserve(frame::header_length(length) + length);
                frame::write_header(&mut self.bytes, frame::TEXT, length);
            }
            Form::Payload => {
                self.bytes.reserve(1 + length);
                self.separate();
            }
        }
    }

    fn separate(&mut self) {
        if !self.bytes.is_empty() {
            self.bytes.push(SEPARATOR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(outbox: &mut Outbox) {
        outbox.push_message("2[\"a\"]", &[[1u8, 2, 3, 4]]);
        outbox.push_text(packet::PING, "");
        outbox.push_message("last", &[[0u8; 0]; 0]);
    }

    #[test]
    fn a_payload_separates_packets_and_encodes_binaries() {
        let mut outbox = Outbox::new(Form::Payload, 1000);
        fill(&mut outbox);
        assert_eq!(outbox.take(), b"42[\"a\"]\x1ebAQIDBA==\x1e2\x1e4last");
    }

    #[test]
    fn frames_are_the_same_whether_switched_or_written() {
        let mut written = Outbox::new(Form::Frames, 1000);
        fill(&mut written);
        let mut switched = Outbox::new(Form::Payload, 1000);
        fill(&mut switched);
        switched.switch_to_frames();
        assert_eq!(switched.take(), written.take());
        fill(&mut written);
        fill(&mut switched);
        assert_eq!(switched.take(), written.take());
    }

    #[test]
    fn nothing_is_sent_any_more_once_too_much_waited() {
        let mut outbox = Outbox::new(Form::Frames, 100);
        outbox.push_text(MESSAGE, &"x".repeat(60)[..]);
        outbox.in_flight = outbox.take().len();
        outbox.push_text(MESSAGE, &"x".repeat(10)[..]);
        assert!(!outbox.is_overflown());
        outbox.push_text(MESSAGE, &"x".repeat(30)[..]);
        assert!(outbox.is_overflown() && outbox.is_empty());
        outbox.push_text(MESSAGE, "x");
        assert!(outbox.is_empty());
    }
}
