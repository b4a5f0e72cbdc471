//! `data` of the video-call endpoints, field for field as the reference has it.

use holdspace_domain::{CallLength, RoomId, SessionId};
use holdspace_store::Booking;
use serde::Serialize;
use utoipa::ToSchema;

use super::person::{NamesView, ParticipantsView};
use super::scalar::{Id, Time};
use crate::app::admission::Admission;

/// `data` of can-join.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct CanJoinView {
    can_join: bool,
    /// Why not: `SESSION_CANCELLED`, `SESSION_DECLINED`, `SESSION_COMPLETED`, `SESSION_NOT_CONFIRMED`,
    /// `PAYMENT_PENDING`, `PAYMENT_FAILED`, `PAYMENT_REFUNDED`, `TOO_EARLY` or `WINDOW_CLOSED`.
    reason: Option<&'static str>,
    /// Rounded to the nearest; negative once the time has passed.
    minutes_until_session: i64,
    /// The session's status in lower snake case.
    session_status: &'static str,
    /// The payment's status in lower snake case.
    payment_status: &'static str,
    time_window: TimeWindowView,
    /// When the answer can next change by time alone.
    recheck_at: Option<Time>,
}

/// When a session can be joined, both ends included.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TimeWindowView {
    allowed_from: Time,
    allowed_until: Time,
}

impl From<Admission> for CanJoinView {
    fn from(admission: Admission) -> Self {
        Self {
            can_join: admission.reason.is_none(),
            reason: admission.reason.map(holdspace_domain::Reason::code),
            minutes_until_session: admission.minutes_until_session,
            session_status: admission.status.snake(),
            payment_status: admission.payment.snake(),
            time_window: TimeWindowView {
                allowed_from: Time(admission.allowed_from),
                allowed_until: Time(admission.allowed_until),
            },
            recheck_at: admission.recheck_at.map(Time),
        }
    }
}

/// `data` of generate-room.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct RoomView<'a> {
    #[schema(examples("room-a1b2c3d4-e5f6-4890-abcd-ef1234567890"))]
    room_id: &'a str,
    #[schema(value_type = String)]
    session_id: Id<SessionId>,
    session_date: Time,
    /// `Individual`, `Couple`, `Family`, `Group` or `Assessment`.
    session_type: &'static str,
    participants: ParticipantsView<'a>,
}

impl<'a> From<&'a Booking> for RoomView<'a> {
    fn from(booking: &'a Booking) -> Self {
        let session = &booking.session;
        Self {
            room_id: session.room.as_ref().map_or("", RoomId::as_str),
            session_id: Id(session.id),
            session_date: Time(session.session_date),
            session_type: session.session_type.title(),
            participants: booking.into(),
        }
    }
}

/// `data` of start.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct StartView<'a> {
    message: &'static str,
    session: StartedView<'a>,
}

/// A session whose call has started.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StartedView<'a> {
    #[schema(value_type = String)]
    id: Id<SessionId>,
    #[schema(examples("In Progress"))]
    status: &'static str,
    video_call_started: Option<Time>,
    participants: NamesView<'a>,
}

impl<'a> From<&'a Booking> for StartView<'a> {
    fn from(booking: &'a Booking) -> Self {
        let session = &booking.session;
        Self {
            message: "Video call started successfully",
            session: StartedView {
                id: Id(session.id),
                status: session.state.status().title(),
                video_call_started: session.state.started_at().map(Time),
                participants: booking.into(),
            },
        }
    }
}

/// `data` of end.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct EndView {
    message: &'static str,
    /// Whole minutes, nearest, half up.
    duration: Option<i64>,
    /// Whole seconds, nearest.
    duration_seconds: Option<i64>,
    session: EndedView,
}

/// A session whose call has ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EndedView {
    #[schema(value_type = String)]
    id: Id<SessionId>,
    #[schema(examples("Completed"))]
    status: &'static str,
    video_call_started: Option<Time>,
    video_call_ended: Option<Time>,
    /// Whole minutes, nearest, half up.
    call_duration: Option<i64>,
}

impl From<&Booking> for EndView {
    fn from(booking: &Booking) -> Self {
        let session = &booking.session;
        let length = session.call_length();
        Self {
            message: "Video call ended successfully",
            duration: length.map(CallLength::minutes),
            duration_seconds: length.map(CallLength::seconds),
            session: EndedView {
                id: Id(session.id),
                status: session.state.status().title(),
                video_call_started: session.state.started_at().map(Time),
                video_call_ended: session.state.ended_at().map(Time),
                call_duration: length.map(CallLength::minutes),
            },
        }
    }
}
