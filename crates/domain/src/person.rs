//! People and the roles in which they come.

use std::fmt;

use crate::{UnknownWord, UserId, words::fold};

/// A person as others may see them. `Debug` shows the id alone: names and addresses are health data here.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What somebody is to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Client,
    Psychologist,
    Admin,
}

impl Role {
    /// `client`, `psychologist` or `admin`, in any case.
    pub fn parse(word: &str) -> Result<Self, UnknownWord> {
        match fold(word).as_str() {
            "client" => Ok(Self::Client),
            "psychologist" => Ok(Self::Psychologist),
            "admin" => Ok(Self::Admin),
            _ => Err(UnknownWord),
        }
    }

    /// The word of the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Psychologist => "psychologist",
            Self::Admin => "admin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_known_words() {
        for role in [Role::Client, Role::Psychologist, Role::Admin] {
            assert_eq!(Role::parse(role.as_str()), Ok(role));
        }
        assert_eq!(Role::parse("Admin"), Ok(Role::Admin));
        assert_eq!(Role::parse("root"), Err(UnknownWord));
    }
}
