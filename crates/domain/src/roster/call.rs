//! What a roster knows of its call: running, ended, closed, and what follows from each by time.

use std::time::Duration;

use super::messages::{Kept, Output, RemovalReason};
use super::{Empty, Roster};
use crate::{CallLength, Reason, Timestamp};

/// How long a closed room is remembered, so that a join that was admitted before finds it closed.
const REMEMBERED: Duration = Duration::from_mins(1);
/// How long to wait for the record before an abandoned call is reported again.
const REPORTED_AGAIN: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    NotStarted,
    /// Running; `not_before` is the earliest at which it can be found abandoned.
    Running {
        known_at: Timestamp,
        not_before: Timestamp,
    },
    /// Ended; those still there are removed at `removal_at`.
    Ended {
        removal_at: Timestamp,
    },
    /// Cancelled or declined; forgotten at `forgotten_at`.
    Closed {
        reason: RemovalReason,
        forgotten_at: Timestamp,
    },
}

impl Call {
    /// Why nobody can come in any more, if so.
    pub(super) const fn shut(&self) -> Option<Reason> {
        match self {
            Self::NotStarted | Self::Running { .. } => None,
            Self::Ended { .. } => Some(Reason::SessionCompleted),
            Self::Closed {
                reason: RemovalReason::SessionDeclined,
                ..
            } => Some(Reason::SessionDeclined),
            Self::Closed { .. } => Some(Reason::SessionCancelled),
        }
    }
}

impl Roster {
    pub(super) fn call_started(
        &mut self,
        started_at: Timestamp,
        now: Timestamp,
        outputs: &mut Vec<Output>,
    ) {
        if self.call != Call::NotStarted {
            return;
        }
        self.call = Call::Running {
            known_at: now,
            not_before: now,
        };
        self.revision += 1;
        outputs.extend(self.here().map(|to| Output::CallStarted { to, started_at }));
        for place in &mut self.places {
            // It takes no bytes, so it is always kept.
            let _ = place.keep(
                Kept::CallStarted { started_at },
                self.settings.kept_bytes_max,
            );
        }
    }

    pub(super) fn call_ended(
        &mut self,
        ended_at: Timestamp,
        length: CallLength,
        now: Timestamp,
        outputs: &mut Vec<Output>,
    ) {
        if self.call.shut().is_some() {
            return;
        }
        self.call = Call::Ended {
            removal_at: now.plus(self.settings.stay_after_end),
        };
        self.revision += 1;
        outputs.extend(self.here().map(|to| Output::CallEnded {
            to,
            ended_at,
            length,
        }));
    }

    pub(super) fn close(
        &mut self,
        reason: RemovalReason,
        now: Timestamp,
        outputs: &mut Vec<Output>,
    ) {
        self.remove_all(reason, now, outputs);
        self.call = Call::Closed {
            reason,
            forgotten_at: now.plus(REMEMBERED),
        };
        self.revision += 1;
    }

    pub(super) fn call_deadline(&self) -> Option<Timestamp> {
        match self.call {
            Call::NotStarted => None,
            Call::Running { .. } => self.abandoned_at(),
            Call::Ended { removal_at } => Some(removal_at),
            Call::Closed { forgotten_at, .. } => Some(forgotten_at),
        }
    }

    /// When the running call counts as abandoned, unless somebody comes.
    fn abandoned_at(&self) -> Option<Timestamp> {
        let Call::Running {
            known_at,
            not_before,
        } = self.call
        else {
            return None;
        };
        let empty = self.empty_while_running(known_at)?;
        let waited_from = empty.counted_from.max(known_at);
        Some(waited_from.plus(self.settings.auto_end).max(not_before))
    }

    /// Whether the call runs, and nobody has been there since then, as `Output::Abandoned` said it.
    pub fn is_abandoned(&self, empty_since: Timestamp) -> bool {
        match self.call {
            Call::Running { known_at, .. } => self
                .empty_while_running(known_at)
                .is_some_and(|empty| empty.since == empty_since),
            _ => false,
        }
    }

    /// Since when nobody is there; nobody ever having come counts from the start's record.
    fn empty_while_running(&self, known_at: Timestamp) -> Option<Empty> {
        let nobody_came = Empty {
            since: Timestamp::EARLIEST,
            counted_from: known_at,
        };
        match self.empty {
            Some(empty) => Some(empty),
            None => self.places.is_empty().then_some(nobody_came),
        }
    }

    pub(super) fn tick_call(&mut self, now: Timestamp, outputs: &mut Vec<Output>) {
        if self.call_deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        match self.call {
            Call::NotStarted => {}
            Call::Running { known_at, .. } => {
                self.call = Call::Running {
                    known_at,
                    not_before: now.plus(REPORTED_AGAIN),
                };
                let empty = self.empty_while_running(known_at);
                outputs.extend(empty.map(|empty| Output::Abandoned {
                    empty_since: empty.since,
                }));
            }
            Call::Ended { .. } => {
                self.remove_all(RemovalReason::CallEnded, now, outputs);
                self.call = Call::NotStarted;
            }
            Call::Closed { .. } => {
                self.call = Call::NotStarted;
                self.revision += 1;
            }
        }
    }
}
