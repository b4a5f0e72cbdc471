//! The shared side of a connection: whatever any task may do with it while its own task sleeps.
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use parking_lot::Mutex;

use super::outbox::{Form, Outbox};
use super::sid::Sid;
use crate::DisconnectReason;

mod polling;

pub(super) use polling::{Answer, Inbox, Payload};
use polling::{Farewell, Polling};

/// A connection, as every task may use it. Nothing here waits.
#[derive(Debug)]
pub struct Link {
    sid: Sid,
    closing: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    outbox: Outbox,
    /// The connection's task, while it sleeps.
    task: Option<Waker>,
    closing: Option<DisconnectReason>,
    attention: bool,
    polling: Option<Box<Polling>>,
}

/// What the connection's task finds when it looks.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pub(super) closing: Option<DisconnectReason>,
    pub(super) attention: bool,
    pub(super) bytes: Vec<u8>,
}

impl Link {
    pub(super) fn new(sid: Sid, form: Form, buffer_bytes_max: usize) -> Self {
        let polling = (form == Form::Payload).then(Box::default);
        let outbox = Outbox::new(form, buffer_bytes_max);
        let state = State {
            outbox,
            task: None,
            closing: None,
            attention: false,
            polling,
        };
        Self {
            sid,
            closing: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    pub(super) const fn sid(&self) -> Sid {
        self.sid
    }

    /// Sends a text; false when the connection is over.
    pub fn send(&self, text: &str) -> bool {
        self.with(|outbox| outbox.push_message(text, &[[0; 0]; 0]))
    }

    /// Sends a binary; false when the connection is over.
    pub fn send_binary(&self, data: &[u8]) -> bool {
        self.with(|outbox| outbox.push_binary(data))
    }

    /// Closes the connection once what was sent before has been written. The first reason counts.
    pub fn close(&self, reason: DisconnectReason) {
        let mut state = self.state.lock();
        self.set_closing(&mut state, reason);
        wake(state);
    }

    /// Whether the connection still takes messages.
    pub fn is_open(&self) -> bool {
        !self.closing.load(Ordering::Acquire)
    }

    /// Has [`Service::attend`](super::Service::attend) called soon.
    pub fn call_attention(&self) {
        let mut state = self.state.lock();
        state.attention = true;
        if let Some(task) = state.task.take() {
            drop(state);
            task.wake();
        }
    }

    /// Writes several packets that must stay together; false, without a call, when the connection is over.
    pub(crate) fn with(&self, write: impl FnOnce(&mut Outbox)) -> bool {
        let mut state = self.state.lock();
        if state.closing.is_some() {
            return false;
        }
        write(&mut state.outbox);
        if state.outbox.is_overflown() {
            self.set_closing(&mut state, DisconnectReason::BufferFull);
        }
        wake(state);
        true
    }

    /// Begins a turn of the connection's task: it is awake, so nobody needs to wake it. Takes what waits to be
    /// written unless the task is still writing.
    pub(super) fn begin_turn(&self, writing: bool) -> Turn {
        let mut state = self.state.lock();
        state.task = None;
        let bytes = if writing {
            Vec::new()
        } else {
            state.outbox.take()
        };
        if !writing {
            state.outbox.in_flight = bytes.len();
        }
        Turn {
            closing: state.closing,
            attention: std::mem::take(&mut state.attention),
            bytes,
        }
    }

    /// Begins a turn of a polling connection, whose polls take what waits.
    pub(super) fn begin_polling_turn(&self) -> Turn {
        let mut state = self.state.lock();
        state.task = None;
        Turn {
            closing: state.closing,
            attention: std::mem::take(&mut state.attention),
            bytes: Vec::new(),
        }
    }

    /// Takes what waits to be written, as `begin_turn` does, and nothing else.
    pub(super) fn take_bytes(&self, writing: bool) -> Vec<u8> {
        if writing {
            return Vec::new();
        }
        let mut state = self.state.lock();
        let bytes = state.outbox.take();
        if state.outbox.form() == Form::Frames {
            state.outbox.in_flight = bytes.len();
        }
        bytes
    }

    /// Ends a turn: true when the task may sleep, false when something came up meanwhile.
    pub(super) fn end_turn(&self, unwritten: usize, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        state.outbox.in_flight = unwritten;
        let more =
            unwritten == 0 && state.outbox.form() == Form::Frames && !state.outbox.is_empty();
        if more || state.attention || state.closing.is_some() {
            return false;
        }
        state.task = Some(waker.clone());
        true
    }

    /// Waits only for what else could be written, while a handler runs or the connection ends.
    pub(super) fn end_write(&self, unwritten: usize, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        state.outbox.in_flight = unwritten;
        if unwritten == 0 && !state.outbox.is_empty() {
            return false;
        }
        state.task = Some(waker.clone());
        true
    }

    /// The connection's task has ended.
    pub(super) fn finish(&self) {
        let mut state = self.state.lock();
        self.set_closing(&mut state, DisconnectReason::TransportError);
        state.outbox.clear();
        state.attention = false;
        if let Some(polling) = &mut state.polling {
            polling.farewell = Farewell::Said;
            polling.inbox = None;
            polling.opening = None;
        }
        wake(state);
    }

    fn set_closing(&self, state: &mut State, reason: DisconnectReason) {
        if state.closing.is_none() {
            state.closing = Some(reason);
            self.closing.store(true, Ordering::Release);
        }
    }
}

/// Wakes whoever waits for what has changed.
fn wake(mut state: parking_lot::MutexGuard<'_, State>) {
    let closing = state.closing.is_some();
    let frames = state.outbox.form() == Form::Frames;
    let task = if frames || closing {
        state.task.take()
    } else {
        None
    };
    let (poll, probe) = match &mut state.polling {
        Some(polling) => (
            polling.poll_waker.take(),
            if closing {
                polling.probe_waker.take()
            } else {
                None
            },
        ),
        None => (None, None),
    };
    drop(state);
    for waker in [task, poll, probe].into_iter().flatten() {
        waker.wake();
    }
}
