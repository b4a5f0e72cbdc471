//! A session as the session API shows it (SPEC section 3).

use std::sync::Arc;

use holdspace_domain::{CallLength, RoomId, SessionId};
use holdspace_store::Booking;
use serde::Serialize;
use utoipa::ToSchema;

use super::person::{ParticipantsView, PersonView};
use super::scalar::{Id, Time};

/// A booked visit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct SessionView<'a> {
    #[schema(value_type = String)]
    id: Id<SessionId>,
    /// The platform's own key for it.
    external_id: Option<&'a str>,
    client: PersonView<'a>,
    psychologist: PersonView<'a>,
    guests: Vec<PersonView<'a>>,
    session_date: Time,
    duration_minutes: u32,
    /// `Individual`, `Couple`, `Family`, `Group` or `Assessment`.
    session_type: &'static str,
    /// `Pending`, `Confirmed`, `In Progress`, `Completed`, `Cancelled` or `Declined`.
    status: &'static str,
    /// `Pending`, `Completed`, `Failed` or `Refunded`.
    payment_status: &'static str,
    /// Null until generate-room was asked for.
    room_id: Option<&'a str>,
    video_call_started: Option<Time>,
    video_call_ended: Option<Time>,
    /// Whole minutes, nearest, half up.
    call_duration: Option<i64>,
    created_at: Time,
    updated_at: Time,
}

impl<'a> From<&'a Booking> for SessionView<'a> {
    fn from(booking: &'a Booking) -> Self {
        let session = &booking.session;
        let people = ParticipantsView::from(booking);
        Self {
            id: Id(session.id),
            external_id: session.external_id.as_deref(),
            client: people.client,
            psychologist: people.psychologist,
            guests: people.guests,
            session_date: Time(session.session_date),
            duration_minutes: session.duration_minutes,
            session_type: session.session_type.title(),
            status: session.state.status().title(),
            payment_status: session.payment.title(),
            room_id: session.room.as_ref().map(RoomId::as_str),
            video_call_started: session.state.started_at().map(Time),
            video_call_ended: session.state.ended_at().map(Time),
            call_duration: session.call_length().map(CallLength::minutes),
            created_at: Time(session.created_at),
            updated_at: Time(session.updated_at),
        }
    }
}

/// `data` of one session.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct SessionData<'a> {
    session: SessionView<'a>,
}

impl<'a> From<&'a Booking> for SessionData<'a> {
    fn from(booking: &'a Booking) -> Self {
        Self {
            session: booking.into(),
        }
    }
}

/// `data` of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct SessionsData<'a> {
    sessions: Vec<SessionView<'a>>,
    /// What to pass as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl<'a> SessionsData<'a> {
    pub(in crate::http) fn new(bookings: &'a [Arc<Booking>], next_cursor: Option<String>) -> Self {
        Self {
            sessions: bookings.iter().map(|booking| (&**booking).into()).collect(),
            next_cursor,
        }
    }
}
