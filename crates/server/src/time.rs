//! Instants as text: RFC 3339, UTC, milliseconds, `Z` (SPEC section 2).

use holdspace_domain::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// The instant as every response shows it: `2025-12-15T14:00:00.000Z`.
pub fn rfc3339(at: Timestamp) -> String {
    let at = at.as_millis();
    let clamped = at.clamp(
        jiff::Timestamp::MIN.as_millisecond(),
        jiff::Timestamp::MAX.as_millisecond(),
    );
    let instant = jiff::Timestamp::from_millisecond(clamped).unwrap_or_default();
    PRINTER.timestamp_to_string(&instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_shown_in_utc_with_milliseconds() {
        for (millis, text) in [
            (1_765_807_200_000, "2025-12-15T14:00:00.000Z"),
            (1_765_807_200_007, "2025-12-15T14:00:00.007Z"),
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(Timestamp::from_millis(millis)), text);
        }
        assert!(rfc3339(Timestamp::EARLIEST).ends_with('Z'));
    }
}
