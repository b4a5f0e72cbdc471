//! The properties that fuzzing checks, here because the parsers are nobody else's business.
use serde_json::value::RawValue;

use crate::engine::packet;
use crate::packet::{Kind, Packet};
use crate::websocket::frame::{Decoder, Input};

/// Bytes as a polling payload: whatever is accepted is what it was made of.
pub fn engine_payload(data: &[u8]) {
    let Ok(payload) = std::str::from_utf8(data) else {
        return;
    };
    for text in packet::split(payload) {
        match packet::Packet::parse_polled(text) {
            Ok(packet::Packet::Binary(data)) => {
                let mut written = Vec::new();
                packet::write_base64(&mut written, &data);
                assert_eq!(written, text.as_bytes());
            }
            Ok(packet::Packet::Text(data)) => assert_eq!(format!("4{data}"), text),
            Ok(_) | Err(_) => {}
        }
    }
}

/// Bytes as a Socket.IO packet: whatever is accepted means the same to `serde_json`.
pub fn socket_packet(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(packet) = Packet::parse(text) else {
        return;
    };
    assert!(packet.namespace.starts_with('/'));
    let args = match packet.kind {
        Kind::Connect { auth } => {
            assert!(auth.is_none_or(|auth| serde_json::from_str::<&RawValue>(auth).is_ok()));
            return;
        }
        Kind::Disconnect => return,
        Kind::Event { args, .. } | Kind::Ack { args, .. } => args,
    };
    assert!(
        !args
            .as_str()
            .bytes()
            .any(|byte| byte < 0x20 && !byte.is_ascii_whitespace())
    );
    let array = format!("[{}]", args.as_str());
    let values: Vec<&RawValue> = serde_json::from_str(&array).expect("arguments are JSON");
    let values: Vec<&str> = values.into_iter().map(RawValue::get).collect();
    assert_eq!(args.iter().collect::<Vec<_>>(), values);
    assert_eq!(args.get(0), values.first().copied());
    if let Some(Ok(serde_json::Value::Object(object))) = args.parse::<serde_json::Value>(0) {
        for (key, value) in object {
            let field = args.field(&key).expect("a field that is there is found");
            let field: serde_json::Value = serde_json::from_str(field).expect("a field is JSON");
            assert_eq!(field, value);
        }
    }
}

/// Bytes as websocket frames: the messages are the same however the bytes arrive.
pub fn websocket_frames(data: &[u8]) {
    let Some((step, data)) = data.split_first() else {
        return;
    };
    let whole = decode(data, data.len().max(1));
    let parts = decode(data, usize::from(*step).max(1));
    assert_eq!(whole, parts);
}

fn decode(data: &[u8], step: usize) -> Vec<String> {
    let mut decoder = Decoder::new(1000);
    let mut messages = Vec::new();
    for chunk in data.chunks(step) {
        let mut chunk = chunk.to_vec();
        let mut input = Input::new(&mut chunk);
        loop {
            match decoder.next(&mut input) {
                Ok(Some(message)) => messages.push(format!("{message:?}")),
                Ok(None) => break,
                Err(error) => {
                    messages.push(format!("{error:?}"));
                    return messages;
                }
            }
        }
        assert!(input.rest().is_empty());
    }
    messages
}
