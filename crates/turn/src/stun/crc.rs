//! CRC-32 as FINGERPRINT uses it (RFC 8489 §14.7, ITU V.42).

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "below 256")]
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            let mask = (value & 1).wrapping_neg();
            value = (value >> 1) ^ (0xEDB8_8320 & mask);
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}

/// The checksum of `parts`, one after the other.
pub(super) fn crc32(parts: &[&[u8]]) -> u32 {
    let mut value = u32::MAX;
    for byte in parts.iter().flat_map(|part| part.iter()) {
        value = (value >> 8) ^ TABLE[usize::from(value.to_le_bytes()[0] ^ byte)];
    }
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_is_that_of_the_catalogue() {
        assert_eq!(crc32(&[b"1234", b"56789"]), 0xCBF4_3926);
    }
}
