//! A length of time on the command line: `90s`, `30m`, `1h`, `2d`, or several of them together.

use std::time::Duration;

/// Parses it; a number without a unit is ambiguous and refused.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let expected = || "must be like 90s, 30m, 1h, 2d or 1h30m".to_owned();
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .ok_or_else(expected)?;
        let number: u32 = rest[..digits].parse().map_err(|_| expected())?;
        let unit = match rest.as_bytes()[digits] {
            b's' => Duration::from_secs(1),
            b'm' => Duration::from_mins(1),
            b'h' => Duration::from_hours(1),
            b'd' => Duration::from_hours(24),
            _ => return Err(expected()),
        };
        let part = unit.checked_mul(number).ok_or_else(expected)?;
        total = total.checked_add(part).ok_or_else(expected)?;
        rest = &rest[digits + 1..];
    }
    if total.is_zero() {
        Err(expected())
    } else {
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read() {
        for (text, seconds) in [
            ("90s", Some(90)),
            ("30m", Some(1800)),
            ("1h", Some(3600)),
            ("2d", Some(172_800)),
            ("1h30m", Some(5400)),
            ("", None),
            ("0s", None),
            ("90", None),
            ("h", None),
            ("1w", None),
            ("-1h", None),
            ("1é", None),
            ("99999999999h", None),
        ] {
            let length = parse(text).ok().map(|length| length.as_secs());
            assert_eq!(length, seconds, "{text}");
        }
    }
}
