//! Sending: events, errors and acknowledgements in the form of SPEC section 4.

use std::borrow::Cow;

use holdspace_socketio::{AckId, Socket};
use serde::Serialize;

use super::error::SocketError;

/// A payload as JSON. Our own types serialise without fail.
pub(super) fn to_json(payload: &impl Serialize) -> String {
    serde_json::to_string(payload).unwrap_or_else(|_| "null".to_owned())
}

/// Sends an event with one argument.
pub(super) fn emit(socket: &Socket, event: &str, payload: &impl Serialize) {
    socket.emit(event, &[&to_json(payload)]);
}

/// What a handled event leaves to say: the acknowledgement's `data` as JSON, or a refusal.
pub(super) type Answer = Result<Cow<'static, str>, SocketError>;

/// Sends `error` for a refusal, and the acknowledgement if one was asked for.
pub(super) fn answer(socket: &Socket, ack: Option<AckId>, answer: &Answer) {
    if let Err(error) = answer {
        emit(socket, "error", &error.view());
    }
    let Some(ack) = ack else { return };
    // A socket that is gone needs no answer.
    let _sent = match answer {
        Ok(data) => socket.ack(ack, &["{\"success\":true,\"data\":", data, "}"]),
        Err(error) => {
            let error = to_json(&error.view());
            socket.ack(ack, &["{\"success\":false,\"error\":", &error, "}"])
        }
    };
}
