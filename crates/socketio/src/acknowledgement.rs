//! Acknowledgements that clients send: who waits for which.
use std::collections::HashMap;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::Args;
use crate::json::Fields;

/// What a client answered.
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    text: String,
    first: usize,
    fields: Fields,
    attachments: Vec<Bytes>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgementError {
    /// The client did not answer in time.
    #[error("the client did not acknowledge in time")]
    Timeout,
    /// The socket was, or became, disconnected.
    #[error("the socket is disconnected")]
    Disconnected,
}

impl Acknowledgement {
    pub(crate) fn new(args: Args<'_>, attachments: Vec<Bytes>) -> Self {
        let text = args.as_str().to_owned();
        Self {
            text,
            first: args.get(0).map_or(0, str::len),
            fields: args.fields(),
            attachments,
        }
    }

    /// What came with it.
    pub fn args(&self) -> Args<'_> {
        Args::new(&self.text, self.first, self.fields)
    }

    /// The binary attachments.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }
}

/// The acknowledgements that a socket waits for.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    inner: Mutex<Option<Box<Open>>>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    senders: HashMap<u64, oneshot::Sender<Acknowledgement>>,
}

impl Waiting {
    pub(crate) fn open(&self) -> (u64, oneshot::Receiver<Acknowledgement>) {
        let (sender, receiver) = oneshot::channel();
        let mut inner = self.inner.lock();
        let open = inner.get_or_insert_default();
        let id = open.next;
        open.next += 1;
        open.senders.insert(id, sender);
        (id, receiver)
    }

    /// Whether somebody waits for this one; an acknowledgement that nobody asked for is dropped.
    pub(crate) fn fulfil(&self, id: u64, answer: impl FnOnce() -> Acknowledgement) {
        if let Some(sender) = self.forget(id) {
            // Nobody may be waiting any more.
            let _ = sender.send(answer());
        }
    }

    pub(crate) fn forget(&self, id: u64) -> Option<oneshot::Sender<Acknowledgement>> {
        self.inner.lock().as_mut()?.senders.remove(&id)
    }

    /// Everybody who waits learns that no answer will come.
    pub(crate) fn abandon(&self) {
        if let Some(open) = self.inner.lock().as_mut() {
            open.senders.clear();
        }
    }
}
