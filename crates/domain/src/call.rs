//! Start and end of the call: who wins, what is recorded, how long it was.

use std::time::Duration;

use crate::time::{whole_minutes, whole_seconds};
use crate::{Door, JoinWindow, Reason, Refusal, Session, SessionState, Timestamp, Visitor, admit};

/// How far ahead of the server's clock a given start or end may lie.
pub const AHEAD_MAX: Duration = Duration::from_mins(1);

/// How long a call was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLength {
    millis: i64,
}

impl CallLength {
    /// Between a start and an end.
    pub const fn between(started_at: Timestamp, ended_at: Timestamp) -> Self {
        Self {
            millis: ended_at.millis_since(started_at),
        }
    }

    /// Whole minutes, nearest, half up: 29 s is 0, 30 s is 1.
    pub const fn minutes(self) -> i64 {
        whole_minutes(self.millis)
    }

    /// Whole seconds, nearest, half up.
    pub const fn seconds(self) -> i64 {
        whole_seconds(self.millis)
    }
}

/// Why a call cannot start or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallRefusal {
    #[error(transparent)]
    Admission(#[from] Refusal),
    #[error("the call has already started")]
    AlreadyStarted { started_at: Timestamp },
    #[error("the call has not started")]
    NotStarted,
    #[error("the call has already ended")]
    AlreadyEnded {
        started_at: Timestamp,
        ended_at: Timestamp,
    },
    #[error("the given time is impossible")]
    InvalidTime,
}

impl Session {
    /// Starts the call at `start_time`, or at `now` when none is given (SPEC rows 11 and 12).
    pub fn start(
        mut self,
        visitor: Visitor,
        start_time: Option<Timestamp>,
        window: JoinWindow,
        now: Timestamp,
    ) -> Result<Self, CallRefusal> {
        let admission = admit(&self, visitor, Door::Enter { window, now });
        if admission == Err(Refusal::NotParticipant) {
            return Err(Refusal::NotParticipant.into());
        }
        if let SessionState::InProgress { started_at } = self.state {
            return Err(CallRefusal::AlreadyStarted { started_at });
        }
        admission?;
        let started_at = start_time.unwrap_or(now);
        if !window.contains(self.session_date, started_at) || started_at > now.plus(AHEAD_MAX) {
            return Err(CallRefusal::InvalidTime);
        }
        self.state = SessionState::InProgress { started_at };
        self.updated_at = now;
        Ok(self)
    }

    /// Ends the call at `end_time`, or at `now` when none is given (SPEC rows 11 and 13).
    pub fn end(
        mut self,
        visitor: Visitor,
        end_time: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, CallRefusal> {
        if admit(&self, visitor, Door::Prepare) == Err(Refusal::NotParticipant) {
            return Err(Refusal::NotParticipant.into());
        }
        let started_at = self.running_since()?;
        // A start may lie up to a minute ahead; an end by the clock is then no earlier than it.
        let ended_at = end_time.unwrap_or_else(|| now.max(started_at));
        if ended_at < started_at || ended_at > now.plus(AHEAD_MAX).max(started_at) {
            return Err(CallRefusal::InvalidTime);
        }
        self.state = SessionState::Completed {
            started_at,
            ended_at,
        };
        self.updated_at = now;
        Ok(self)
    }

    /// Ends a call that nobody ended: at `empty_since`, but not before its start.
    pub fn end_abandoned(
        mut self,
        empty_since: Timestamp,
        now: Timestamp,
    ) -> Result<Self, CallRefusal> {
        let started_at = self.running_since()?;
        let ended_at = empty_since.max(started_at);
        self.state = SessionState::Completed {
            started_at,
            ended_at,
        };
        self.updated_at = now;
        Ok(self)
    }

    /// How long the call was, once it has ended.
    pub fn call_length(&self) -> Option<CallLength> {
        match self.state {
            SessionState::Completed {
                started_at,
                ended_at,
            } => Some(CallLength::between(started_at, ended_at)),
            _ => None,
        }
    }

    fn running_since(&self) -> Result<Timestamp, CallRefusal> {
        match self.state {
            SessionState::InProgress { started_at } => Ok(started_at),
            SessionState::Completed {
                started_at,
                ended_at,
            } => Err(CallRefusal::AlreadyEnded {
                started_at,
                ended_at,
            }),
            SessionState::Cancelled {
                started_at: Some(_),
            } => Err(Refusal::Session(Reason::SessionCancelled).into()),
            _ => Err(CallRefusal::NotStarted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::{CLIENT, DATE, STRANGER, paid};
    use crate::{PaymentStatus, Role};

    const WINDOW: JoinWindow = JoinWindow {
        before: Duration::from_mins(15),
        after: Duration::from_hours(2),
    };

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(DATE.as_millis() + seconds * 1000)
    }

    fn client() -> Visitor {
        Visitor {
            user: CLIENT,
            role: Role::Client,
        }
    }

    fn started(session: Session, time: Option<i64>, now: i64) -> Result<Session, CallRefusal> {
        session.start(client(), time.map(at), WINDOW, at(now))
    }

    fn in_progress() -> Session {
        Session {
            state: SessionState::InProgress { started_at: at(0) },
            ..paid()
        }
    }

    #[test]
    fn a_call_starts_at_the_given_time_or_by_the_clock() {
        for (given, now, recorded) in [
            (None, 5, Some(5)),
            (Some(0), 5, Some(0)),
            (Some(65), 5, Some(65)),
            (Some(66), 5, None),
            (Some(-900), 5, Some(-900)),
            (Some(-901), 5, None),
            (Some(7201), 7200, None),
            (Some(7200), 7200, Some(7200)),
        ] {
            let answer = started(paid(), given, now);
            let expected = recorded.map(at).ok_or(CallRefusal::InvalidTime);
            let start = answer.map(|session| session.state.started_at().unwrap());
            assert_eq!(start, expected, "{given:?} at {now}");
        }
    }

    #[test]
    fn the_clock_decides_before_the_given_time() {
        let refusal = |reason| Err(CallRefusal::Admission(Refusal::Session(reason)));
        assert_eq!(started(paid(), Some(0), -901), refusal(Reason::TooEarly));
        assert_eq!(
            started(paid(), Some(0), 7201),
            refusal(Reason::WindowClosed)
        );
    }

    #[test]
    fn a_second_start_is_refused() {
        let refunded = Session {
            payment: PaymentStatus::Refunded,
            ..in_progress()
        };
        for session in [in_progress(), refunded] {
            let refusal = CallRefusal::AlreadyStarted { started_at: at(0) };
            assert_eq!(started(session, None, 8000), Err(refusal));
        }
    }

    #[test]
    fn a_stranger_neither_starts_nor_ends() {
        let stranger = Visitor {
            user: STRANGER,
            role: Role::Client,
        };
        let refusal = Err(CallRefusal::Admission(Refusal::NotParticipant));
        assert_eq!(in_progress().start(stranger, None, WINDOW, at(1)), refusal);
        assert_eq!(in_progress().end(stranger, None, at(1)), refusal);
    }

    #[test]
    fn a_call_ends_at_the_given_time_or_by_the_clock() {
        for (given, now, recorded) in [
            (None, 60, Some(60)),
            (None, -30, Some(0)),
            (Some(0), 60, Some(0)),
            (Some(-1), 60, None),
            (Some(120), 60, Some(120)),
            (Some(121), 60, None),
        ] {
            let answer = in_progress().end(client(), given.map(at), at(now));
            let expected = recorded.map(at).ok_or(CallRefusal::InvalidTime);
            let end = answer.map(|session| session.state.ended_at().unwrap());
            assert_eq!(end, expected, "{given:?} at {now}");
        }
    }

    #[test]
    fn what_has_no_running_call_does_not_end() {
        let ended = SessionState::Completed {
            started_at: at(0),
            ended_at: at(9),
        };
        let cancelled = CallRefusal::Admission(Refusal::Session(Reason::SessionCancelled));
        for (state, refusal) in [
            (SessionState::Pending, CallRefusal::NotStarted),
            (SessionState::Confirmed, CallRefusal::NotStarted),
            (SessionState::Declined, CallRefusal::NotStarted),
            (
                SessionState::Cancelled { started_at: None },
                CallRefusal::NotStarted,
            ),
            (
                SessionState::Cancelled {
                    started_at: Some(at(0)),
                },
                cancelled,
            ),
            (
                ended,
                CallRefusal::AlreadyEnded {
                    started_at: at(0),
                    ended_at: at(9),
                },
            ),
        ] {
            let session = Session { state, ..paid() };
            assert_eq!(
                session.end(client(), None, at(10)),
                Err(refusal),
                "{state:?}"
            );
        }
    }

    #[test]
    fn an_abandoned_call_ends_when_the_last_one_left_but_not_before_its_start() {
        for (empty_since, ended) in [(-100, 0), (0, 0), (40, 40)] {
            let session = in_progress()
                .end_abandoned(at(empty_since), at(900))
                .unwrap();
            assert_eq!(session.state.ended_at(), Some(at(ended)));
        }
    }

    #[test]
    fn durations_are_rounded_half_up() {
        for (millis, minutes, seconds) in [
            (29_000, 0, 29),
            (29_999, 0, 30),
            (30_000, 1, 30),
            (89_999, 1, 90),
            (90_000, 2, 90),
            (45 * 60_000, 45, 2700),
            (499, 0, 0),
            (500, 0, 1),
        ] {
            let ended = Timestamp::from_millis(DATE.as_millis() + millis);
            let length = CallLength::between(DATE, ended);
            assert_eq!(
                (length.minutes(), length.seconds()),
                (minutes, seconds),
                "{millis} ms"
            );
        }
    }
}
