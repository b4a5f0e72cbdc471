//! The page's logo, read once and checked to be what it says.

use std::fmt;

use bytes::Bytes;

use super::kinds::{self, Expected};
use super::values::Value;

/// A logo is a few kilobytes; whatever is larger only delays the page.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// RFC 2083 §3.1
const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A picture.
#[derive(Clone)]
pub struct Logo {
    pub bytes: Bytes,
    pub kind: LogoKind,
}

/// What a logo may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoKind {
    Svg,
    Png,
}

/// Reads the file that is named.
pub(super) fn read(value: &Value) -> Result<Logo, Expected> {
    let path = kinds::text(value)?;
    let unreadable = |error| Expected(format!("cannot be read: {error}"));
    if std::fs::metadata(&path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
        return Err(Expected::new("must be a file of at most 256 KiB"));
    }
    let bytes = std::fs::read(&path).map_err(unreadable)?;
    let kind = kind(&bytes).ok_or_else(|| Expected::new("must be an SVG or a PNG file"))?;
    Ok(Logo {
        bytes: bytes.into(),
        kind,
    })
}

fn kind(bytes: &[u8]) -> Option<LogoKind> {
    if bytes.starts_with(PNG_SIGNATURE) {
        return Some(LogoKind::Png);
    }
    let text = std::str::from_utf8(bytes)
        .ok()?
        .trim_start_matches('\u{feff}');
    let is_markup = text.trim_start().starts_with('<');
    (is_markup && text.contains("<svg")).then_some(LogoKind::Svg)
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({:?}, {} bytes)", self.kind, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_known_by_what_is_in_it() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], Some(LogoKind::Png)),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                Some(LogoKind::Svg),
            ),
            (
                b"\xef\xbb\xbf\n<?xml version='1.0'?><svg/>",
                Some(LogoKind::Svg),
            ),
            (b"<html></html>", None),
            (b"GIF89a", None),
            (b"", None),
        ] {
            assert_eq!(kind(bytes), expected, "{bytes:?}");
        }
    }
}
