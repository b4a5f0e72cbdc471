//! `Accept-Encoding`: in which form a file is sent (RFC 9110 §12.5.3).

use http::{HeaderMap, header};

/// Forms in which a file may be kept, the smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

/// The weight of a form, in thousandths.
type Weight = u16;

impl Encoding {
    const COMPRESSED: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// The word of the header; `None` is the file as it is.
    pub(super) fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// What the file's name ends with.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }

    /// What the request accepts, the preferred one first. The file as it is comes last also when the
    /// request would rather have nothing: a file that cannot be read is worth no less than a refusal.
    pub(super) fn accepted(request: &HeaderMap) -> Vec<Self> {
        let lines = request.get_all(header::ACCEPT_ENCODING);
        let text: Vec<&str> = lines.iter().filter_map(|line| line.to_str().ok()).collect();
        preferred(&text.join(","))
    }
}

fn preferred(text: &str) -> Vec<Encoding> {
    let weights: Vec<(String, Weight)> = text.split(',').filter_map(parse).collect();
    let weight_of = |name: &str| {
        let named = |wanted: &str| weights.iter().find(|(name, _)| name == wanted);
        named(name)
            .or_else(|| named("*"))
            .map(|(_, weight)| *weight)
    };
    // Without a word about it the file as it is will do, after everything that was asked for.
    let identity = weight_of("identity").unwrap_or(0);
    let mut accepted: Vec<(Encoding, Weight)> = Encoding::COMPRESSED
        .into_iter()
        .filter_map(|one| Some((one, weight_of(one.as_str()?)?)))
        .filter(|(_, weight)| *weight > 0 && *weight >= identity)
        .collect();
    // Stable, so that of equals the smaller form stays first.
    accepted.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let mut accepted: Vec<Encoding> = accepted.into_iter().map(|(one, _)| one).collect();
    accepted.push(Encoding::Identity);
    accepted
}

/// One member of the list: `gzip;q=0.5`. One that cannot be read is not there.
fn parse(member: &str) -> Option<(String, Weight)> {
    let mut parts = member.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let mut weight = 1000;
    for parameter in parts {
        let (key, value) = parameter.split_once('=')?;
        if key.trim_end().eq_ignore_ascii_case("q") {
            weight = parse_weight(value.trim_start())?;
        }
    }
    // Old names of the same (RFC 9110 §8.4.1.3).
    let name = if name == "x-gzip" {
        "gzip".to_owned()
    } else {
        name
    };
    (!name.is_empty()).then_some((name, weight))
}

/// `0`, `1`, and up to three digits behind the point (RFC 9110 §12.4.2).
fn parse_weight(text: &str) -> Option<Weight> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: Weight = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding::{Brotli as B, Gzip as G, Identity as I};
    use super::*;

    #[test]
    fn the_preferred_form_comes_first() {
        for (text, expected) in [
            ("", &[I][..]),
            ("gzip, deflate, br, zstd", &[B, G, I]),
            ("gzip", &[G, I]),
            ("X-GZIP", &[G, I]),
            ("br;q=0.5, gzip;q=0.9", &[G, B, I]),
            ("br;q=1.0, gzip;q=1.000", &[B, G, I]),
            ("br;q=0, gzip", &[G, I]),
            ("*", &[B, G, I]),
            ("*;q=0", &[I]),
            ("br;q=0, *", &[G, I]),
            ("identity", &[I]),
            ("identity;q=1, br;q=0.5", &[I]),
            ("identity;q=0.5, br;q=0.5", &[B, I]),
            ("identity;q=0, gzip", &[G, I]),
            ("gzip ; Q = 0.001", &[G, I]),
            ("gzip;q=2", &[I]),
            ("gzip;q=0.1234", &[I]),
            ("gzip;q=x, br", &[B, I]),
            ("deflate", &[I]),
            (",, ;q=1, br", &[B, I]),
        ] {
            assert_eq!(preferred(text), expected, "{text:?}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let mut request = HeaderMap::new();
        for line in ["br;q=0.1", "gzip"] {
            request.append(header::ACCEPT_ENCODING, line.parse().unwrap());
        }
        assert_eq!(Encoding::accepted(&request), [G, B, I]);
    }
}
