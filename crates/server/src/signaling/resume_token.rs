//! Resume tokens: the session whose room holds the place, and 24 random bytes that nobody can guess.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use holdspace_domain::SessionId;
use holdspace_domain::roster::TokenDigest;
use ring::digest::{SHA256, digest};

const SESSION_BYTES: usize = 12;
const RANDOM_BYTES: usize = 24;

/// A token as its owner has it: 48 characters of URL-safe base64.
pub(super) struct ResumeToken {
    pub(super) session: SessionId,
    pub(super) text: String,
}

impl ResumeToken {
    /// A new token for a place in this session's room.
    pub(super) fn generate(session: SessionId) -> Result<Self, getrandom::Error> {
        let mut bytes = [0; SESSION_BYTES + RANDOM_BYTES];
        bytes[..SESSION_BYTES].copy_from_slice(session.as_bytes());
        getrandom::fill(&mut bytes[SESSION_BYTES..])?;
        Ok(Self {
            session,
            text: BASE64_URL_SAFE_NO_PAD.encode(bytes),
        })
    }

    /// Reads a token; `None` when it is none of ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; SESSION_BYTES + RANDOM_BYTES];
        let read = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let session: [u8; SESSION_BYTES] = bytes[..SESSION_BYTES].try_into().ok()?;
        let is_whole = read == bytes.len();
        is_whole.then(|| Self {
            session: SessionId::from_bytes(session),
            text: text.to_owned(),
        })
    }

    /// What a roster keeps of it.
    pub(super) fn digest(&self) -> TokenDigest {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, self.text.as_bytes()).as_ref());
        TokenDigest(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_nothing_else_is() {
        let session = SessionId::from_bytes([7; 12]);
        let token = ResumeToken::generate(session).unwrap();
        assert_eq!(token.text.len(), 48);
        let parsed = ResumeToken::parse(&token.text).unwrap();
        assert_eq!(parsed.session, session);
        assert_eq!(parsed.digest(), token.digest());
        let long = format!("{}AAAA", token.text);
        for text in [
            "",
            "x",
            "ä",
            &token.text[..44],
            &long,
            &token.text.replace(&token.text[..1], "+"),
        ] {
            assert!(ResumeToken::parse(text).is_none(), "{text}");
        }
    }
}
