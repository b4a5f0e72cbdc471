//! Tokens as the platform would issue them: HS256 over {sub, role, name, iat, exp, jti}.
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::hmac;

/// The secret that the servers share with the generator.
pub(crate) const SECRET: &str = "the benchmark's own secret, of 48 letters or so..";

const LIFETIME_SECONDS: u64 = 2 * 60 * 60;

/// A token for `user`. Tokens of different `number` differ, so that no server can know one by heart.
pub(crate) fn sign(user: &str, role: &str, number: usize) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    let header = BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = format!(
        r#"{{"sub":"{user}","role":"{role}","name":"Somebody {number}","iat":{now},"exp":{},"jti":"{number}"}}"#,
        now + LIFETIME_SECONDS
    );
    let signed = format!("{header}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
    format!("{signed}.{signature}")
}
