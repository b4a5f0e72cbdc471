//! Unpredictable numbers from a seed, so that a simulation can be repeated.
use ring::hmac;

/// HMAC-SHA256 of a counter.
pub(super) struct Random {
    key: hmac::Key,
    counter: u64,
    prefix: [u8; 12],
}

impl Random {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        let mut random = Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, seed),
            counter: 0,
            prefix: [0; 12],
        };
        random.prefix = random.bytes();
        random
    }

    /// Bytes that nobody else can know.
    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        const { assert!(N <= 32) }
        self.counter += 1;
        let tag = hmac::sign(&self.key, &self.counter.to_be_bytes());
        let mut bytes = [0; N];
        bytes.copy_from_slice(&tag.as_ref()[..N]);
        bytes
    }

    /// A transaction id for an indication, which nobody answers: it need only be another one each time.
    pub(super) fn transaction(&mut self) -> [u8; 12] {
        self.counter += 1;
        let mut id = self.prefix;
        id[4..].copy_from_slice(&self.counter.to_be_bytes());
        id
    }

    /// A number below `end`, which must not be zero.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        // The remainder's bias is 2^-32 of the ports; nobody can use that.
        (u64::from_be_bytes(self.bytes()) % u64::from(end))
            .try_into()
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Random").finish_non_exhaustive()
    }
}
