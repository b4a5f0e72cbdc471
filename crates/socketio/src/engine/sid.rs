//! The secret id of a connection: 128 random bits that only its owner sees.
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sid([u8; 16]);

impl Sid {
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

// Whoever knows the id can speak as its owner, so it never reaches a log.
impl fmt::Debug for Sid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sid(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_read_back_and_never_shown() {
        let sid = Sid::random().unwrap();
        assert_eq!(Sid::parse(&sid.text()), Some(sid));
        assert_eq!(format!("{sid:?}"), "Sid(secret)");
        for text in [
            "",
            "abc",
            "ž",
            "AAAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAA==",
        ] {
            assert_eq!(Sid::parse(text), None, "{text}");
        }
    }
}
