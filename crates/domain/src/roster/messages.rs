//! What goes into a roster and what comes out.

use std::fmt;

use crate::{CallLength, Reason, Role, SocketId, Timestamp, UserId};

/// SHA-256 of a resume token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest(pub [u8; 32]);

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

/// Something that happened to a room.
#[derive(Clone, Debug)]
pub enum Input {
    /// Somebody whom `admit` let in.
    Join(Join),
    /// leave-room, or a disconnect by the client.
    Leave { socket: SocketId },
    /// The connection broke.
    Lose { socket: SocketId },
    /// The start was recorded.
    CallStarted { started_at: Timestamp },
    /// The end was recorded.
    CallEnded {
        started_at: Timestamp,
        ended_at: Timestamp,
    },
    /// The session was cancelled or declined.
    Close { reason: RemovalReason },
    /// A deadline may have passed.
    Tick,
}

/// Who joins, and how.
#[derive(Clone)]
pub struct Join {
    pub socket: SocketId,
    pub user: UserId,
    pub name: String,
    pub role: Role,
    /// Whether the person is booked; those who are not (admins) need a free seat.
    pub booked: bool,
    /// How many people are booked.
    pub seats: usize,
    /// The digest of the resume token that was presented.
    pub resume: Option<TokenDigest>,
    /// The digest of the token that a fresh place gets.
    pub token: TokenDigest,
}

impl fmt::Debug for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join")
            .field("socket", &self.socket)
            .field("user", &self.user)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// Somebody in the room, as the room sees him.
#[derive(Clone, PartialEq, Eq)]
pub struct Participant {
    pub socket: SocketId,
    pub user: UserId,
    pub name: String,
    pub role: Role,
    /// Lost, and expected back.
    pub reconnecting: bool,
}

impl fmt::Debug for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Participant")
            .field("socket", &self.socket)
            .field("user", &self.user)
            .field("reconnecting", &self.reconnecting)
            .finish_non_exhaustive()
    }
}

/// The three signals of WebRTC negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignalKind {
    Offer,
    Answer,
    IceCandidate,
}

/// Why a socket is taken out of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RemovalReason {
    Replaced,
    CallEnded,
    SessionCancelled,
    SessionDeclined,
}

impl RemovalReason {
    /// The stable code of the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Replaced => "REPLACED",
            Self::CallEnded => "CALL_ENDED",
            Self::SessionCancelled => "SESSION_CANCELLED",
            Self::SessionDeclined => "SESSION_DECLINED",
        }
    }
}

/// Something to tell a socket, or the application.
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    RoomJoined {
        to: SocketId,
        participants: Vec<Participant>,
    },
    UserJoined {
        to: SocketId,
        participant: Participant,
    },
    UserLeft {
        to: SocketId,
        socket: SocketId,
        user: UserId,
    },
    UserReconnecting {
        to: SocketId,
        socket: SocketId,
        user: UserId,
    },
    UserReconnected {
        to: SocketId,
        socket: SocketId,
        previous: SocketId,
        user: UserId,
    },
    /// A signal that was kept for a lost member.
    Signal {
        to: SocketId,
        from: SocketId,
        kind: SignalKind,
        payload: Box<str>,
    },
    CallStarted {
        to: SocketId,
        started_at: Timestamp,
    },
    CallEnded {
        to: SocketId,
        ended_at: Timestamp,
        length: CallLength,
    },
    Removed {
        to: SocketId,
        reason: RemovalReason,
    },
    /// The connection behind a place that was resumed elsewhere: to be closed.
    Disconnect {
        socket: SocketId,
    },
    /// The running call has been left by everybody; to be ended at `empty_since`.
    Abandoned {
        empty_since: Timestamp,
    },
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RoomJoined { to, participants } => {
                write!(f, "room-joined to {to}: {participants:?}")
            }
            Self::UserJoined { to, participant } => {
                write!(f, "user-joined to {to}: {participant:?}")
            }
            Self::UserLeft { to, socket, .. } => write!(f, "user-left to {to}: {socket}"),
            Self::UserReconnecting { to, socket, .. } => {
                write!(f, "user-reconnecting to {to}: {socket}")
            }
            Self::UserReconnected {
                to,
                socket,
                previous,
                ..
            } => {
                write!(f, "user-reconnected to {to}: {previous} is {socket}")
            }
            Self::Signal { to, from, kind, .. } => write!(f, "{kind:?} to {to} from {from}"),
            Self::CallStarted { to, .. } => write!(f, "call-started to {to}"),
            Self::CallEnded { to, .. } => write!(f, "call-ended to {to}"),
            Self::Removed { to, reason } => write!(f, "removed to {to}: {}", reason.code()),
            Self::Disconnect { socket } => write!(f, "disconnect {socket}"),
            Self::Abandoned { empty_since } => {
                write!(f, "abandoned since {}", empty_since.as_millis())
            }
        }
    }
}

/// Why a roster refuses an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterRefusal {
    #[error("the room is full")]
    Full,
    /// The session was closed or completed between admission and join.
    #[error("the room is shut")]
    Shut(Reason),
    #[error("the socket is not in the room")]
    NotInRoom,
    #[error("the addressed socket is not in the room")]
    UnknownPeer,
    /// The lost receiver's buffer is full.
    #[error("too much is kept for the receiver already")]
    KeptTooMuch,
}

/// What is kept for a lost member.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    Signal {
        from: SocketId,
        kind: SignalKind,
        payload: Box<str>,
    },
    CallStarted {
        started_at: Timestamp,
    },
}

impl Kept {
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Signal { payload, .. } => payload.len(),
            Self::CallStarted { .. } => 0,
        }
    }

    pub(super) fn output_to(self, to: SocketId) -> Output {
        match self {
            Self::Signal {
                from,
                kind,
                payload,
            } => Output::Signal {
                to,
                from,
                kind,
                payload,
            },
            Self::CallStarted { started_at } => Output::CallStarted { to, started_at },
        }
    }
}
