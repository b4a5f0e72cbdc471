//! Passwords: argon2id, off the event loop, a bounded number at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use holdspace_store::PasswordHash;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The longest password that is hashed.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// How many hashes are computed at once: each takes 19 MiB and a core.
const AT_ONCE_MAX: usize = 2;

/// What an unknown e-mail address is checked against, so that it takes as long as a known one.
/// Nobody knows a password for it: its output is no hash of anything.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    places: Arc<Semaphore>,
}

/// The hash could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("the password cannot be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    #[error("hashing was interrupted")]
    Interrupted,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE_MAX)),
        }
    }
}

impl Passwords {
    /// The hash to store.
    pub async fn hash(&self, password: String) -> Result<PasswordHash, PasswordError> {
        self.run(move || {
            let hash = argon2().hash_password(password.as_bytes());
            hash.map(|hash| PasswordHash::new(hash.to_string()))
                .map_err(PasswordError::Hash)
        })
        .await?
    }

    /// Whether the password is the one of `hash`. Without a hash the answer is no, and takes as long.
    pub async fn verify(
        &self,
        password: String,
        hash: Option<PasswordHash>,
    ) -> Result<bool, PasswordError> {
        self.run(move || {
            let text = hash.as_ref().map_or(NOBODY, PasswordHash::expose);
            let good = Phc::new(text)
                .is_ok_and(|phc| argon2().verify_password(password.as_bytes(), &phc).is_ok());
            good && hash.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        // The place is given back when the work is done, also when nobody waits for it any more.
        let work = spawn_blocking(move || {
            let _place = place;
            work()
        });
        work.await.map_err(|_| PasswordError::Interrupted)
    }
}

/// Argon2id with 19 MiB, two passes and one lane (OWASP Password Storage Cheat Sheet).
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_those_of_the_dummy() {
        let params = argon2().params().clone();
        let parts = (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(parts, (19_456, 2, 1));
        assert!(Phc::new(NOBODY).is_ok());
    }

    #[tokio::test]
    async fn a_password_is_recognised_by_its_hash_alone() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        for (password, hash, good) in [
            ("correct horse", Some(hash.clone()), true),
            ("Correct horse", Some(hash.clone()), false),
            ("", Some(hash), false),
            ("correct horse", None, false),
            (
                "correct horse",
                Some(PasswordHash::new("damaged".to_owned())),
                false,
            ),
        ] {
            let answer = passwords.verify(password.to_owned(), hash).await;
            assert_eq!(answer.unwrap(), good, "{password}");
        }
    }
}
