//! offer, answer and ice-candidate: passed on within the room, payload untouched.

use holdspace_domain::SocketId;
use holdspace_domain::roster::{RosterRefusal, SignalKind};
use holdspace_socketio::Event;

use super::emit::Answer;
use super::error::SocketError;
use super::wire::{Signal, read_signal, signal_names};
use super::{Code, Member, Signaling};

impl Signaling {
    pub(super) async fn relay(
        &self,
        member: &Member,
        kind: SignalKind,
        event: &Event<'_>,
    ) -> Answer {
        let (_, field) = signal_names(kind);
        let signal = read_signal(kind, event.args.field(field), event.args.field("to"));
        let signal = signal.ok_or_else(|| {
            SocketError::invalid_payload("A signal takes its payload and the socket it is for")
        })?;
        let passed_on = self.pass_on(member, kind, &signal).await;
        passed_on
            .map(|()| "{}".into())
            .map_err(|error| match error.code {
                Code::PermissionDenied => error.with("to", signal.to),
                _ => error,
            })
    }

    async fn pass_on(
        &self,
        member: &Member,
        kind: SignalKind,
        signal: &Signal<'_>,
    ) -> Result<(), SocketError> {
        let joined = member.room.as_ref().ok_or(RosterRefusal::NotInRoom)?;
        let to = SocketId::parse(signal.to).map_err(|_| RosterRefusal::UnknownPeer)?;
        let (session, from) = (joined.session, member.id);
        self.app
            .rooms
            .signal(session, from, to, kind, signal.payload)
            .await??;
        Ok(())
    }
}
