//! A session: the booked visit, what is known of it, and the moves that the platform may make.

use std::fmt;

use crate::{PaymentStatus, RoomId, SessionId, SessionStatus, SessionType, Timestamp, UserId};

/// A booked visit. `Debug` shows no person.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    /// The platform's own key for it; unique.
    pub external_id: Option<String>,
    pub client: UserId,
    pub psychologist: UserId,
    pub guests: Vec<UserId>,
    /// When it begins.
    pub session_date: Timestamp,
    pub duration_minutes: u32,
    pub session_type: SessionType,
    pub state: SessionState,
    pub payment: PaymentStatus,
    pub room: Option<RoomId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What was loaded; a save succeeds only while the stored version is the same.
    pub version: u64,
}

/// Where a session stands, with the facts that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    Pending,
    Confirmed,
    InProgress {
        started_at: Timestamp,
    },
    Completed {
        started_at: Timestamp,
        ended_at: Timestamp,
    },
    Cancelled {
        started_at: Option<Timestamp>,
    },
    Declined,
}

impl SessionState {
    /// The word for it.
    pub const fn status(&self) -> SessionStatus {
        match self {
            Self::Pending => SessionStatus::Pending,
            Self::Confirmed => SessionStatus::Confirmed,
            Self::InProgress { .. } => SessionStatus::InProgress,
            Self::Completed { .. } => SessionStatus::Completed,
            Self::Cancelled { .. } => SessionStatus::Cancelled,
            Self::Declined => SessionStatus::Declined,
        }
    }

    /// When the call started, if it ever did.
    pub const fn started_at(&self) -> Option<Timestamp> {
        match self {
            Self::InProgress { started_at } | Self::Completed { started_at, .. } => {
                Some(*started_at)
            }
            Self::Cancelled { started_at } => *started_at,
            Self::Pending | Self::Confirmed | Self::Declined => None,
        }
    }

    /// When the call ended, if it did.
    pub const fn ended_at(&self) -> Option<Timestamp> {
        match self {
            Self::Completed { ended_at, .. } => Some(*ended_at),
            _ => None,
        }
    }

    /// The state that a PATCH to `status` leads to (SPEC section 3).
    fn moved_to(self, status: SessionStatus) -> Option<Self> {
        use SessionStatus as To;
        if self.status() == status {
            return Some(self);
        }
        match (self, status) {
            (Self::Pending, To::Confirmed) => Some(Self::Confirmed),
            (Self::Confirmed, To::Pending) => Some(Self::Pending),
            (Self::Pending | Self::Confirmed, To::Declined) => Some(Self::Declined),
            (Self::Pending | Self::Confirmed, To::Cancelled) => {
                Some(Self::Cancelled { started_at: None })
            }
            (Self::InProgress { started_at }, To::Cancelled) => Some(Self::Cancelled {
                started_at: Some(started_at),
            }),
            _ => None,
        }
    }
}

/// What a platform books.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    pub external_id: Option<String>,
    pub client: UserId,
    pub psychologist: UserId,
    pub guests: Vec<UserId>,
    pub session_date: Timestamp,
    pub duration_minutes: u32,
    pub session_type: SessionType,
    pub confirmed: bool,
    pub payment: PaymentStatus,
}

/// Why a booking is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookingRefusal {
    #[error("a person is booked twice")]
    PersonTwice,
    #[error("more people than a room may hold")]
    TooManyPeople,
    #[error("the duration must be between 1 and 1440 minutes")]
    Duration,
}

/// What a PATCH asks for; `None` leaves as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub status: Option<SessionStatus>,
    pub payment: Option<PaymentStatus>,
    pub session_date: Option<Timestamp>,
    pub duration_minutes: Option<u32>,
    pub guests: Option<Vec<UserId>>,
}

/// Why a PATCH is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    #[error("the session cannot move from {} to {}", from.title(), to.title())]
    Status {
        from: SessionStatus,
        to: SessionStatus,
    },
    #[error("the payment cannot move from {} to {}", from.title(), to.title())]
    Payment {
        from: PaymentStatus,
        to: PaymentStatus,
    },
    #[error("the date cannot move once the call has started")]
    DateAfterStart,
    #[error(transparent)]
    Booking(#[from] BookingRefusal),
}

/// The longest duration that can be booked.
const DURATION_MINUTES_MAX: u32 = 24 * 60;

impl Session {
    /// Books a session, unless the people or the duration are impossible.
    pub fn book(
        new: NewSession,
        people_max: usize,
        now: Timestamp,
    ) -> Result<Self, BookingRefusal> {
        let state = if new.confirmed {
            SessionState::Confirmed
        } else {
            SessionState::Pending
        };
        let session = Self {
            id: new.id,
            external_id: new.external_id,
            client: new.client,
            psychologist: new.psychologist,
            guests: new.guests,
            session_date: new.session_date,
            duration_minutes: new.duration_minutes,
            session_type: new.session_type,
            state,
            payment: new.payment,
            room: None,
            created_at: now,
            updated_at: now,
            version: 0,
        };
        session.check_booking(people_max).map(|()| session)
    }

    /// Everybody booked: client, psychologist, guests.
    pub fn people(&self) -> impl Iterator<Item = UserId> + '_ {
        [self.client, self.psychologist]
            .into_iter()
            .chain(self.guests.iter().copied())
    }

    /// Whether this person is booked.
    pub fn books(&self, user: UserId) -> bool {
        self.people().any(|booked| booked == user)
    }

    /// How many people are booked, which is how many the room holds.
    pub fn seats(&self) -> usize {
        2 + self.guests.len()
    }

    /// Gives the session its room, unless it has one.
    #[must_use]
    pub fn with_room(mut self, room: RoomId, now: Timestamp) -> Self {
        if self.room.is_none() {
            self.room = Some(room);
            self.updated_at = now;
        }
        self
    }

    /// Applies a PATCH whole or not at all. What is already there changes nothing.
    pub fn change(
        self,
        change: Change,
        people_max: usize,
        now: Timestamp,
    ) -> Result<Self, ChangeRefusal> {
        let mut next = self.clone();
        if let Some(status) = change.status {
            next.state = self.state.moved_to(status).ok_or(ChangeRefusal::Status {
                from: self.state.status(),
                to: status,
            })?;
        }
        if let Some(payment) = change.payment {
            next.payment = self.paid_as(payment)?;
        }
        if let Some(date) = change.session_date {
            next.session_date = self.dated(date)?;
        }
        next.duration_minutes = change.duration_minutes.unwrap_or(self.duration_minutes);
        next.guests = change.guests.unwrap_or_else(|| self.guests.clone());
        next.check_booking(people_max)?;
        if next != self {
            next.updated_at = now;
        }
        Ok(next)
    }

    fn paid_as(&self, payment: PaymentStatus) -> Result<PaymentStatus, ChangeRefusal> {
        if payment == self.payment || self.payment.may_become(payment) {
            return Ok(payment);
        }
        Err(ChangeRefusal::Payment {
            from: self.payment,
            to: payment,
        })
    }

    fn dated(&self, date: Timestamp) -> Result<Timestamp, ChangeRefusal> {
        if date == self.session_date || self.state.started_at().is_none() {
            return Ok(date);
        }
        Err(ChangeRefusal::DateAfterStart)
    }

    fn check_booking(&self, people_max: usize) -> Result<(), BookingRefusal> {
        let people: Vec<UserId> = self.people().collect();
        let twice = people
            .iter()
            .enumerate()
            .any(|(index, user)| people[..index].contains(user));
        if twice {
            Err(BookingRefusal::PersonTwice)
        } else if people.len() > people_max {
            Err(BookingRefusal::TooManyPeople)
        } else if !(1..=DURATION_MINUTES_MAX).contains(&self.duration_minutes) {
            Err(BookingRefusal::Duration)
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("state", &self.state)
            .field("payment", &self.payment)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const DATE: Timestamp = Timestamp::from_millis(1_765_807_200_000);
    pub(crate) const CLIENT: UserId = UserId::from_bytes([1; 12]);
    pub(crate) const PSYCHOLOGIST: UserId = UserId::from_bytes([2; 12]);
    pub(crate) const GUEST: UserId = UserId::from_bytes([3; 12]);
    pub(crate) const STRANGER: UserId = UserId::from_bytes([9; 12]);

    /// A session that is confirmed and paid.
    pub(crate) fn paid() -> Session {
        let new = NewSession {
            id: SessionId::from_bytes([7; 12]),
            external_id: None,
            client: CLIENT,
            psychologist: PSYCHOLOGIST,
            guests: vec![],
            session_date: DATE,
            duration_minutes: 50,
            session_type: SessionType::Individual,
            confirmed: true,
            payment: PaymentStatus::Completed,
        };
        Session::book(new, 8, DATE).unwrap()
    }

    fn moved(state: SessionState, to: SessionStatus) -> Result<Session, ChangeRefusal> {
        let change = Change {
            status: Some(to),
            ..Change::default()
        };
        Session { state, ..paid() }.change(change, 8, DATE)
    }

    #[test]
    fn the_platform_moves_a_session_as_the_table_says() {
        use SessionStatus as T;
        let started_at = DATE;
        let table: [(SessionState, &[T]); 6] = [
            (
                SessionState::Pending,
                &[T::Confirmed, T::Declined, T::Cancelled],
            ),
            (
                SessionState::Confirmed,
                &[T::Pending, T::Declined, T::Cancelled],
            ),
            (SessionState::InProgress { started_at }, &[T::Cancelled]),
            (
                SessionState::Completed {
                    started_at,
                    ended_at: DATE,
                },
                &[],
            ),
            (SessionState::Cancelled { started_at: None }, &[]),
            (SessionState::Declined, &[]),
        ];
        for (from, allowed) in table {
            for &to in T::ALL {
                let same = from.status() == to;
                let answer = moved(from, to);
                assert_eq!(
                    answer.is_ok(),
                    same || allowed.contains(&to),
                    "{from:?} to {to:?}"
                );
                if let Ok(session) = answer {
                    assert_eq!(session.state.status(), to);
                }
            }
        }
    }

    #[test]
    fn a_cancelled_call_keeps_its_start() {
        let session = moved(
            SessionState::InProgress { started_at: DATE },
            SessionStatus::Cancelled,
        );
        assert_eq!(
            session.unwrap().state,
            SessionState::Cancelled {
                started_at: Some(DATE)
            }
        );
    }

    #[test]
    fn the_date_moves_only_before_the_start() {
        let later = Timestamp::from_millis(DATE.as_millis() + 1);
        let change = Change {
            session_date: Some(later),
            ..Change::default()
        };
        assert_eq!(
            paid().change(change.clone(), 8, DATE).unwrap().session_date,
            later
        );
        let started = Session {
            state: SessionState::InProgress { started_at: DATE },
            ..paid()
        };
        let refusal = started.clone().change(change, 8, DATE).unwrap_err();
        assert_eq!(refusal, ChangeRefusal::DateAfterStart);
        let same = Change {
            session_date: Some(DATE),
            ..Change::default()
        };
        assert_eq!(started.clone().change(same, 8, later), Ok(started));
    }

    #[test]
    fn what_is_already_there_changes_nothing() {
        let later = Timestamp::from_millis(DATE.as_millis() + 1);
        let change = Change {
            status: Some(SessionStatus::Confirmed),
            payment: Some(PaymentStatus::Completed),
            duration_minutes: Some(50),
            guests: Some(vec![]),
            session_date: Some(DATE),
        };
        assert_eq!(paid().change(change, 8, later), Ok(paid()));
    }

    #[test]
    fn impossible_bookings_are_refused() {
        let many = (10..17).map(|n| UserId::from_bytes([n; 12])).collect();
        for (guests, duration_minutes, refusal) in [
            (vec![CLIENT], 50, BookingRefusal::PersonTwice),
            (vec![GUEST, GUEST], 50, BookingRefusal::PersonTwice),
            (many, 50, BookingRefusal::TooManyPeople),
            (vec![], 0, BookingRefusal::Duration),
            (vec![], 1441, BookingRefusal::Duration),
        ] {
            let change = Change {
                guests: Some(guests),
                duration_minutes: Some(duration_minutes),
                ..Change::default()
            };
            let answer = paid().change(change, 8, DATE);
            assert_eq!(answer, Err(ChangeRefusal::Booking(refusal)));
        }
    }

    #[test]
    fn a_room_is_given_once() {
        let first = RoomId::from_random([1; 16]);
        let session = paid().with_room(first.clone(), DATE);
        let again = session.with_room(RoomId::from_random([2; 16]), DATE);
        assert_eq!(again.room, Some(first));
    }
}
