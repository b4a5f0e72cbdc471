//! People: stored, looked up, and found again when a platform books them twice.

use std::fmt;

use holdspace_domain::{Person, Role, UserId};
use holdspace_store::{NewUser, StoreError, UserInsert};

use super::{App, random};
use crate::auth::PasswordError;

/// A person to store. `Debug` shows neither name, address nor password.
#[derive(Clone)]
pub struct UserRequest {
    /// `None`: a fresh one.
    pub id: Option<UserId>,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub password: Option<String>,
}

impl fmt::Debug for UserRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRequest")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// Why a person could not be stored or found.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("the id or e-mail address is known already")]
    AlreadyExists,
    #[error("there is no such user")]
    NotFound,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores a new person.
pub async fn create(app: &App, request: UserRequest) -> Result<Person, UserError> {
    let password = match request.password {
        Some(password) => Some(app.auth.passwords.hash(password).await?),
        None => None,
    };
    let person = Person {
        id: request
            .id
            .map_or_else(|| random::user_id(app.clock.now()), Ok)?,
        name: request.name,
        email: request.email,
        role: request.role,
    };
    let user = NewUser {
        person: person.clone(),
        password,
    };
    match app.store.insert_user(&user).await? {
        UserInsert::New => Ok(person),
        UserInsert::Known => Err(UserError::AlreadyExists),
    }
}

/// The stored person.
pub async fn load(app: &App, id: UserId) -> Result<Person, UserError> {
    app.store.load_user(id).await?.ok_or(UserError::NotFound)
}

/// The stored person that is meant, or stores him. Somebody is meant by his id, else by his e-mail
/// address; one who is known under another id or address than the given ones cannot be meant.
pub async fn find_or_create(app: &App, request: UserRequest) -> Result<Person, UserError> {
    // A second look finds the person whom somebody else stored meanwhile.
    for _ in 0..2 {
        if let Some(known) = find(app, &request).await? {
            return Ok(known);
        }
        match create(app, request.clone()).await {
            Err(UserError::AlreadyExists) => {}
            other => return other,
        }
    }
    Err(UserError::AlreadyExists)
}

async fn find(app: &App, request: &UserRequest) -> Result<Option<Person>, UserError> {
    let known = match request.id {
        Some(id) => app.store.load_user(id).await?,
        None => app.store.load_user_by_email(&request.email).await?,
    };
    match known {
        Some(known) if known.email.to_lowercase() != request.email.to_lowercase() => {
            Err(UserError::AlreadyExists)
        }
        other => Ok(other),
    }
}
