//! People, and the passwords of those who sign in here.

use std::fmt;

use async_trait::async_trait;
use holdspace_domain::{Person, UserId};

use crate::StoreError;

/// A password hash in PHC string form. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A person to store.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub person: Person,
    pub password: Option<PasswordHash>,
}

/// What became of an insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserInsert {
    New,
    /// The id or the e-mail address is known already; nothing changed.
    Known,
}

/// What a sign-in is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub person: Person,
    pub password: Option<PasswordHash>,
}

/// Keeps people. E-mail addresses are unique without regard to case.
#[async_trait]
pub trait UserStore: Send + Sync {
    async fn insert_user(&self, user: &NewUser) -> Result<UserInsert, StoreError>;

    async fn load_user(&self, id: UserId) -> Result<Option<Person>, StoreError>;

    async fn load_user_by_email(&self, email: &str) -> Result<Option<Person>, StoreError>;

    /// The person with this e-mail address and the hash to check.
    async fn load_credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError>;
}
