//! Tokens of any header, payload and signature.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use crate::rest::house::{CLIENT, SECRET, at};

pub fn encode(part: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part)
}

/// A token of this header and payload, signed by `sign`.
pub fn token_by(header: &Value, payload: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", encode(header.to_string()), encode(payload));
    let signature = sign(message.as_bytes());
    format!("{message}.{}", encode(signature))
}

pub fn hmac_by(secret: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> + use<> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    move |message| hmac::sign(&key, message).as_ref().to_vec()
}

pub fn hs256(payload: &str) -> String {
    token_by(
        &json!({"alg": "HS256", "typ": "JWT"}),
        payload,
        hmac_by(SECRET.as_bytes()),
    )
}

/// The payload of a good token of the client, with other claims.
pub fn claims(change: &Value) -> String {
    let mut claims = json!({"sub": CLIENT, "role": "client", "exp": at(3600).as_unix_seconds()});
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.to_string()
}
