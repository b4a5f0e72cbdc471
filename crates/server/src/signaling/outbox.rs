//! Writes what rooms say to the sockets of this node, and hands abandoned calls to their keeper.

use std::collections::HashMap;
use std::sync::Arc;

use holdspace_domain::roster::{Output, Participant, SignalKind};
use holdspace_domain::{SessionId, SocketId, Timestamp, UserId};
use holdspace_socketio::Socket;
use holdspace_store::Outbox;
use parking_lot::{Mutex, RwLock};
use tokio::sync::mpsc;

use super::emit::{emit, to_json};
use super::wire::{self, CallEnded, CallStarted, ParticipantView, PeerView, Removed, RoomJoined};
use crate::time::rfc3339;

/// A running call that everybody has left.
#[derive(Clone, Copy, Debug)]
pub struct AbandonedCall {
    pub session: SessionId,
    /// When the last one left or was lost; before everything when nobody ever came.
    pub empty_since: Timestamp,
}

/// The sockets of this node by their public ids.
pub struct SocketOutbox {
    seats: RwLock<HashMap<SocketId, Arc<Seat>>>,
    resume_seconds: u64,
    abandoned: mpsc::UnboundedSender<AbandonedCall>,
}

/// A connected socket and what it needs to be told when it joins.
pub(super) struct Seat {
    socket: Socket,
    joining: Mutex<Joining>,
}

#[derive(Default)]
struct Joining {
    room_id: String,
    resume_token: String,
    /// `room-joined` as it was sent, for the acknowledgement.
    joined: Option<String>,
}

impl Seat {
    /// Says with which room and token the next `room-joined` goes out.
    pub(super) fn prepare(&self, room_id: String, resume_token: String) {
        *self.joining.lock() = Joining {
            room_id,
            resume_token,
            joined: None,
        };
    }

    /// `room-joined` as it was sent since `prepare`.
    pub(super) fn take_joined(&self) -> Option<String> {
        self.joining.lock().joined.take()
    }
}

impl SocketOutbox {
    /// No sockets yet. Abandoned calls go to the receiver, each again every few seconds until it is ended.
    pub fn new(resume_seconds: u64) -> (Arc<Self>, mpsc::UnboundedReceiver<AbandonedCall>) {
        let (abandoned, receiver) = mpsc::unbounded_channel();
        let seats = RwLock::default();
        (
            Arc::new(Self {
                seats,
                resume_seconds,
                abandoned,
            }),
            receiver,
        )
    }

    pub(super) fn add(&self, id: SocketId, socket: Socket) -> Arc<Seat> {
        let seat = Arc::new(Seat {
            socket,
            joining: Mutex::default(),
        });
        self.seats.write().insert(id, Arc::clone(&seat));
        seat
    }

    pub(super) fn remove(&self, id: SocketId) {
        self.seats.write().remove(&id);
    }

    fn with_socket(&self, id: SocketId, act: impl FnOnce(&Seat)) {
        if let Some(seat) = self.seats.read().get(&id) {
            act(seat);
        }
    }

    fn tell(&self, to: SocketId, event: &str, payload: &impl serde::Serialize) {
        self.with_socket(to, |seat| emit(&seat.socket, event, payload));
    }

    fn tell_joined(&self, to: SocketId, participants: &[Participant]) {
        self.with_socket(to, |seat| {
            let mut joining = seat.joining.lock();
            let payload = to_json(&RoomJoined {
                room_id: &joining.room_id,
                participants: participants.iter().map(ParticipantView::from).collect(),
                resume_token: &joining.resume_token,
                resume_seconds: self.resume_seconds,
            });
            seat.socket.emit("room-joined", &[&payload]);
            joining.joined = Some(payload);
        });
    }

    fn tell_of_peer(
        &self,
        to: SocketId,
        event: &str,
        socket: SocketId,
        previous: Option<SocketId>,
        user: UserId,
    ) {
        let previous = previous.as_ref().map(SocketId::as_str);
        let user = user.to_string();
        self.tell(
            to,
            event,
            &PeerView {
                socket: socket.as_str(),
                previous,
                user,
            },
        );
    }
}

impl Outbox for SocketOutbox {
    fn deliver(&self, session: SessionId, output: Output) {
        match output {
            Output::RoomJoined { to, participants } => self.tell_joined(to, &participants),
            Output::UserJoined { to, participant } => {
                self.tell(to, "user-joined", &ParticipantView::from(&participant));
            }
            Output::UserLeft { to, socket, user } => {
                self.tell_of_peer(to, "user-left", socket, None, user);
            }
            Output::UserReconnecting { to, socket, user } => {
                self.tell_of_peer(to, "user-reconnecting", socket, None, user);
            }
            Output::UserReconnected {
                to,
                socket,
                previous,
                user,
            } => {
                self.tell_of_peer(to, "user-reconnected", socket, Some(previous), user);
            }
            Output::Signal {
                to,
                from,
                kind,
                payload,
            } => self.signal(to, from, kind, &payload),
            Output::CallStarted { to, started_at } => {
                let session_id = session.to_string();
                let start_time = rfc3339(started_at);
                self.tell(
                    to,
                    "call-started",
                    &CallStarted {
                        session_id,
                        start_time,
                    },
                );
            }
            Output::CallEnded {
                to,
                ended_at,
                length,
            } => {
                let (session_id, end_time) = (session.to_string(), rfc3339(ended_at));
                let duration = length.minutes();
                self.tell(
                    to,
                    "call-ended",
                    &CallEnded {
                        session_id,
                        end_time,
                        duration,
                    },
                );
            }
            Output::Removed { to, reason } => {
                self.tell(
                    to,
                    "removed",
                    &Removed {
                        reason: reason.code(),
                    },
                );
            }
            Output::Disconnect { socket } => self.with_socket(socket, |seat| seat.socket.close()),
            Output::Abandoned { empty_since } => {
                // The keeper is gone only when the server stops; a restart finds the call again.
                let _ = self.abandoned.send(AbandonedCall {
                    session,
                    empty_since,
                });
            }
        }
    }

    fn signal(&self, to: SocketId, from: SocketId, kind: SignalKind, payload: &str) {
        let (event, field) = wire::signal_names(kind);
        self.with_socket(to, |seat| {
            let from = from.as_str();
            seat.socket.emit(
                event,
                &["{\"", field, "\":", payload, ",\"from\":\"", from, "\"}"],
            );
        });
    }
}

impl std::fmt::Debug for SocketOutbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SocketOutbox").finish_non_exhaustive()
    }
}
