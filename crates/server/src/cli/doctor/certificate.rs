//! From when until when a certificate is good, and what that means today.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::finding::Finding;

/// Fewer days than these are a warning, as are the last third of a certificate that is made for few days.
const DAYS_LEFT_MIN: i64 = 21;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// Of DER (X.690 §8): what tells the kinds of elements apart.
const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The version, which certificates of the first version do not have.
const VERSION: u8 = 0xA0;

/// A certificate's first and last second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Validity {
    /// Reads it from a certificate (RFC 5280 §4.1); `None` when that is malformed.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let (_, certificate, _) = element(certificate)?;
        let (_, mut fields, _) = element(certificate)?;
        if fields.first() == Some(&VERSION) {
            fields = element(fields)?.2;
        }
        // Serial number, algorithm, issuer.
        for _ in 0..3 {
            fields = element(fields)?.2;
        }
        let (kind, validity, _) = element(fields)?;
        let (first_kind, first, rest) = element(validity)?;
        let (last_kind, last, _) = element(rest)?;
        (kind == SEQUENCE).then_some(())?;
        Some(Self {
            not_before: time(first_kind, first)?,
            not_after: time(last_kind, last)?,
        })
    }

    /// Whether it is good at `now`, and for how long. `whose` begins the sentence.
    pub(super) fn judge(&self, whose: &str, now: Timestamp) -> Finding {
        let (first, last) = (self.not_before.as_second(), self.not_after.as_second());
        let seconds_left = last - now.as_second();
        let days_left = seconds_left / SECONDS_A_DAY;
        let enough = DAYS_LEFT_MIN.min((last - first) / SECONDS_A_DAY / 3);
        let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
        if now < self.not_before {
            let words = format!("{whose} is not good before {}", day(self.not_before));
            Finding::failed(
                "certificate",
                words,
                "Set the clock, or get another certificate",
            )
        } else if seconds_left < 0 {
            let words = format!("{whose} expired on {}", day(self.not_after));
            Finding::failed("certificate", words, RENEW)
        } else if days_left < enough {
            let until = day(self.not_after);
            let words = format!("{whose} expires on {until}, in {days_left} days");
            Finding::warning("certificate", words, RENEW)
        } else {
            let until = day(self.not_after);
            Finding::ok(
                "certificate",
                format!("{whose} is good until {until}, for {days_left} days"),
            )
        }
    }
}

const RENEW: &str = "Renew it: a running server reads the files again when they have changed";

/// Kind, content and what follows of the element at the beginning.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[kind, first], rest) = der.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        // The length of the length; more than four bytes have no certificate.
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            let length = bytes.iter().try_fold(0_usize, |sum, byte| {
                Some(sum.checked_mul(256)? + usize::from(*byte))
            })?;
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((kind, content, rest))
}

/// Both forms that RFC 5280 §4.1.2.5 allows, in UTC and with seconds.
fn time(kind: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match kind {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i16 = digits(year)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (digits(year)?, rest)
        }
        _ => return None,
    };
    let part = |index: usize| -> Option<i8> { digits(rest.get(2 * index..2 * index + 2)?) };
    let at = DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0).ok()?;
    (rest.len() == 10).then_some(())?;
    TimeZone::UTC.to_timestamp(at).ok()
}

fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::super::finding::Verdict;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn certificate(first: (i32, u8, u8), last: (i32, u8, u8)) -> Vec<u8> {
        let mut params = CertificateParams::new(["visits.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(first.0, first.1, first.2);
        params.not_after = date_time_ymd(last.0, last.1, last.2);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn both_forms_of_time_are_read() {
        let made = certificate((1999, 2, 3), (2055, 6, 7));
        let validity = Validity::of(&made).unwrap();
        assert_eq!(validity.not_before, at("1999-02-03T00:00:00Z"));
        assert_eq!(validity.not_after, at("2055-06-07T00:00:00Z"));
        // RFC 5280 §4.1.2.5.2.
        let expected = at("2049-12-31T23:59:59Z");
        assert_eq!(time(UTC_TIME, b"491231235959Z"), Some(expected));
        assert_eq!(time(GENERALIZED_TIME, b"20491231235959Z"), Some(expected));
        for wrong in [
            "4912312359Z",
            "491231235959",
            "491331235959Z",
            "+91231235959Z",
            "Z",
            "é",
        ] {
            assert_eq!(time(UTC_TIME, wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_certificate_that_is_cut_is_none() {
        let made = certificate((2020, 1, 1), (2030, 1, 1));
        for length in 0..made.len() {
            assert_eq!(Validity::of(&made[..length]), None, "{length}");
        }
        assert_eq!(element(&[0x30, 0x85, 1, 1, 1, 1, 1]), None);
        assert_eq!(element(&[0x30, 0x80]), None);
    }

    #[test]
    fn days_are_counted() {
        let long = certificate((2026, 1, 1), (2026, 4, 1));
        let short = certificate((2026, 1, 1), (2026, 1, 7));
        for (made, now, verdict, words) in [
            (
                &long,
                "2025-12-31T23:59:59Z",
                Verdict::Failed,
                "It is not good before 2026-01-01",
            ),
            (
                &long,
                "2026-01-01T00:00:00Z",
                Verdict::Ok,
                "It is good until 2026-04-01, for 90 days",
            ),
            (
                &long,
                "2026-03-11T00:00:00Z",
                Verdict::Ok,
                "It is good until 2026-04-01, for 21 days",
            ),
            (
                &long,
                "2026-03-11T00:00:01Z",
                Verdict::Warning,
                "It expires on 2026-04-01, in 20 days",
            ),
            (
                &long,
                "2026-04-01T00:00:00Z",
                Verdict::Warning,
                "It expires on 2026-04-01, in 0 days",
            ),
            (
                &long,
                "2026-04-01T00:00:01Z",
                Verdict::Failed,
                "It expired on 2026-04-01",
            ),
            (
                &short,
                "2026-01-04T00:00:00Z",
                Verdict::Ok,
                "It is good until 2026-01-07, for 3 days",
            ),
            (
                &short,
                "2026-01-06T00:00:00Z",
                Verdict::Warning,
                "It expires on 2026-01-07, in 1 days",
            ),
        ] {
            let finding = Validity::of(made).unwrap().judge("It", at(now));
            assert_eq!(
                (finding.verdict, finding.words.as_str()),
                (verdict, words),
                "{now}"
            );
        }
    }
}
