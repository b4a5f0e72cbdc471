//! The shapes of the events: what clients send, what they are sent (reference, "WebSocket Events").

use holdspace_domain::roster::{Participant, SignalKind};
use serde::{Deserialize, Serialize};

/// `join-room`. Identity is the token's: `userId` and `userRole` are only compared with it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JoinRoom {
    pub(super) room_id: String,
    pub(super) user_id: Option<String>,
    pub(super) user_role: Option<String>,
    pub(super) resume_token: Option<String>,
}

/// `leave-room`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeaveRoom {
    pub(super) room_id: String,
    pub(super) user_id: Option<String>,
}

/// `auth` of the CONNECT packet.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Auth {
    pub(super) token: Option<String>,
    pub(super) resume_token: Option<String>,
}

/// `room-joined`, and `data` of join-room's acknowledgement.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomJoined<'a> {
    pub(super) room_id: &'a str,
    pub(super) participants: Vec<ParticipantView<'a>>,
    pub(super) resume_token: &'a str,
    pub(super) resume_seconds: u64,
}

/// Somebody in a room; `user-joined`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ParticipantView<'a> {
    socket_id: &'a str,
    user_id: String,
    user_name: &'a str,
    user_role: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reconnecting: bool,
}

impl<'a> From<&'a Participant> for ParticipantView<'a> {
    fn from(participant: &'a Participant) -> Self {
        Self {
            socket_id: participant.socket.as_str(),
            user_id: participant.user.to_string(),
            user_name: &participant.name,
            user_role: participant.role.as_str(),
            reconnecting: participant.reconnecting,
        }
    }
}

/// `user-left`, `user-reconnecting`, and with `previousSocketId` `user-reconnected`.
#[derive(Serialize)]
pub(super) struct PeerView<'a> {
    #[serde(rename = "socketId")]
    pub(super) socket: &'a str,
    #[serde(rename = "previousSocketId", skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<&'a str>,
    #[serde(rename = "userId")]
    pub(super) user: String,
}

/// `call-started`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallStarted {
    pub(super) session_id: String,
    pub(super) start_time: String,
}

/// `call-ended`; `duration` in whole minutes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallEnded {
    pub(super) session_id: String,
    pub(super) end_time: String,
    pub(super) duration: i64,
}

/// `removed`.
#[derive(Serialize)]
pub(super) struct Removed {
    pub(super) reason: &'static str,
}

/// A signal: who is meant, and the payload as it came.
pub(super) struct Signal<'a> {
    pub(super) to: &'a str,
    pub(super) payload: &'a str,
}

/// The name of a signal's event and of the field that carries its payload.
pub(super) const fn signal_names(kind: SignalKind) -> (&'static str, &'static str) {
    match kind {
        SignalKind::Offer => ("offer", "offer"),
        SignalKind::Answer => ("answer", "answer"),
        SignalKind::IceCandidate => ("ice-candidate", "candidate"),
    }
}

/// Reads a signal from the values of its two fields as they came. Offers and answers must be objects, a
/// candidate may be anything, `null` included. Socket ids hold nothing that JSON would escape.
pub(super) fn read_signal<'a>(
    kind: SignalKind,
    payload: Option<&'a str>,
    to: Option<&'a str>,
) -> Option<Signal<'a>> {
    let payload = payload?;
    let to = to?.strip_prefix('"')?.strip_suffix('"')?;
    let is_fit = kind == SignalKind::IceCandidate || payload.starts_with('{');
    is_fit.then_some(Signal { to, payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_and_answers_are_objects_and_candidates_are_anything() {
        use SignalKind::{Answer, IceCandidate, Offer};
        for (kind, payload, to, is_signal) in [
            (Offer, Some("{}"), Some("\"x\""), true),
            (Answer, Some("{}"), Some("\"x\""), true),
            (IceCandidate, Some("{}"), Some("\"x\""), true),
            (IceCandidate, Some("null"), Some("\"x\""), true),
            (IceCandidate, Some("\"end\""), Some("\"x\""), true),
            (Offer, Some("null"), Some("\"x\""), false),
            (Offer, Some("\"v=0\""), Some("\"x\""), false),
            (Answer, Some("[]"), Some("\"x\""), false),
            (IceCandidate, None, Some("\"x\""), false),
            (IceCandidate, Some("{}"), None, false),
            (IceCandidate, Some("{}"), Some("5"), false),
            (IceCandidate, Some("{}"), Some("null"), false),
        ] {
            let signal = read_signal(kind, payload, to);
            assert_eq!(signal.is_some(), is_signal, "{kind:?} {payload:?} {to:?}");
        }
    }
}
