//! Messages in a stream (RFC 8489 §6.2.2, RFC 8656 §12.5): where one ends, told by its own first bytes.
use thiserror::Error;

/// A stream that is neither STUN nor ChannelData: it cannot be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("neither STUN nor ChannelData")]
pub struct NotTurn;

/// What a stream begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A message, without padding, and the bytes of the stream that it takes, with padding.
    Whole { message: &'a [u8], taken: usize },
    /// A message of at least this many bytes, of which some are missing.
    Partial { bytes: usize },
}

/// Looks at the beginning of `stream`.
///
/// # Errors
/// `NotTurn` when no message begins with these bytes.
pub fn next_frame(stream: &[u8]) -> Result<Frame<'_>, NotTurn> {
    let Some(&[first, _, length_high, length_low]) = stream.first_chunk() else {
        return match stream.first() {
            Some(0x80..) => Err(NotTurn),
            _ => Ok(Frame::Partial { bytes: 4 }),
        };
    };
    let length = usize::from(u16::from_be_bytes([length_high, length_low]));
    let (message, taken) = match first {
        0x00..=0x3F if length.is_multiple_of(4) && has_cookie(stream) => (20 + length, 20 + length),
        // Over a stream ChannelData is padded to four bytes, which its length does not count (RFC 8656 §12.5).
        0x40..=0x7F => (4 + length, 4 + length.next_multiple_of(4)),
        _ => return Err(NotTurn),
    };
    match stream.get(..taken) {
        Some(frame) => Ok(Frame::Whole {
            message: &frame[..message],
            taken,
        }),
        None => Ok(Frame::Partial { bytes: taken }),
    }
}

/// True unless the magic cookie is there, and another one.
fn has_cookie(stream: &[u8]) -> bool {
    stream
        .get(4..8)
        .is_none_or(|cookie| cookie == [0x21, 0x12, 0xA4, 0x42])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_end_where_they_say() {
        let stun = [&[0, 1, 0, 4, 0x21, 0x12, 0xA4, 0x42][..], &[9; 16]].concat();
        assert_eq!(
            next_frame(&stun),
            Ok(Frame::Whole {
                message: &stun,
                taken: 24
            })
        );
        let data = [0x40, 0, 0, 1, 7, 0, 0, 0, 0x40];
        assert_eq!(
            next_frame(&data),
            Ok(Frame::Whole {
                message: &data[..5],
                taken: 8
            })
        );
        assert_eq!(next_frame(&data[..7]), Ok(Frame::Partial { bytes: 8 }));
        assert_eq!(
            next_frame(&[0x4F, 0xFF, 0xFF, 0xFF]),
            Ok(Frame::Partial { bytes: 65540 })
        );
    }

    #[test]
    fn what_is_neither_is_noticed_at_the_first_byte() {
        for first in [0x80, 0xC0, 0xFF] {
            assert_eq!(next_frame(&[first]), Err(NotTurn));
            assert_eq!(next_frame(&[first, 0, 0, 0]), Err(NotTurn));
        }
        assert_eq!(next_frame(&[0, 1, 0, 3]), Err(NotTurn));
        let tls = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC];
        assert_eq!(next_frame(&tls), Err(NotTurn));
    }
}
