//! The claims of a token: which are read, of what type, and what they must say (SPEC row 20).

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use holdspace_domain::{Role, Timestamp, UserId};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// What a good token says. `Debug` shows no name.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims {
    pub user: UserId,
    /// `None`: the stored user's role counts.
    pub role: Option<Role>,
    pub name: Option<String>,
    pub expires_at: Timestamp,
    pub not_before: Option<Timestamp>,
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("user", &self.user)
            .field("role", &self.role)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Why claims are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    /// Not an object, a claim of a wrong type, or one that is there twice.
    #[error("the claims are unreadable")]
    Unreadable,
    #[error("the token names no user")]
    User,
    #[error("the token names an unknown role")]
    Role,
    #[error("the token was issued by somebody else")]
    Issuer,
    #[error("the token is meant for somebody else")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
}

/// Whom a token must come from and be meant for, and how far clocks may be apart.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) leeway: Duration,
}

impl Claims {
    /// Reads and checks the payload of a token whose signature is good. Times are checked apart.
    pub(super) fn parse(payload: &[u8], expected: &Expected) -> Result<Self, ClaimRefusal> {
        let raw: RawClaims<'_> =
            serde_json::from_slice(payload).map_err(|_| ClaimRefusal::Unreadable)?;
        raw.check_origin(expected)?;
        let user = raw.user.unwrap_or_default();
        let id = raw.sub.or(user.id).or(raw.user_id).or(raw.id);
        let id = id.ok_or(ClaimRefusal::User)?;
        let role = raw.role.or(user.role);
        let name = raw.name.or(user.name);
        Ok(Self {
            user: UserId::parse(&id).map_err(|_| ClaimRefusal::User)?,
            role: role
                .map(|word| Role::parse(&word).map_err(|_| ClaimRefusal::Role))
                .transpose()?,
            name: name
                .map(Cow::into_owned)
                .filter(|name| !name.trim().is_empty()),
            expires_at: raw.exp.0,
            not_before: raw.nbf.map(|date| date.0),
        })
    }

    /// Whether the token counts at `now`.
    pub(super) fn check_time(&self, leeway: Duration, now: Timestamp) -> Result<(), ClaimRefusal> {
        if now >= self.expires_at.plus(leeway) {
            return Err(ClaimRefusal::Expired);
        }
        match self.not_before {
            Some(begin) if now.plus(leeway) < begin => Err(ClaimRefusal::NotYetValid),
            _ => Ok(()),
        }
    }
}

/// The claims as they stand. A claim that is there must have its type, null included: what is odd
/// is refused rather than passed over. serde refuses a field that is there twice.
#[derive(Deserialize)]
struct RawClaims<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    sub: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "userId", deserialize_with = "text")]
    user_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "object")]
    user: Option<RawUser<'a>>,
    #[serde(borrow, default, deserialize_with = "text")]
    role: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    iss: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "present")]
    aud: Option<Audience>,
    exp: NumericDate,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "present", rename = "iat")]
    _iat: Option<NumericDate>,
}

#[derive(Default, Deserialize)]
struct RawUser<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    role: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    name: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl RawClaims<'_> {
    fn check_origin(&self, expected: &Expected) -> Result<(), ClaimRefusal> {
        if let Some(issuer) = &expected.issuer
            && self.iss.as_deref() != Some(issuer)
        {
            return Err(ClaimRefusal::Issuer);
        }
        let Some(audience) = &expected.audience else {
            return Ok(());
        };
        let named = match &self.aud {
            Some(Audience::One(one)) => one == audience,
            Some(Audience::Many(many)) => many.contains(audience),
            None => false,
        };
        named.then_some(()).ok_or(ClaimRefusal::Audience)
    }
}

/// A claim that is there must not be null.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// A string, borrowed where it has no escapes.
fn text<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    struct Text;
    impl<'de> Visitor<'de> for Text {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(value))
        }

        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(value.to_owned()))
        }
    }
    d.deserialize_str(Text).map(Some)
}

/// An object; derived structs would take an array as well.
fn object<'de, D: Deserializer<'de>>(d: D) -> Result<Option<RawUser<'de>>, D::Error> {
    struct Object;
    impl<'de> Visitor<'de> for Object {
        type Value = RawUser<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            RawUser::deserialize(de::value::MapAccessDeserializer::new(map))
        }
    }
    d.deserialize_map(Object).map(Some)
}

/// Seconds since the epoch, whole or not (RFC 7519 §2).
struct NumericDate(Timestamp);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Seconds;
        impl Visitor<'_> for Seconds {
            type Value = NumericDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since the epoch")
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Self::Value, E> {
                let millis = seconds.saturating_mul(1000);
                Ok(NumericDate(Timestamp::from_millis(millis)))
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Self::Value, E> {
                self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
            }

            #[expect(clippy::cast_possible_truncation, reason = "floats saturate")]
            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Self::Value, E> {
                let millis = (seconds * 1000.0).floor() as i64;
                Ok(NumericDate(Timestamp::from_millis(millis)))
            }
        }
        d.deserialize_any(Seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "507f1f77bcf86cd799439012";

    fn parse(json: &str) -> Result<Claims, ClaimRefusal> {
        parse_for(json, None, None)
    }

    fn parse_for(json: &str, iss: Option<&str>, aud: Option<&str>) -> Result<Claims, ClaimRefusal> {
        let json = json.replace("ID", ID);
        let expected = Expected {
            issuer: iss.map(str::to_owned),
            audience: aud.map(str::to_owned),
            leeway: Duration::from_mins(1),
        };
        Claims::parse(json.as_bytes(), &expected)
    }

    #[test]
    fn the_first_id_role_and_name_count() {
        let other = "a".repeat(24);
        for (json, role, name) in [
            (r#"{"exp":1,"sub":"ID","id":"OTHER"}"#, None, None),
            (
                r#"{"exp":1,"user":{"id":"ID"},"userId":"OTHER"}"#,
                None,
                None,
            ),
            (
                r#"{"exp":1,"userId":"ID","id":"OTHER","role":"Client"}"#,
                Some(Role::Client),
                None,
            ),
            (
                r#"{"exp":1,"id":"ID","user":{"role":"admin","name":"A"}}"#,
                Some(Role::Admin),
                Some("A"),
            ),
            (
                r#"{"exp":1,"id":"ID","role":"admin","name":"\u0041","user":{"role":"client","name":"B"}}"#,
                Some(Role::Admin),
                Some("A"),
            ),
        ] {
            let claims = parse(&json.replace("OTHER", &other)).unwrap();
            assert_eq!(claims.user.to_string(), ID, "{json}");
            assert_eq!(
                (claims.role, claims.name.as_deref()),
                (role, name),
                "{json}"
            );
        }
    }

    #[test]
    fn odd_claims_are_refused() {
        use ClaimRefusal::{Role, Unreadable, User};
        for (json, refusal) in [
            ("", Unreadable),
            ("null", Unreadable),
            ("42", Unreadable),
            (r#"{"sub":"ID"}"#, Unreadable),
            (r#"{"exp":null,"sub":"ID"}"#, Unreadable),
            (r#"{"exp":"1","sub":"ID"}"#, Unreadable),
            (r#"{"exp":[1],"sub":"ID"}"#, Unreadable),
            (r#"{"exp":true,"sub":"ID"}"#, Unreadable),
            (r#"{"exp":1,"nbf":"1","sub":"ID"}"#, Unreadable),
            (r#"{"exp":1,"nbf":null,"sub":"ID"}"#, Unreadable),
            (r#"{"exp":1,"iat":"1","sub":"ID"}"#, Unreadable),
            (r#"{"exp":1,"sub":12,"id":"ID"}"#, Unreadable),
            (r#"{"exp":1,"sub":null,"id":"ID"}"#, Unreadable),
            (r#"{"exp":1,"sub":["ID"]}"#, Unreadable),
            (r#"{"exp":1,"sub":{"id":"ID"}}"#, Unreadable),
            (r#"{"exp":1,"user":"ID"}"#, Unreadable),
            (r#"{"exp":1,"user":["ID"]}"#, Unreadable),
            (r#"{"exp":1,"user":{"id":1},"id":"ID"}"#, Unreadable),
            (r#"{"exp":1,"sub":"ID","role":1}"#, Unreadable),
            (r#"{"exp":1,"sub":"ID","role":["admin"]}"#, Unreadable),
            (r#"{"exp":1,"sub":"ID","role":null}"#, Unreadable),
            (r#"{"exp":1,"sub":"ID","name":{}}"#, Unreadable),
            (r#"{"exp":1,"sub":"ID","iss":1}"#, Unreadable),
            (r#"{"exp":1,"sub":"ID","aud":1}"#, Unreadable),
            (r#"{"exp":1,"sub":"ID","aud":[1]}"#, Unreadable),
            (r#"{"exp":1,"sub":"ID","sub":"ID"}"#, Unreadable),
            (r#"{"exp":1,"exp":9,"sub":"ID"}"#, Unreadable),
            (
                r#"{"exp":1,"sub":"ID","role":"client","role":"admin"}"#,
                Unreadable,
            ),
            (r#"{"exp":1,"user":{"id":"ID","id":"ID"}}"#, Unreadable),
            (r#"{"exp":1}"#, User),
            (r#"{"exp":1,"sub":""}"#, User),
            (r#"{"exp":1,"sub":"somebody","id":"ID"}"#, User),
            (r#"{"exp":1,"sub":"ID","role":"root"}"#, Role),
            (
                r#"{"exp":1,"sub":"ID","role":"","user":{"role":"admin"}}"#,
                Role,
            ),
        ] {
            assert_eq!(parse(json), Err(refusal), "{json}");
        }
    }

    #[test]
    fn issuer_and_audience_count_when_expected() {
        for (json, iss, aud, refusal) in [
            (r#"{"exp":1,"sub":"ID"}"#, None, None, None),
            (
                r#"{"exp":1,"sub":"ID","iss":"x","aud":["y"]}"#,
                None,
                None,
                None,
            ),
            (
                r#"{"exp":1,"sub":"ID"}"#,
                Some("me"),
                None,
                Some(ClaimRefusal::Issuer),
            ),
            (
                r#"{"exp":1,"sub":"ID","iss":"you"}"#,
                Some("me"),
                None,
                Some(ClaimRefusal::Issuer),
            ),
            (r#"{"exp":1,"sub":"ID","iss":"me"}"#, Some("me"), None, None),
            (
                r#"{"exp":1,"sub":"ID"}"#,
                None,
                Some("us"),
                Some(ClaimRefusal::Audience),
            ),
            (r#"{"exp":1,"sub":"ID","aud":"us"}"#, None, Some("us"), None),
            (
                r#"{"exp":1,"sub":"ID","aud":["x","us"]}"#,
                None,
                Some("us"),
                None,
            ),
            (
                r#"{"exp":1,"sub":"ID","aud":["x"]}"#,
                None,
                Some("us"),
                Some(ClaimRefusal::Audience),
            ),
        ] {
            assert_eq!(parse_for(json, iss, aud).err(), refusal, "{json}");
        }
    }

    #[test]
    fn a_token_counts_between_its_times_with_the_leeway_at_both_ends() {
        let claims = parse(r#"{"exp":1000,"nbf":500,"sub":"ID"}"#).unwrap();
        let leeway = Duration::from_mins(1);
        for (seconds, answer) in [
            (439, Err(ClaimRefusal::NotYetValid)),
            (440, Ok(())),
            (1059, Ok(())),
            (1060, Err(ClaimRefusal::Expired)),
        ] {
            let now = Timestamp::from_millis(seconds * 1000);
            assert_eq!(claims.check_time(leeway, now), answer, "{seconds}");
        }
        let fraction = parse(r#"{"exp":1000.5,"sub":"ID"}"#).unwrap();
        assert_eq!(fraction.expires_at.as_millis(), 1_000_500);
        let far = parse(r#"{"exp":1e300,"sub":"ID"}"#).unwrap();
        assert!(far.check_time(leeway, Timestamp::from_millis(0)).is_ok());
    }
}
