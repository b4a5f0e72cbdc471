//! Texts of requests, parsed once: instants, words, ids, names, addresses.

use holdspace_domain::{Timestamp, UnknownWord, UserId};

use super::error::ApiError;

/// From 1970 to before the year 9000: what is added to an instant must stay one.
const MILLIS: std::ops::Range<i64> = 0..221_845_392_000_000;
const NAME_CHARS_MAX: usize = 200;
/// RFC 5321 §4.5.3.1.3.
const EMAIL_BYTES_MAX: usize = 254;

/// An RFC 3339 instant with its offset, down to milliseconds.
pub(super) fn instant(field: &str, text: &str) -> Result<Timestamp, ApiError> {
    let parsed = parse_rfc3339(text);
    parsed.ok_or_else(|| {
        let complaint = "must be a time as RFC 3339 writes it, with an offset";
        ApiError::invalid_time(field, complaint)
    })
}

fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    if !is_rfc3339_shaped(text) {
        return None;
    }
    let instant: jiff::Timestamp = text.parse().ok()?;
    let millis = instant.as_millisecond();
    MILLIS
        .contains(&millis)
        .then(|| Timestamp::from_millis(millis))
}

/// `YYYY-MM-DDTHH:MM:SS`, a fraction or none, `Z` or an offset (RFC 3339 §5.6): the parser of
/// instants takes more than that.
fn is_rfc3339_shaped(text: &str) -> bool {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let Some((start, rest)) = text.as_bytes().split_at_checked(SHAPE.len()) else {
        return false;
    };
    if !is_shaped(start, SHAPE) {
        return false;
    }
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
            let digits = digits.count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            &fraction[digits..]
        }
        None => rest,
    };
    match rest {
        [zone] => zone.eq_ignore_ascii_case(&b'z'),
        [b'+' | b'-', offset @ ..] => is_shaped(offset, b"dd:dd"),
        _ => false,
    }
}

fn is_shaped(text: &[u8], shape: &[u8]) -> bool {
    text.len() == shape.len()
        && text
            .iter()
            .zip(shape)
            .all(|(byte, expected)| match expected {
                b'd' => byte.is_ascii_digit(),
                other => byte.eq_ignore_ascii_case(other),
            })
}

/// A word of one of the vocabularies.
pub(super) fn word<T>(
    field: &str,
    text: &str,
    parse: impl Fn(&str) -> Result<T, UnknownWord>,
) -> Result<T, ApiError> {
    parse(text).map_err(|_| ApiError::invalid_field(field, "has an unknown value"))
}

pub(super) fn user_id(field: &str, text: &str) -> Result<UserId, ApiError> {
    UserId::parse(text).map_err(|_| ApiError::invalid_field(field, "must be 24 hex digits"))
}

/// A name to show: trimmed, not empty, on one line.
pub(super) fn name(field: &str, text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    let is_name = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.chars().any(char::is_control);
    is_name
        .then(|| name.to_owned())
        .ok_or_else(|| ApiError::invalid_field(field, "must have 1 to 200 characters on one line"))
}

/// An address that could be one: whether it is, only a mail would tell.
pub(super) fn email(field: &str, text: &str) -> Result<String, ApiError> {
    let email = text.trim();
    let is_email = email.len() <= EMAIL_BYTES_MAX
        && !email
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
        && email
            .rsplit_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    is_email
        .then(|| email.to_owned())
        .ok_or_else(|| ApiError::invalid_field(field, "must be an e-mail address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_of_rfc_3339() {
        for (text, millis) in [
            ("2025-12-15T14:00:00.000Z", Some(1_765_807_200_000)),
            ("2025-12-15T14:00:00Z", Some(1_765_807_200_000)),
            ("2025-12-15t14:00:00z", Some(1_765_807_200_000)),
            ("2025-12-15T15:30:00.5+01:30", Some(1_765_807_200_500)),
            (
                "2025-12-15T14:00:00.123456789-00:00",
                Some(1_765_807_200_123),
            ),
            ("2025-12-15T14:00:00", None),
            ("2025-12-15 14:00:00Z", None),
            ("2025-12-15T14:00Z", None),
            ("2025-12-15", None),
            ("2025-13-15T14:00:00Z", None),
            ("2025-02-30T14:00:00Z", None),
            ("2025-12-15T25:00:00Z", None),
            ("2025-12-15T14:00:00+0100", None),
            ("2025-12-15T14:00:00+01", None),
            ("2025-12-15T14:00:00.Z", None),
            ("2025-12-15T14:00:00Z[UTC]", None),
            ("20251215T140000Z", None),
            ("9999-12-31T23:59:59Z", None),
            ("0001-01-01T00:00:00Z", None),
            ("1765807200000", None),
            ("", None),
            ("yesterday", None),
        ] {
            let parsed = parse_rfc3339(text).map(Timestamp::as_millis);
            assert_eq!(parsed, millis, "{text}");
        }
    }

    #[test]
    fn addresses_have_two_sides() {
        for (text, is_email) in [
            ("john@example.com", true),
            (" John.Doe+x@example.com ", true),
            ("john", false),
            ("@example.com", false),
            ("john@", false),
            ("jo hn@example.com", false),
            ("", false),
        ] {
            assert_eq!(email("email", text).is_ok(), is_email, "{text}");
        }
        assert!(email("email", &format!("{}@x", "a".repeat(253))).is_err());
    }
}
