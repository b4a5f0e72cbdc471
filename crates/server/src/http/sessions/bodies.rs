//! What the platform sends: a visit to book, a change to make.

use std::borrow::Cow;
use std::fmt;

use holdspace_domain::{PaymentStatus, Role, SessionStatus, SessionType};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::app::sessions::{BookingRequest, ChangeRequest, Participant};
use crate::app::users::UserRequest;
use crate::http::error::ApiError;
use crate::http::text;

const DURATION_MINUTES_DEFAULT: u32 = 50;
const EXTERNAL_ID_CHARS_MAX: usize = 200;

/// A visit to book.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::http) struct BookingBody {
    client: PersonBody,
    psychologist: PersonBody,
    #[serde(default)]
    guests: Vec<PersonBody>,
    /// RFC 3339 with an offset.
    #[schema(format = DateTime)]
    session_date: String,
    /// 1 to 1440; 50 when it is missing.
    duration_minutes: Option<u32>,
    /// `Individual` (the default), `Couple`, `Family`, `Group` or `Assessment`.
    session_type: Option<String>,
    /// `Pending` (the default) or `Confirmed`.
    status: Option<String>,
    /// `Pending` (the default), `Completed`, `Failed` or `Refunded`.
    payment_status: Option<String>,
    /// The platform's own key; unique.
    external_id: Option<String>,
}

/// A change of a session. What is missing stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::http) struct ChangeBody {
    status: Option<String>,
    payment_status: Option<String>,
    #[schema(format = DateTime)]
    session_date: Option<String>,
    duration_minutes: Option<u32>,
    guests: Option<Vec<PersonBody>>,
}

/// Somebody: the id of a known user, or a description.
pub(in crate::http) enum PersonBody {
    Known(String),
    Described(Description),
}

/// A person who is stored unless he is known.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Description {
    id: Option<String>,
    name: String,
    email: String,
}

impl PartialSchema for PersonBody {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The id of a known user: 24 hex digits."));
        let description = Ref::from_schema_name(Description::name());
        OneOfBuilder::new().item(id).item(description).into()
    }
}

impl ToSchema for PersonBody {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Person")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Description::name().into_owned(), Description::schema()));
    }
}

impl<'de> Deserialize<'de> for PersonBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdOrObject;
        impl<'de> Visitor<'de> for IdOrObject {
            type Value = PersonBody;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or an object")
            }

            fn visit_str<E>(self, id: &str) -> Result<PersonBody, E> {
                Ok(PersonBody::Known(id.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PersonBody, A::Error> {
                Description::deserialize(MapAccessDeserializer::new(map)).map(PersonBody::Described)
            }
        }
        deserializer.deserialize_any(IdOrObject)
    }
}

impl PersonBody {
    fn parse(self, field: &str, role: Role) -> Result<Participant, ApiError> {
        let person = match self {
            Self::Known(id) => return text::user_id(field, &id).map(Participant::Known),
            Self::Described(person) => person,
        };
        let id = person.id.as_deref();
        Ok(Participant::Described(UserRequest {
            id: id
                .map(|id| text::user_id(&format!("{field}.id"), id))
                .transpose()?,
            name: text::name(&format!("{field}.name"), &person.name)?,
            email: text::email(&format!("{field}.email"), &person.email)?,
            role,
            password: None,
        }))
    }
}

fn guests(bodies: Vec<PersonBody>) -> Result<Vec<Participant>, ApiError> {
    let parsed = bodies.into_iter().enumerate();
    parsed
        .map(|(index, guest)| guest.parse(&format!("guests[{index}]"), Role::Client))
        .collect()
}

impl BookingBody {
    pub(super) fn parse(self) -> Result<BookingRequest, ApiError> {
        let session_type = self.session_type.as_deref();
        let payment = self.payment_status.as_deref();
        Ok(BookingRequest {
            external_id: self.external_id.map(external_id).transpose()?,
            client: self.client.parse("client", Role::Client)?,
            psychologist: self
                .psychologist
                .parse("psychologist", Role::Psychologist)?,
            guests: guests(self.guests)?,
            session_date: text::instant("sessionDate", &self.session_date)?,
            duration_minutes: self.duration_minutes.unwrap_or(DURATION_MINUTES_DEFAULT),
            session_type: session_type.map_or(Ok(SessionType::Individual), |word| {
                text::word("sessionType", word, SessionType::parse)
            })?,
            confirmed: is_confirmed(self.status.as_deref())?,
            payment: payment.map_or(Ok(PaymentStatus::Pending), |word| {
                text::word("paymentStatus", word, PaymentStatus::parse)
            })?,
        })
    }
}

fn is_confirmed(status: Option<&str>) -> Result<bool, ApiError> {
    let status = status.map(|word| text::word("status", word, SessionStatus::parse));
    match status.transpose()? {
        None | Some(SessionStatus::Pending) => Ok(false),
        Some(SessionStatus::Confirmed) => Ok(true),
        Some(_) => {
            let complaint = "must be Pending or Confirmed when a session is booked";
            Err(ApiError::invalid_field("status", complaint))
        }
    }
}

fn external_id(text: String) -> Result<String, ApiError> {
    let chars = text.chars().count();
    let is_key = (1..=EXTERNAL_ID_CHARS_MAX).contains(&chars);
    is_key
        .then_some(text)
        .ok_or_else(|| ApiError::invalid_field("externalId", "must have 1 to 200 characters"))
}

impl ChangeBody {
    pub(super) fn parse(self) -> Result<ChangeRequest, ApiError> {
        let status = self.status.as_deref();
        let payment = self.payment_status.as_deref();
        let date = self.session_date.as_deref();
        Ok(ChangeRequest {
            status: status
                .map(|word| text::word("status", word, SessionStatus::parse))
                .transpose()?,
            payment: payment
                .map(|word| text::word("paymentStatus", word, PaymentStatus::parse))
                .transpose()?,
            session_date: date
                .map(|date| text::instant("sessionDate", date))
                .transpose()?,
            duration_minutes: self.duration_minutes,
            guests: self.guests.map(guests).transpose()?,
        })
    }
}
