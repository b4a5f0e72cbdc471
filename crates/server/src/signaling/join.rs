//! join-room: the token's identity, the one rule of admission, a place in the roster.

use std::sync::Arc;

use holdspace_domain::roster::{Input, Join};
use holdspace_domain::{Role, RoomId, UserId};
use holdspace_socketio::{Event, Socket};
use holdspace_store::Booking;

use super::emit::Answer;
use super::error::{Code, SocketError};
use super::resume_token::ResumeToken;
use super::wire::JoinRoom;
use super::{JoinedRoom, Member, Signaling};
use crate::app::admission;
use crate::auth::Identity;

impl Signaling {
    pub(super) async fn join_room(
        &self,
        socket: &Socket,
        member: &mut Member,
        event: &Event<'_>,
    ) -> Answer {
        let request = read(event)?;
        claims_no_other_identity(
            &member.identity,
            request.user_id.as_deref(),
            request.user_role.as_deref(),
        )?;
        let room = RoomId::parse(&request.room_id).map_err(|_| not_found(&request.room_id))?;
        let booking = admission::enter(&self.app, &room, member.identity.visitor()).await?;
        let booking = booking.ok_or_else(|| not_found(&request.room_id))?;
        let before = member.room.clone();
        self.take_place(member, &booking, room, request.resume_token.as_deref())
            .await?;
        // Only now: whoever is refused here has lost nothing there.
        if let Some(before) = before.filter(|room| room.session != booking.session.id) {
            self.leave_other(member, before).await?;
        }
        socket.set_timer(None);
        member
            .seat
            .take_joined()
            .map(Into::into)
            .ok_or_else(|| SocketError::permission_denied("Replaced"))
    }

    async fn take_place(
        &self,
        member: &mut Member,
        booking: &Booking,
        room: RoomId,
        resume: Option<&str>,
    ) -> Result<(), SocketError> {
        let session = booking.session.id;
        let presented = resume
            .and_then(ResumeToken::parse)
            .filter(|token| token.session == session);
        // A place that is kept goes on under the token that its owner has; a fresh one gets a new one.
        let resumed = match presented {
            Some(token) if self.holds_place(member, &token).await? => Some(token),
            _ => None,
        };
        let resume = resumed.as_ref().map(ResumeToken::digest);
        let token = match resumed {
            Some(token) => token,
            None => ResumeToken::generate(session).map_err(|_| SocketError::internal())?,
        };
        let join = Join {
            socket: member.id,
            user: member.identity.user,
            name: shown_name(booking, &member.identity),
            role: member.identity.role,
            booked: booking.session.books(member.identity.user),
            seats: booking.session.seats(),
            resume,
            token: token.digest(),
        };
        member.seat.prepare(room.to_string(), token.text);
        let now = self.app.clock.now();
        // Before the client is told, which then asks the relay at once.
        let relay = self.app.relay.as_ref();
        let presence = relay.map(|relay| Arc::new(relay.enter(member.identity.user, session)));
        self.app
            .rooms
            .apply(session, Input::Join(join), now)
            .await??;
        member.room = Some(JoinedRoom {
            session,
            room,
            _presence: presence,
        });
        Ok(())
    }

    async fn holds_place(&self, member: &Member, token: &ResumeToken) -> Result<bool, SocketError> {
        let user = member.identity.user;
        Ok(self
            .app
            .rooms
            .holds_place(token.session, user, &token.digest())
            .await?)
    }

    /// A socket is in one room at a time.
    async fn leave_other(&self, member: &Member, other: JoinedRoom) -> Result<(), SocketError> {
        let input = Input::Leave { socket: member.id };
        // It may have been removed from there already.
        let _ = self
            .app
            .rooms
            .apply(other.session, input, self.app.clock.now())
            .await?;
        Ok(())
    }
}

fn read(event: &Event<'_>) -> Result<JoinRoom, SocketError> {
    let invalid = || SocketError::invalid_payload("join-room takes an object with a roomId");
    event.args.parse(0).and_then(Result::ok).ok_or_else(invalid)
}

fn not_found(room_id: &str) -> SocketError {
    SocketError::new(Code::RoomNotFound, "Room not found").with("roomId", room_id)
}

/// Refuses a `userId` or `userRole` that is not the token's.
pub(super) fn claims_no_other_identity(
    identity: &Identity,
    user_id: Option<&str>,
    role: Option<&str>,
) -> Result<(), SocketError> {
    let is_user = user_id.is_none_or(|id| UserId::parse(id) == Ok(identity.user));
    let is_role = role.is_none_or(|role| Role::parse(role) == Ok(identity.role));
    if is_user && is_role {
        return Ok(());
    }
    Err(SocketError::permission_denied(
        "userId and userRole must be those of the token",
    ))
}

/// The stored name, else the token's.
fn shown_name(booking: &Booking, identity: &Identity) -> String {
    let stored = booking
        .people
        .iter()
        .find(|person| person.id == identity.user);
    stored
        .map(|person| person.name.clone())
        .or_else(|| identity.name.clone())
        .unwrap_or_default()
}
