//! The header of a client's frame, and its mask.
use super::{FrameError, Input};

#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) fin: bool,
    pub(super) opcode: u8,
    pub(super) length: usize,
    pub(super) mask: [u8; 4],
}

impl Header {
    pub(super) const fn is_control(&self) -> bool {
        self.opcode & 0x8 != 0
    }
}

/// The bytes of a header that the end of a read may have cut.
#[derive(Debug)]
pub(super) struct HeaderBytes {
    bytes: [u8; 14],
    length: u8,
}

impl HeaderBytes {
    pub(super) const EMPTY: Self = Self {
        bytes: [0; 14],
        length: 0,
    };

    /// Takes a header from the front of `input`; `None` when it is not complete yet.
    pub(super) fn read(&mut self, input: &mut Input<'_>) -> Result<Option<Header>, FrameError> {
        loop {
            let have = usize::from(self.length);
            let need = header_bytes(&self.bytes[..have])?;
            if have == need {
                self.length = 0;
                return parse(&self.bytes[..need]).map(Some);
            }
            let count = (need - have).min(input.rest().len());
            if count == 0 {
                return Ok(None);
            }
            self.bytes[have..have + count].copy_from_slice(input.take(count));
            self.length += u8::try_from(count).unwrap_or(0);
        }
    }
}

/// How long the header is, as far as its first bytes tell. Refuses what no further byte can make right.
fn header_bytes(start: &[u8]) -> Result<usize, FrameError> {
    let [first, second, ..] = *start else {
        return Ok(2);
    };
    let reserved_bits = first & 0x70 != 0;
    let masked = second & 0x80 != 0;
    if reserved_bits || !masked {
        return Err(FrameError::Protocol);
    }
    Ok(match second & 0x7f {
        126 => 8,
        127 => 14,
        _ => 6,
    })
}

fn parse(bytes: &[u8]) -> Result<Header, FrameError> {
    let (first, second) = (bytes[0], bytes[1] & 0x7f);
    let (extended, mask) = bytes[2..].split_at(bytes.len() - 6);
    let length = if extended.is_empty() {
        u64::from(second)
    } else {
        extended
            .iter()
            .fold(0, |length, byte| length << 8 | u64::from(*byte))
    };
    // The shortest form is mandatory, and the top bit of a long length is zero (RFC 6455 §5.2).
    let shortest = match second {
        126 => length > 125,
        127 => length > 0xffff && length >> 63 == 0,
        _ => true,
    };
    let mask = mask.try_into().map_err(|_| FrameError::Protocol)?;
    if !shortest {
        return Err(FrameError::Protocol);
    }
    let length = usize::try_from(length).map_err(|_| FrameError::TooLarge)?;
    Ok(Header {
        fin: first & 0x80 != 0,
        opcode: first & 0x0f,
        length,
        mask,
    })
}

/// Applies the mask to bytes that begin `offset` bytes into the payload.
pub(super) fn unmask(payload: &mut [u8], mask: [u8; 4], offset: usize) {
    let mut mask = mask;
    mask.rotate_left(offset % 4);
    let wide = u64::from_ne_bytes([
        mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3],
    ]);
    let (chunks, rest) = payload.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}
