//! A strict JSON scanner that finds where values end without building them. What it accepts holds no raw control
//! character, so an accepted value can neither break out of a packet nor out of a polling payload.

mod fields;
#[cfg(test)]
mod tests;

pub(crate) use fields::{Fields, Record};

/// Deepest nesting that is accepted; the same as `serde_json`'s own limit.
pub(crate) const DEPTH_MAX: u32 = 128;

/// The text is not JSON, or is nested too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Returns where the value ends that begins at `at`, which may be white space.
pub(crate) fn value_end(text: &[u8], at: usize) -> Result<usize, Malformed> {
    let mut scanner = Scanner { text, at };
    scanner.value(&mut fields::Nothing)?;
    Ok(scanner.at)
}

/// As `value_end`, and notes down the fields if the value is an object.
pub(crate) fn object_end(text: &[u8], at: usize, fields: &mut Fields) -> Result<usize, Malformed> {
    let mut scanner = Scanner { text, at };
    scanner.value(fields)?;
    Ok(scanner.at)
}

/// Returns the first position at or after `at` that is not white space.
pub(crate) fn skip_space(text: &[u8], at: usize) -> usize {
    let mut at = at;
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

/// The open containers, innermost in the lowest bit: 1 is an object, 0 an array.
struct Open {
    bits: u128,
    depth: u32,
}

impl Open {
    fn push(&mut self, object: bool) -> Result<(), Malformed> {
        if self.depth == DEPTH_MAX {
            return Err(Malformed);
        }
        self.depth += 1;
        self.bits = self.bits << 1 | u128::from(object);
        Ok(())
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.bits >>= 1;
    }

    fn in_object(&self) -> bool {
        self.bits & 1 == 1
    }
}

impl Scanner<'_> {
    fn value<R: Record>(&mut self, record: &mut R) -> Result<(), Malformed> {
        let mut open = Open { bits: 0, depth: 0 };
        // Where the value of the outermost object's current field begins.
        let mut field = 0;
        loop {
            self.space();
            if open.depth == 1 {
                field = self.at;
            }
            match self.peek().ok_or(Malformed)? {
                b'"' => self.string()?,
                b'{' => {
                    open.push(true)?;
                    self.at += 1;
                    self.space();
                    if self.peek() != Some(b'}') {
                        self.key(open.depth, record)?;
                        continue;
                    }
                    self.at += 1;
                    open.pop();
                }
                b'[' => {
                    open.push(false)?;
                    self.at += 1;
                    self.space();
                    if self.peek() != Some(b']') {
                        continue;
                    }
                    self.at += 1;
                    open.pop();
                }
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => self.number()?,
            }
            if self.close(&mut open, field, record)? {
                return Ok(());
            }
        }
    }

    /// After a value: closes what ends here. True when nothing is open any more, false when another value follows.
    fn close<R: Record>(
        &mut self,
        open: &mut Open,
        field: usize,
        record: &mut R,
    ) -> Result<bool, Malformed> {
        while open.depth > 0 {
            if open.depth == 1 && open.in_object() {
                record.value(field..self.at);
            }
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if open.in_object() {
                        self.space();
                        self.key(open.depth, record)?;
                    }
                    return Ok(false);
                }
                Some(b'}') if open.in_object() => {}
                Some(b']') if !open.in_object() => {}
                _ => return Err(Malformed),
            }
            self.at += 1;
            open.pop();
        }
        Ok(true)
    }

    fn key<R: Record>(&mut self, depth: u32, record: &mut R) -> Result<(), Malformed> {
        let start = self.at + 1;
        self.string()?;
        if depth == 1 {
            record.key(self.text, start..self.at - 1);
        }
        self.space();
        self.expect(b':')
    }

    fn string(&mut self) -> Result<(), Malformed> {
        self.expect(b'"')?;
        loop {
            self.at = next_special(self.text, self.at);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                _ => return Err(Malformed),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                let digits = self.text.get(self.at + 1..self.at + 5).ok_or(Malformed)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(Malformed);
                }
                self.at += 5;
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Malformed> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            Err(Malformed)
        } else {
            Ok(())
        }
    }

    fn literal(&mut self, literal: &[u8]) -> Result<(), Malformed> {
        if self.text[self.at..].starts_with(literal) {
            self.at += literal.len();
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    fn space(&mut self) {
        self.at = skip_space(self.text, self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

/// Finds the next quote, backslash or control character, many bytes at a time.
fn next_special(text: &[u8], at: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let mut at = at;
    while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        // Without a branch inside, sixteen bytes are one comparison each for the compiler's vectors.
        let special = block.iter().fold(0, |special, byte| {
            special | u8::from(*byte < 0x20) | u8::from(*byte == b'"') | u8::from(*byte == b'\\')
        });
        if special != 0 {
            break;
        }
        at += 16;
    }
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        // A borrow can only mark bytes above a true match, so the lowest mark is exact.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = control
            | zero(word ^ (ONES * u64::from(b'"')))
            | zero(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while text
        .get(at)
        .is_some_and(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\')
    {
        at += 1;
    }
    at
}
