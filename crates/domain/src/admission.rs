//! The one rule of who may enter. can-join, generate-room, start, join-room and resume all ask `admit`.

use crate::{JoinWindow, PaymentStatus, Role, Session, SessionState, Timestamp, UserId};

/// Somebody at a door, as his token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor {
    pub user: UserId,
    pub role: Role,
}

/// What the visitor wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// To have the room prepared: at any time.
    Prepare,
    /// To enter it at `now`: within the window.
    Enter { window: JoinWindow, now: Timestamp },
}

/// Why somebody may not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The visitor is neither booked nor an admin. He learns nothing about the session.
    #[error("not a participant of this session")]
    NotParticipant,
    /// The session cannot be joined, by anybody.
    #[error("{}", .0.message())]
    Session(Reason),
}

/// Why a session cannot be joined: the first that applies, in this order (SPEC row 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    SessionCancelled,
    SessionDeclined,
    SessionCompleted,
    SessionNotConfirmed,
    PaymentPending,
    PaymentFailed,
    PaymentRefunded,
    TooEarly,
    WindowClosed,
}

impl Reason {
    /// The stable code of the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SessionCancelled => "SESSION_CANCELLED",
            Self::SessionDeclined => "SESSION_DECLINED",
            Self::SessionCompleted => "SESSION_COMPLETED",
            Self::SessionNotConfirmed => "SESSION_NOT_CONFIRMED",
            Self::PaymentPending => "PAYMENT_PENDING",
            Self::PaymentFailed => "PAYMENT_FAILED",
            Self::PaymentRefunded => "PAYMENT_REFUNDED",
            Self::TooEarly => "TOO_EARLY",
            Self::WindowClosed => "WINDOW_CLOSED",
        }
    }

    /// A sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::SessionCancelled => "The session has been cancelled",
            Self::SessionDeclined => "The session has been declined",
            Self::SessionCompleted => "The session has been completed",
            Self::SessionNotConfirmed => "The session has not been confirmed",
            Self::PaymentPending => "The session has not been paid",
            Self::PaymentFailed => "The payment of the session has failed",
            Self::PaymentRefunded => "The payment of the session has been refunded",
            Self::TooEarly => "It is too early to join the session",
            Self::WindowClosed => "The time to join the session has passed",
        }
    }
}

/// Whether `visitor` may pass `door` of `session`.
pub fn admit(session: &Session, visitor: Visitor, door: Door) -> Result<(), Refusal> {
    if visitor.role != Role::Admin && !session.books(visitor.user) {
        return Err(Refusal::NotParticipant);
    }
    let refusal = state_reason(&session.state)
        .or_else(|| payment_reason(session.payment))
        .or_else(|| window_reason(session.session_date, door));
    refusal.map_or(Ok(()), |reason| Err(Refusal::Session(reason)))
}

/// When the answer of `admit` can next change by time alone: at the opening of the window, or just
/// after its end. `None` when time changes nothing any more, or something else stands in the way.
pub fn recheck_at(session: &Session, window: JoinWindow, now: Timestamp) -> Option<Timestamp> {
    if state_reason(&session.state)
        .or(payment_reason(session.payment))
        .is_some()
    {
        return None;
    }
    let opens = window.opens(session.session_date);
    let closed = window
        .closes(session.session_date)
        .plus(std::time::Duration::from_millis(1));
    [opens, closed].into_iter().find(|&at| now < at)
}

fn state_reason(state: &SessionState) -> Option<Reason> {
    match state {
        SessionState::Cancelled { .. } => Some(Reason::SessionCancelled),
        SessionState::Declined => Some(Reason::SessionDeclined),
        SessionState::Completed { .. } => Some(Reason::SessionCompleted),
        SessionState::Pending => Some(Reason::SessionNotConfirmed),
        SessionState::Confirmed | SessionState::InProgress { .. } => None,
    }
}

fn payment_reason(payment: PaymentStatus) -> Option<Reason> {
    match payment {
        PaymentStatus::Pending => Some(Reason::PaymentPending),
        PaymentStatus::Failed => Some(Reason::PaymentFailed),
        PaymentStatus::Refunded => Some(Reason::PaymentRefunded),
        PaymentStatus::Completed => None,
    }
}

fn window_reason(session_date: Timestamp, door: Door) -> Option<Reason> {
    let Door::Enter { window, now } = door else {
        return None;
    };
    if now < window.opens(session_date) {
        Some(Reason::TooEarly)
    } else if now > window.closes(session_date) {
        Some(Reason::WindowClosed)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::{CLIENT, DATE, GUEST, PSYCHOLOGIST, STRANGER, paid};

    fn enter(minutes: i64) -> Door {
        Door::Enter {
            window: JoinWindow::default(),
            now: Timestamp::from_millis(DATE.as_millis() + minutes * 60_000),
        }
    }

    fn visitor(user: UserId, role: Role) -> Visitor {
        Visitor { user, role }
    }

    #[test]
    fn the_first_reason_that_applies_is_given() {
        use PaymentStatus as P;
        use SessionState as S;
        let cancelled = S::Cancelled { started_at: None };
        let completed = S::Completed {
            started_at: DATE,
            ended_at: DATE,
        };
        let in_progress = S::InProgress { started_at: DATE };
        let table = [
            (
                cancelled,
                P::Pending,
                enter(-60),
                Some(Reason::SessionCancelled),
            ),
            (
                S::Declined,
                P::Failed,
                enter(0),
                Some(Reason::SessionDeclined),
            ),
            (
                completed,
                P::Completed,
                enter(0),
                Some(Reason::SessionCompleted),
            ),
            (
                S::Pending,
                P::Pending,
                enter(-60),
                Some(Reason::SessionNotConfirmed),
            ),
            (
                S::Confirmed,
                P::Pending,
                enter(-60),
                Some(Reason::PaymentPending),
            ),
            (
                S::Confirmed,
                P::Failed,
                enter(0),
                Some(Reason::PaymentFailed),
            ),
            (
                in_progress,
                P::Refunded,
                enter(0),
                Some(Reason::PaymentRefunded),
            ),
            (
                S::Confirmed,
                P::Completed,
                enter(-16),
                Some(Reason::TooEarly),
            ),
            (S::Confirmed, P::Completed, enter(-15), None),
            (in_progress, P::Completed, enter(120), None),
            (
                in_progress,
                P::Completed,
                enter(121),
                Some(Reason::WindowClosed),
            ),
            (S::Confirmed, P::Completed, Door::Prepare, None),
            (
                S::Confirmed,
                P::Pending,
                Door::Prepare,
                Some(Reason::PaymentPending),
            ),
        ];
        for (state, payment, door, reason) in table {
            let session = Session {
                state,
                payment,
                ..paid()
            };
            let expected = reason.map_or(Ok(()), |reason| Err(Refusal::Session(reason)));
            let answer = admit(&session, visitor(CLIENT, Role::Client), door);
            assert_eq!(answer, expected, "{:?} {payment:?} {door:?}", session.state);
        }
    }

    #[test]
    fn only_the_booked_and_admins_are_admitted() {
        let session = Session {
            guests: vec![GUEST],
            ..paid()
        };
        for (user, role, admitted) in [
            (CLIENT, Role::Client, true),
            (PSYCHOLOGIST, Role::Psychologist, true),
            (GUEST, Role::Client, true),
            (STRANGER, Role::Client, false),
            (STRANGER, Role::Psychologist, false),
            (STRANGER, Role::Admin, true),
        ] {
            let answer = admit(&session, visitor(user, role), enter(0));
            let expected = if admitted {
                Ok(())
            } else {
                Err(Refusal::NotParticipant)
            };
            assert_eq!(answer, expected, "{user:?} as {role:?}");
        }
    }

    #[test]
    fn a_stranger_learns_nothing_of_the_state() {
        let session = Session {
            state: SessionState::Declined,
            ..paid()
        };
        let answer = admit(&session, visitor(STRANGER, Role::Client), enter(0));
        assert_eq!(answer, Err(Refusal::NotParticipant));
    }

    #[test]
    fn the_answer_is_checked_again_when_time_can_change_it() {
        let window = JoinWindow::default();
        let at = |minutes: i64| Timestamp::from_millis(DATE.as_millis() + minutes * 60_000);
        let just_after = Timestamp::from_millis(at(120).as_millis() + 1);
        assert_eq!(recheck_at(&paid(), window, at(-60)), Some(at(-15)));
        assert_eq!(recheck_at(&paid(), window, at(-15)), Some(just_after));
        assert_eq!(recheck_at(&paid(), window, at(121)), None);
        let unpaid = Session {
            payment: PaymentStatus::Pending,
            ..paid()
        };
        assert_eq!(recheck_at(&unpaid, window, at(-60)), None);
    }
}
