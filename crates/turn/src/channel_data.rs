//! ChannelData messages (RFC 8656 §12.4): a channel's number, a length, and the data.

/// Bytes before the data.
pub const HEADER_BYTES: usize = 4;

/// Numbers that a channel can have. RFC 8656 §12 gives out the lower quarter of what RFC 5766 §11 did, for the sake of
/// ports that carry other protocols too; clients in use still take numbers from all of it.
pub const NUMBERS: std::ops::RangeInclusive<u16> = 0x4000..=0x7FFF;

/// Number and data of a ChannelData message; `None` when it is shorter than it says.
/// What stands behind the data is padding and ignored (RFC 8656 §12.5).
pub fn parse(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (&[number_high, number_low, length_high, length_low], rest) = bytes.split_first_chunk()?;
    let number = u16::from_be_bytes([number_high, number_low]);
    let length = usize::from(u16::from_be_bytes([length_high, length_low]));
    Some((number, rest.get(..length)?))
}

/// What goes before `length` bytes of data.
pub fn header(number: u16, length: u16) -> [u8; HEADER_BYTES] {
    let [number_high, number_low] = number.to_be_bytes();
    let [length_high, length_low] = length.to_be_bytes();
    [number_high, number_low, length_high, length_low]
}
