//! The shapes of the events: what clients send, what they are sent (reference, "WebSocket Events").

use holdspace_domain::roster::{Participant, SignalKind};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

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

#[derive(Deserialize)]
struct Offer<'a> {
    #[serde(borrow)]
    offer: &'a RawValue,
    to: &'a str,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    answer: &'a RawValue,
    to: &'a str,
}

#[derive(Deserialize)]
struct IceCandidate<'a> {
    #[serde(borrow)]
    candidate: &'a RawValue,
    to: &'a str,
}

/// Reads a signal. Its payload is a slice of what came; offers and answers must be objects, a
/// candidate may be anything, `null` included.
pub(super) fn read_signal(kind: SignalKind, json: &str) -> Option<Signal<'_>> {
    let (payload, to) = match kind {
        SignalKind::Offer => {
            let event: Offer<'_> = serde_json::from_str(json).ok()?;
            (event.offer, event.to)
        }
        SignalKind::Answer => {
            let event: Answer<'_> = serde_json::from_str(json).ok()?;
            (event.answer, event.to)
        }
        SignalKind::IceCandidate => {
            let event: IceCandidate<'_> = serde_json::from_str(json).ok()?;
            (event.candidate, event.to)
        }
    };
    let payload = payload.get();
    let is_fit = kind == SignalKind::IceCandidate || payload.starts_with('{');
    is_fit.then_some(Signal { to, payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_taken_byte_for_byte() {
        for (kind, json, payload) in [
            (
                SignalKind::Offer,
                r#"{"offer":{ "sdp" : "a\r\n" },"to":"x"}"#,
                r#"{ "sdp" : "a\r\n" }"#,
            ),
            (SignalKind::Answer, r#"{"to":"x","answer":{}}"#, "{}"),
            (
                SignalKind::IceCandidate,
                r#"{"candidate":null,"to":"x"}"#,
                "null",
            ),
            (
                SignalKind::IceCandidate,
                r#"{"candidate":{"a":1.50},"to":"x","more":1}"#,
                r#"{"a":1.50}"#,
            ),
        ] {
            let signal = read_signal(kind, json).unwrap();
            assert_eq!((signal.to, signal.payload), ("x", payload), "{json}");
        }
    }

    #[test]
    fn what_is_no_signal_is_refused() {
        for (kind, json) in [
            (SignalKind::Offer, r#"{"offer":null,"to":"x"}"#),
            (SignalKind::Offer, r#"{"offer":"v=0","to":"x"}"#),
            (SignalKind::Offer, r#"{"answer":{},"to":"x"}"#),
            (SignalKind::Answer, r#"{"answer":[],"to":"x"}"#),
            (SignalKind::IceCandidate, r#"{"to":"x"}"#),
            (SignalKind::IceCandidate, r#"{"candidate":{}}"#),
            (SignalKind::IceCandidate, r#"{"candidate":{},"to":5}"#),
            (
                SignalKind::IceCandidate,
                r#"{"candidate":{},"to":"a","to":"b"}"#,
            ),
            (SignalKind::IceCandidate, "null"),
            (SignalKind::IceCandidate, "[]"),
        ] {
            assert!(read_signal(kind, json).is_none(), "{json}");
        }
    }
}
