//! People: as others in a session see them, and as they see themselves.

use holdspace_domain::{Person, UserId};
use holdspace_store::Booking;
use serde::Serialize;
use utoipa::ToSchema;

use super::scalar::Id;

/// Somebody who is booked.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct PersonView<'a> {
    #[schema(value_type = String, examples("507f1f77bcf86cd799439012"))]
    pub(in crate::http) id: Id<UserId>,
    #[schema(examples("John Doe"))]
    pub(in crate::http) name: &'a str,
    #[schema(examples("john@example.com"))]
    pub(in crate::http) email: &'a str,
}

impl<'a> From<&'a Person> for PersonView<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            id: Id(person.id),
            name: &person.name,
            email: &person.email,
        }
    }
}

/// A user with his role.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserView<'a> {
    #[schema(value_type = String, examples("507f1f77bcf86cd799439012"))]
    pub(in crate::http) id: Id<UserId>,
    /// Null when a token without a name is all that is known.
    pub(in crate::http) name: Option<&'a str>,
    /// Null for a user who is not stored here.
    pub(in crate::http) email: Option<&'a str>,
    /// `client`, `psychologist` or `admin`.
    pub(in crate::http) role: &'static str,
}

impl<'a> From<&'a Person> for UserView<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            id: Id(person.id),
            name: Some(&person.name),
            email: Some(&person.email),
            role: person.role.as_str(),
        }
    }
}

/// `data` of the user endpoints.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserData<'a> {
    pub(in crate::http) user: UserView<'a>,
}

/// Everybody booked, by place. `guests` is there only when somebody is one.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ParticipantsView<'a> {
    pub(in crate::http) client: PersonView<'a>,
    pub(in crate::http) psychologist: PersonView<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::http) guests: Vec<PersonView<'a>>,
}

/// The same by name alone.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct NamesView<'a> {
    #[schema(examples("John Doe"))]
    pub(in crate::http) client: &'a str,
    #[schema(examples("Dr. Jane Smith"))]
    pub(in crate::http) psychologist: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::http) guests: Vec<&'a str>,
}

/// The person of this id as the booking knows him; the store keeps everybody who is booked.
fn view(booking: &Booking, user: UserId) -> PersonView<'_> {
    let known = booking.people.iter().find(|person| person.id == user);
    known.map_or(
        PersonView {
            id: Id(user),
            name: "",
            email: "",
        },
        PersonView::from,
    )
}

impl<'a> From<&'a Booking> for ParticipantsView<'a> {
    fn from(booking: &'a Booking) -> Self {
        let session = &booking.session;
        let guests = session.guests.iter();
        Self {
            client: view(booking, session.client),
            psychologist: view(booking, session.psychologist),
            guests: guests.map(|&guest| view(booking, guest)).collect(),
        }
    }
}

impl<'a> From<&'a Booking> for NamesView<'a> {
    fn from(booking: &'a Booking) -> Self {
        let people = ParticipantsView::from(booking);
        Self {
            client: people.client.name,
            psychologist: people.psychologist.name,
            guests: people.guests.iter().map(|guest| guest.name).collect(),
        }
    }
}
