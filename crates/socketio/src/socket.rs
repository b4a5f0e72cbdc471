//! One client in one namespace, as every task may use it.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use crate::acknowledgement::Waiting;
use crate::engine::{Link, Outbox, Text};
use crate::packet::Outgoing;
use crate::{AckId, Acknowledgement, AcknowledgementError, DisconnectReason};

/// A client in a namespace. Clones are the same socket. Nothing here waits, but for an acknowledgement.
#[derive(Clone)]
pub struct Socket(Arc<Inner>);

struct Inner {
    id: [u8; 20],
    namespace: Box<str>,
    link: Arc<Link>,
    phase: AtomicU8,
    timer: Mutex<Option<Instant>>,
    waiting: Waiting,
    held: Mutex<Held>,
}

/// What was emitted before the client knew that it was connected.
#[derive(Default)]
struct Held {
    packets: Vec<(String, Vec<Bytes>)>,
    bytes: usize,
}

/// Changed only while the link's buffer is locked: nothing is written after the packet that ends it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    Connecting,
    Connected,
    /// The server has disconnected it; its handler is yet to learn.
    Leaving,
    Gone,
}

impl Socket {
    pub(crate) fn new(namespace: &str, link: &Arc<Link>) -> Result<Self, getrandom::Error> {
        let mut random = [0; 15];
        getrandom::fill(&mut random)?;
        let mut id = [0; 20];
        // Fifteen bytes are twenty digits.
        let _ = URL_SAFE_NO_PAD.encode_slice(random, &mut id);
        Ok(Self(Arc::new(Inner {
            id,
            namespace: namespace.into(),
            link: Arc::clone(link),
            phase: AtomicU8::new(Phase::Connecting as u8),
            timer: Mutex::default(),
            waiting: Waiting::default(),
            held: Mutex::default(),
        })))
    }

    /// The public id: 120 random bits as 20 characters of `A-Za-z0-9_-`, unrelated to anything else.
    pub fn id(&self) -> &str {
        std::str::from_utf8(&self.0.id).unwrap_or_default()
    }

    /// The namespace, `/` for the main one.
    pub fn namespace(&self) -> &str {
        &self.0.namespace
    }

    /// Whether the client is, as far as is known, in the namespace.
    pub fn is_connected(&self) -> bool {
        self.phase() == Phase::Connected && self.0.link.is_open()
    }

    /// Emits an event. The pieces, written one after the other, are the arguments: JSON values with commas between
    /// them, so that `socket.emit("candidate", &["{\"candidate\":", raw, ",\"from\":\"", id, "\"}"])` builds nothing.
    /// They are trusted to be JSON, which debug builds check: a raw control character in them could break out of the
    /// packet. False when the socket is disconnected.
    pub fn emit(&self, name: &str, pieces: &[&str]) -> bool {
        self.emit_with_attachments(name, pieces, &[])
    }

    /// Emits an event with binaries, for which the arguments hold `{"_placeholder":true,"num":N}`.
    pub fn emit_with_attachments(
        &self,
        name: &str,
        pieces: &[&str],
        attachments: &[Bytes],
    ) -> bool {
        let packet = Outgoing::event(self.namespace(), None, name, pieces, attachments.len());
        self.send(&packet, attachments)
    }

    /// Emits an event and waits for the client's acknowledgement. Not to be awaited in a handler: see
    /// [`Handler`](crate::Handler).
    pub async fn emit_with_ack(
        &self,
        name: &str,
        pieces: &[&str],
        attachments: &[Bytes],
        patience: Duration,
    ) -> Result<Acknowledgement, AcknowledgementError> {
        let (id, answer) = self.0.waiting.open();
        let forget = Forget {
            waiting: &self.0.waiting,
            id,
        };
        let packet = Outgoing::event(self.namespace(), Some(id), name, pieces, attachments.len());
        if !self.send(&packet, attachments) {
            return Err(AcknowledgementError::Disconnected);
        }
        let answer = timeout(patience, answer).await;
        drop(forget);
        answer
            .map_err(|_| AcknowledgementError::Timeout)?
            .map_err(|_| AcknowledgementError::Disconnected)
    }

    /// Answers an event that asked for it. The pieces are as in [`emit`](Self::emit).
    pub fn ack(&self, id: AckId, pieces: &[&str]) -> bool {
        self.ack_with_attachments(id, pieces, &[])
    }

    /// Answers an event with binaries.
    pub fn ack_with_attachments(&self, id: AckId, pieces: &[&str], attachments: &[Bytes]) -> bool {
        let packet = Outgoing::ack(self.namespace(), id.0, pieces, attachments.len());
        self.send(&packet, attachments)
    }

    /// Disconnects the client, which learns that the server wanted it and does not come back by itself. With
    /// `close_transport` the connection ends, too; to the client's other namespaces it looks lost.
    pub fn disconnect(&self, close_transport: bool) {
        self.0.link.with(|outbox| match self.phase() {
            Phase::Connected => {
                outbox.push_message(&Outgoing::disconnect(self.namespace()), NONE);
                self.set_phase(Phase::Leaving);
            }
            Phase::Connecting => self.set_phase(Phase::Leaving),
            Phase::Leaving | Phase::Gone => {}
        });
        if close_transport {
            self.0.link.close(DisconnectReason::ServerDisconnect);
        } else {
            self.0.link.call_attention();
        }
    }

    /// Closes the connection, as if it were lost: the client comes back by itself.
    pub fn close(&self) {
        self.0.link.close(DisconnectReason::TransportClose);
    }

    /// When [`Handler::timer`](crate::Handler::timer) is to be called, in place of what was set before.
    pub fn set_timer(&self, at: Option<Instant>) {
        *self.0.timer.lock() = at;
        self.0.link.call_attention();
    }

    pub(crate) fn timer(&self) -> Option<Instant> {
        *self.0.timer.lock()
    }

    /// Takes the timer if it is due.
    pub(crate) fn take_due_timer(&self, now: Instant) -> bool {
        let mut timer = self.0.timer.lock();
        let due = timer.is_some_and(|at| at <= now);
        if due {
            *timer = None;
        }
        due
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.0.phase.load(Ordering::Acquire) {
            0 => Phase::Connecting,
            1 => Phase::Connected,
            2 => Phase::Leaving,
            _ => Phase::Gone,
        }
    }

    /// Tells the client that it is connected, and then what was held back.
    pub(crate) fn confirm(&self) {
        self.0.link.with(|outbox| {
            let payload = ["{\"sid\":\"", self.id(), "\"}"];
            outbox.push_message(&Outgoing::connect(self.namespace(), &payload), NONE);
            for (packet, attachments) in std::mem::take(&mut *self.0.held.lock()).packets {
                outbox.push_message(packet.as_str(), &attachments);
            }
            if self.phase() == Phase::Leaving {
                outbox.push_message(&Outgoing::disconnect(self.namespace()), NONE);
            } else {
                self.set_phase(Phase::Connected);
            }
        });
    }

    /// Nothing goes out any more and nobody waits for an answer.
    pub(crate) fn end(&self) {
        self.0.link.with(|_| self.set_phase(Phase::Gone));
        self.set_phase(Phase::Gone);
        self.0.waiting.abandon();
        *self.0.held.lock() = Held::default();
        *self.0.timer.lock() = None;
    }

    pub(crate) fn waiting(&self) -> &Waiting {
        &self.0.waiting
    }

    fn set_phase(&self, phase: Phase) {
        self.0.phase.store(phase as u8, Ordering::Release);
    }

    fn send(&self, packet: &Outgoing<'_>, attachments: &[Bytes]) -> bool {
        let mut sent = false;
        self.0
            .link
            .with(|outbox| sent = self.write(outbox, packet, attachments));
        sent
    }

    fn write(&self, outbox: &mut Outbox, packet: &Outgoing<'_>, attachments: &[Bytes]) -> bool {
        match self.phase() {
            Phase::Connected => outbox.push_message(packet, attachments),
            Phase::Connecting => {
                let mut held = self.0.held.lock();
                held.bytes += packet.length() + attachments.iter().map(Bytes::len).sum::<usize>();
                outbox.bound(held.bytes);
                held.packets.push((packet.text(), attachments.to_vec()));
            }
            Phase::Leaving | Phase::Gone => return false,
        }
        true
    }
}

const NONE: &[Bytes] = &[];

impl fmt::Debug for Socket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Socket")
            .field("id", &self.id())
            .field("namespace", &self.namespace())
            .finish()
    }
}

/// An acknowledgement that is no longer waited for is forgotten, also when the wait itself is dropped.
struct Forget<'a> {
    waiting: &'a Waiting,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.waiting.forget(self.id);
    }
}
