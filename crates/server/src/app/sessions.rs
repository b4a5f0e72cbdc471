//! The session API: book, look up, list, change (SPEC section 3).

use std::sync::Arc;

use holdspace_domain::{
    BookingRefusal, Change, ChangeRefusal, NewSession, PaymentStatus, Person, Refusal, Role,
    Session, SessionId, SessionStatus, SessionType, Timestamp, UserId, Visitor,
};
use holdspace_store::{Booking, Inserted, Page, SessionFilter, StoreError};

use super::users::{self, UserError, UserRequest};
use super::{App, SessionError, call, random};

/// Somebody to be booked.
#[derive(Clone, Debug)]
pub enum Participant {
    /// A known user.
    Known(UserId),
    /// A user to be stored, unless he is known; his `role` is filled in by the place he takes.
    Described(UserRequest),
}

/// Which of the people of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Client,
    Psychologist,
    Guests,
}

/// A visit to book.
#[derive(Debug)]
pub struct BookingRequest {
    pub external_id: Option<String>,
    pub client: Participant,
    pub psychologist: Participant,
    pub guests: Vec<Participant>,
    pub session_date: Timestamp,
    pub duration_minutes: u32,
    pub session_type: SessionType,
    pub confirmed: bool,
    pub payment: PaymentStatus,
}

/// What to change; `None` leaves as it is.
#[derive(Debug, Default)]
pub struct ChangeRequest {
    pub status: Option<SessionStatus>,
    pub payment: Option<PaymentStatus>,
    pub session_date: Option<Timestamp>,
    pub duration_minutes: Option<u32>,
    pub guests: Option<Vec<Participant>>,
}

/// A booked session, new or known by its `external_id`.
#[derive(Debug)]
pub enum Booked {
    New(Arc<Booking>),
    Known(Arc<Booking>),
}

/// Why a session is not booked or changed.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    #[error("there is no such user")]
    UnknownUser(Place),
    #[error("this person is known under another id or e-mail address")]
    OtherPerson(Place),
    #[error("{0}")]
    Booking(#[from] BookingRefusal),
    #[error("{0}")]
    Change(ChangeRefusal),
    #[error("there is no such session")]
    NotFound,
    #[error("the session is being changed by others")]
    Contended,
    #[error(transparent)]
    User(UserError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Books a session; people who are described are stored first.
pub async fn book(app: &App, request: BookingRequest) -> Result<Booked, BookingError> {
    let client = settle(app, request.client, Place::Client).await?;
    let psychologist = settle(app, request.psychologist, Place::Psychologist).await?;
    let guests = settle_guests(app, request.guests).await?;
    let now = app.clock.now();
    let new = NewSession {
        id: random::session_id(now)?,
        external_id: request.external_id,
        client: client.id,
        psychologist: psychologist.id,
        guests: guests.iter().map(|guest| guest.id).collect(),
        session_date: request.session_date,
        duration_minutes: request.duration_minutes,
        session_type: request.session_type,
        confirmed: request.confirmed,
        payment: request.payment,
    };
    let session = Session::book(new, app.config.room.max_participants, now)?;
    match app.store.insert_session(&session).await? {
        Inserted::New => {
            let people = [vec![client, psychologist], guests].concat();
            Ok(Booked::New(Arc::new(Booking { session, people })))
        }
        Inserted::Known(booking) => Ok(Booked::Known(booking)),
    }
}

/// The session, for those booked in it and admins.
pub async fn load(
    app: &App,
    id: SessionId,
    visitor: Visitor,
) -> Result<Arc<Booking>, SessionError<Refusal>> {
    let booking = app.booking(id).await?;
    if visitor.role != Role::Admin && !booking.session.books(visitor.user) {
        return Err(SessionError::Refused(Refusal::NotParticipant));
    }
    super::audit(visitor, &booking, "read");
    Ok(booking)
}

/// One's own sessions; an admin's are all.
pub async fn list(app: &App, visitor: Visitor, filter: SessionFilter) -> Result<Page, StoreError> {
    let user = (visitor.role != Role::Admin).then_some(visitor.user);
    let filter = SessionFilter { user, ..filter };
    app.store.list_sessions(&filter).await
}

/// Changes a session whole or not at all. Cancelling or declining closes its room at once.
pub async fn change(
    app: &App,
    id: SessionId,
    request: ChangeRequest,
) -> Result<Arc<Booking>, BookingError> {
    // Nobody is stored for a session that is not there.
    app.booking(id).await.map_err(booking_error)?;
    let guests = match request.guests {
        Some(guests) => Some(settle_guests(app, guests).await?),
        None => None,
    };
    let change = Change {
        status: request.status,
        payment: request.payment,
        session_date: request.session_date,
        duration_minutes: request.duration_minutes,
        guests: guests.map(|guests| guests.iter().map(|guest| guest.id).collect()),
    };
    let people_max = app.config.room.max_participants;
    let changed = app
        .change(id, |before, now| {
            before
                .session
                .clone()
                .change(change.clone(), people_max, now)
        })
        .await
        .map_err(booking_error)?;
    if request.status.is_some_and(call::closes_room) {
        call::tell_room(app, &changed.session).await;
    }
    // With the people that are booked now.
    app.booking(id).await.map_err(booking_error)
}

fn booking_error(error: SessionError<ChangeRefusal>) -> BookingError {
    match error {
        SessionError::NotFound => BookingError::NotFound,
        SessionError::Refused(ChangeRefusal::Booking(refusal)) => refusal.into(),
        SessionError::Refused(refusal) => BookingError::Change(refusal),
        SessionError::Contended => BookingError::Contended,
        SessionError::Store(error) => error.into(),
    }
}

async fn settle_guests(app: &App, guests: Vec<Participant>) -> Result<Vec<Person>, BookingError> {
    // Client and psychologist take two of the places.
    if guests.len() + 2 > app.config.room.max_participants {
        return Err(BookingRefusal::TooManyPeople.into());
    }
    let mut people = Vec::with_capacity(guests.len());
    for guest in guests {
        people.push(settle(app, guest, Place::Guests).await?);
    }
    Ok(people)
}

async fn settle(app: &App, participant: Participant, place: Place) -> Result<Person, BookingError> {
    let settled = match participant {
        Participant::Known(id) => users::load(app, id).await,
        Participant::Described(request) => users::find_or_create(app, request).await,
    };
    settled.map_err(|error| match error {
        UserError::NotFound => BookingError::UnknownUser(place),
        UserError::AlreadyExists => BookingError::OtherPerson(place),
        UserError::Store(error) => BookingError::Store(error),
        other @ UserError::Password(_) => BookingError::User(other),
    })
}
