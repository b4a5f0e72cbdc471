//! Long-term credentials (RFC 8489 §9.2): who sent a request, told by nothing but the request.
use super::{Client, Core, nonces};
use crate::credentials::{Credential, Standing};
use crate::stun::{Algorithm, Attribute, Key, Message, Seal};
use crate::time::Moment;

/// What clients may choose from, the better one first: PASSWORD-ALGORITHMS (RFC 8489 §14.11).
pub(super) const ALGORITHMS: [u8; 8] = [0, 2, 0, 0, 0, 1, 0, 0];

/// RFC 8489 §14.3 has less than 509 bytes.
const USERNAME_BYTES_MAX: usize = 508;

/// How a response is protected: as its request was.
#[derive(Clone, Debug)]
pub(super) struct Sealing {
    pub(super) seal: Seal,
    pub(super) key: Key,
}

/// Who sent a request.
#[derive(Debug)]
pub(super) struct Identity<'a> {
    pub(super) username: &'a str,
    pub(super) user: String,
    pub(super) standing: Standing,
    pub(super) sealing: Sealing,
}

/// Why nobody is known to have sent a request.
#[derive(Debug)]
pub(super) enum Denial {
    /// It has no credentials yet.
    Challenge,
    /// It breaks the rules of the mechanism.
    Invalid,
    /// Its credentials are wrong.
    Wrong,
    /// All is right but the age of its nonce, or the address it was given to.
    Stale(Sealing),
}

impl Core {
    /// Finds out who sent `message`, in the order of RFC 8489 §9.2.4.
    pub(super) fn authenticate<'a>(
        &self,
        client: &Client,
        message: &Message<'a>,
        now: Moment,
    ) -> Result<Identity<'a>, Denial> {
        let seal = message.seal().ok_or(Denial::Challenge)?;
        let attribute = |kind| message.get(kind).ok_or(Denial::Invalid);
        let (username, realm, nonce) = (
            attribute(Attribute::USERNAME)?,
            attribute(Attribute::REALM)?,
            attribute(Attribute::NONCE)?,
        );
        let algorithm = chosen_algorithm(message, nonce)?;
        if username.len() > USERNAME_BYTES_MAX || realm != self.shared.rules.realm.as_bytes() {
            return Err(Denial::Wrong);
        }
        let username = std::str::from_utf8(username).map_err(|_| Denial::Wrong)?;
        let Credential {
            user,
            passwords,
            standing,
        } = self
            .shared
            .credentials
            .find(username)
            .ok_or(Denial::Wrong)?;
        let key = passwords
            .iter()
            .map(|password| Key::long_term(algorithm, username, &self.shared.rules.realm, password))
            .find(|key| message.is_sealed_by(key))
            .ok_or(Denial::Wrong)?;
        let sealing = Sealing { seal, key };
        if !self.shared.nonces.is_good(nonce, client, now) {
            return Err(Denial::Stale(sealing));
        }
        self.shared.challenges.earn(client.address.ip(), now);
        Ok(Identity {
            username,
            user,
            standing,
            sealing,
        })
    }
}

/// The algorithm that the request says it uses. A request that names one must repeat what it was offered, so that
/// nobody on the way can have cut the better one out (RFC 8489 §9.2.4).
fn chosen_algorithm(message: &Message<'_>, nonce: &[u8]) -> Result<Algorithm, Denial> {
    if !nonces::tells_of_algorithms(nonce) {
        return Ok(Algorithm::Md5);
    }
    match (
        message.get(Attribute::PASSWORD_ALGORITHMS),
        message.get(Attribute::PASSWORD_ALGORITHM),
    ) {
        (None, None) => Ok(Algorithm::Md5),
        (Some(offered), Some(chosen)) if offered == ALGORITHMS => {
            Algorithm::parse(chosen).ok_or(Denial::Invalid)
        }
        _ => Err(Denial::Invalid),
    }
}
