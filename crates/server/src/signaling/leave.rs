//! leave-room.

use holdspace_domain::roster::Input;
use holdspace_socketio::Event;
use serde_json::json;

use super::emit::Answer;
use super::error::SocketError;
use super::join::claims_no_other_identity;
use super::wire::LeaveRoom;
use super::{Member, Signaling};

impl Signaling {
    pub(super) async fn leave_room(&self, member: &mut Member, event: &Event<'_>) -> Answer {
        let request: LeaveRoom = event.args.parse(0).and_then(Result::ok).ok_or_else(|| {
            SocketError::invalid_payload("leave-room takes an object with a roomId")
        })?;
        claims_no_other_identity(&member.identity, request.user_id.as_deref(), None)?;
        let is_there = |joined: &&super::JoinedRoom| joined.room.as_str() == request.room_id;
        let joined = member.room.as_ref().filter(is_there).ok_or_else(|| {
            SocketError::permission_denied("You are not in this room")
                .with("roomId", request.room_id.as_str())
        })?;
        let input = Input::Leave { socket: member.id };
        self.app
            .rooms
            .apply(joined.session, input, self.app.clock.now())
            .await??;
        member.room = None;
        Ok(json!({ "roomId": request.room_id }).to_string().into())
    }
}
