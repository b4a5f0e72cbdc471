//! The part of a link that long-polling needs: one poll and one post at a time, and the upgrade that ends both.
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{Form, Link, wake};
use crate::DisconnectReason;
use crate::engine::packet::{CLOSE, NOOP, SEPARATOR};
use crate::engine::table::Opening;
use crate::engine::websocket::Websocket;

#[derive(Debug, Default)]
pub(in crate::engine) struct Polling {
    polls: bool,
    posts: bool,
    pub(super) poll_waker: Option<Waker>,
    pub(super) probe_waker: Option<Waker>,
    pub(super) inbox: Option<Inbox>,
    probe: Probe,
    upgraded: Option<Box<Websocket>>,
    pub(super) farewell: Farewell,
    pong_by: Option<Instant>,
    pub(super) opening: Option<Opening>,
}

/// Whether a websocket is trying to take over.
#[derive(Debug, Default, PartialEq, Eq)]
enum Probe {
    #[default]
    None,
    Running,
    /// It is running, and the pending poll, or else the next one, is to come home at once.
    Release,
}

/// What the client knows of the end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Farewell {
    #[default]
    Unsaid,
    /// The client closed: its poll ends without a close packet.
    Left,
    /// A poll has told it, or nobody is there to be told.
    Said,
}

/// The packets of one POST, and where to say that they have been handled.
#[derive(Debug)]
pub(in crate::engine) struct Inbox {
    pub(in crate::engine) payload: Bytes,
    pub(in crate::engine) handled: oneshot::Sender<()>,
}

/// What the task of a polling connection finds.
#[derive(Debug)]
pub(in crate::engine) enum Payload {
    Posted(Inbox),
    Upgraded(Box<Websocket>),
}

/// How a poll is answered.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) enum Answer {
    Packets(Vec<u8>),
    /// The websocket has taken over.
    Gone,
}

/// One request of a polling connection; dropped before it is answered, the client has vanished.
#[derive(Debug)]
pub(in crate::engine) struct Turnstile {
    link: Arc<Link>,
    post: bool,
    answered: bool,
}

impl Link {
    /// Counts the connection among those that are not let in yet.
    pub(in crate::engine) fn begin_opening(&self, opening: Opening) {
        if let Some(polling) = &mut self.state.lock().polling {
            polling.opening = Some(opening);
        }
    }

    /// The service has let the client in.
    pub(crate) fn let_in(&self) {
        if let Some(polling) = &mut self.state.lock().polling {
            polling.opening = None;
        }
    }

    /// Begins the only GET or the only POST; `None` closes the connection, for there was one already.
    pub(in crate::engine) fn enter(self: &Arc<Self>, post: bool) -> Option<Turnstile> {
        let mut state = self.state.lock();
        let busy = match &mut state.polling {
            Some(polling) if post => std::mem::replace(&mut polling.posts, true),
            Some(polling) => std::mem::replace(&mut polling.polls, true),
            None => return None,
        };
        if busy {
            self.set_closing(&mut state, DisconnectReason::TransportError);
            wake(state);
            return None;
        }
        Some(Turnstile {
            link: Arc::clone(self),
            post,
            answered: false,
        })
    }

    /// Whether a request may still find this connection. Checked by the clock, too: the task may be late.
    pub(in crate::engine) fn is_known(&self, now: Instant) -> bool {
        let mut state = self.state.lock();
        let Some(polling) = &state.polling else {
            return state.closing.is_none();
        };
        if polling.pong_by.is_some_and(|pong_by| pong_by <= now) {
            self.set_closing(&mut state, DisconnectReason::PingTimeout);
            wake(state);
            return false;
        }
        let awaits_close = state.closing.is_some_and(DisconnectReason::is_orderly);
        state.closing.is_none() || awaits_close && polling.farewell != Farewell::Said
    }

    /// Whether polling is still the transport.
    pub(in crate::engine) fn is_polling(&self) -> bool {
        self.state.lock().outbox.form() == Form::Payload
    }

    /// Whether a websocket is being probed.
    pub(in crate::engine) fn is_probing(&self) -> bool {
        self.state
            .lock()
            .polling
            .as_ref()
            .is_some_and(|polling| polling.probe != Probe::None)
    }

    /// When the pong must be there.
    pub(in crate::engine) fn expect_pong(&self, by: Option<Instant>) {
        if let Some(polling) = &mut self.state.lock().polling {
            polling.pong_by = by;
        }
    }

    /// The client said that it closes the connection.
    pub(in crate::engine) fn client_left(&self) {
        let mut state = self.state.lock();
        if let Some(polling) = &mut state.polling {
            polling.farewell = Farewell::Left;
        }
        self.set_closing(&mut state, DisconnectReason::TransportClose);
        wake(state);
    }

    /// What the pending GET is to be answered.
    pub(in crate::engine) fn poll_answer(&self, cx: &mut Context<'_>) -> Poll<Answer> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let Some(polling) = &mut state.polling else {
            return Poll::Ready(Answer::Gone);
        };
        if state.outbox.form() == Form::Frames {
            return Poll::Ready(Answer::Gone);
        }
        if state.closing.is_some() {
            let left = polling.farewell == Farewell::Left;
            let mut packets = if left {
                Vec::new()
            } else {
                state.outbox.take()
            };
            if !packets.is_empty() {
                packets.push(SEPARATOR);
            }
            packets.push(if left { NOOP } else { CLOSE });
            polling.farewell = Farewell::Said;
            if let Some(task) = state.task.take() {
                task.wake();
            }
            return Poll::Ready(Answer::Packets(packets));
        }
        if !state.outbox.is_empty() {
            return Poll::Ready(Answer::Packets(state.outbox.take()));
        }
        if polling.probe == Probe::Release {
            polling.probe = Probe::Running;
            return Poll::Ready(Answer::Packets(vec![NOOP]));
        }
        polling.poll_waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Hands the packets of a POST to the task; `None` when polling is over.
    pub(in crate::engine) fn post(&self, payload: Bytes) -> Option<oneshot::Receiver<()>> {
        let mut state = self.state.lock();
        let usable = state.closing.is_none() && state.outbox.form() == Form::Payload;
        let polling = state.polling.as_mut().filter(|_| usable)?;
        let (handled, receiver) = oneshot::channel();
        polling.inbox = Some(Inbox { payload, handled });
        if let Some(task) = state.task.take() {
            task.wake();
        }
        Some(receiver)
    }

    /// What the task has to do next for a polling connection.
    pub(in crate::engine) fn take_payload(&self) -> Option<Payload> {
        let mut state = self.state.lock();
        let polling = state.polling.as_mut()?;
        if let Some(inbox) = polling.inbox.take() {
            return Some(Payload::Posted(inbox));
        }
        let websocket = polling.upgraded.take()?;
        // A request that is still here finds that polling is gone.
        if let Some(poll) = state.polling.take().and_then(|polling| polling.poll_waker) {
            poll.wake();
        }
        Some(Payload::Upgraded(websocket))
    }

    /// Whether something for `take_payload` is there; else the task is woken when it comes.
    pub(in crate::engine) fn end_polling_turn(&self, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        let waiting = state
            .polling
            .as_ref()
            .is_some_and(|polling| polling.inbox.is_some() || polling.upgraded.is_some());
        if waiting || state.attention || state.closing.is_some() {
            return false;
        }
        state.task = Some(waker.clone());
        true
    }

    /// Waits until the client has been told that the connection is closed.
    pub(in crate::engine) fn poll_told(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.lock();
        match &state.polling {
            Some(polling) if polling.farewell != Farewell::Said => {
                state.task = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }

    /// Begins a probe; false when there is one already or polling is over.
    pub(in crate::engine) fn begin_probe(&self) -> bool {
        let mut state = self.state.lock();
        let closing = state.closing.is_some();
        match &mut state.polling {
            Some(polling)
                if !closing && polling.probe == Probe::None && polling.upgraded.is_none() =>
            {
                polling.probe = Probe::Running;
                true
            }
            _ => false,
        }
    }

    /// The probe was answered: the pending poll must come home, so that the client can pause polling.
    pub(in crate::engine) fn release_poll(&self) {
        let mut state = self.state.lock();
        if let Some(polling) = &mut state.polling {
            polling.probe = Probe::Release;
        }
        wake(state);
    }

    /// The probe failed: polling goes on as if nothing had been.
    pub(in crate::engine) fn end_probe(&self) {
        if let Some(polling) = &mut self.state.lock().polling {
            polling.probe = Probe::None;
            polling.probe_waker = None;
        }
    }

    /// Waits until the connection closes, for the probe.
    pub(in crate::engine) fn poll_closing(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.lock();
        let closing = state.closing.is_some();
        match &mut state.polling {
            Some(polling) if !closing => {
                polling.probe_waker = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }

    /// The client has switched: from here on everything goes over the websocket.
    pub(in crate::engine) fn switch(&self, websocket: Box<Websocket>) {
        let mut state = self.state.lock();
        if state.closing.is_some() {
            return;
        }
        state.outbox.switch_to_frames();
        if let Some(polling) = &mut state.polling {
            polling.upgraded = Some(websocket);
        }
        wake(state);
    }
}

impl Turnstile {
    /// The request is answered.
    pub(in crate::engine) fn leave(mut self) {
        self.answered = true;
    }

    /// The packets have arrived: from here on it changes nothing when the client vanishes.
    pub(in crate::engine) fn arrived(&mut self) {
        self.answered = true;
    }
}

impl Drop for Turnstile {
    fn drop(&mut self) {
        let mut state = self.link.state.lock();
        if let Some(polling) = &mut state.polling {
            let busy = if self.post {
                &mut polling.posts
            } else {
                &mut polling.polls
            };
            *busy = false;
        }
        if !self.answered && state.outbox.form() == Form::Payload {
            self.link
                .set_closing(&mut state, DisconnectReason::TransportClose);
            if let Some(polling) = &mut state.polling {
                polling.farewell = Farewell::Said;
            }
            wake(state);
        }
    }
}
