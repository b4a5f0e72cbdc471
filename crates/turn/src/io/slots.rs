//! Where datagrams are received into, and stay until what became of them has been sent.

/// The longest datagram, or burst of them.
const SLOT_BYTES: usize = 65_536;
/// Distance between slots: not a power of two, so that the beginnings of all do not share a few cache lines.
const STRIDE_BYTES: usize = SLOT_BYTES + 37 * 64;
const SLOTS: usize = 64;

/// A datagram that came in, or several of the same length from the same source, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) start: usize,
    pub(super) bytes: usize,
    /// The length of each but the last; 0 when there is only one.
    pub(super) segment_bytes: usize,
    pub(super) from: std::net::SocketAddr,
}

impl Arrival {
    /// Where each datagram begins, and how long it is.
    pub(super) fn datagrams(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let Self {
            start,
            bytes,
            segment_bytes,
            ..
        } = *self;
        let step = if segment_bytes == 0 {
            bytes.max(1)
        } else {
            segment_bytes
        };
        // A datagram without a byte is one too.
        (0..bytes.max(1))
            .step_by(step)
            .map(move |at| (start + at, step.min(bytes - at)))
    }
}

#[derive(Debug)]
pub(super) struct Slots {
    memory: Vec<u8>,
    used: usize,
}

impl Slots {
    pub(super) fn new() -> Self {
        Self {
            memory: vec![0; SLOTS * STRIDE_BYTES],
            used: 0,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.used == SLOTS
    }

    pub(super) fn clear(&mut self) {
        self.used = 0;
    }

    /// Where the next free slots begin, at most `max` of them.
    pub(super) fn free(&self, max: usize) -> impl Iterator<Item = usize> + use<> {
        (self.used..SLOTS).take(max).map(|slot| slot * STRIDE_BYTES)
    }

    /// Keeps the first so many of the free slots.
    pub(super) fn take(&mut self, count: usize) {
        self.used = SLOTS.min(self.used + count);
    }

    /// The slot that begins at `start`.
    pub(super) fn slot(&mut self, start: usize) -> &mut [u8] {
        &mut self.memory[start..start + SLOT_BYTES]
    }

    pub(super) fn memory(&self) -> &[u8] {
        &self.memory
    }

    /// Where in the memory `part` of it lies.
    pub(super) fn position(&self, part: &[u8]) -> usize {
        part.as_ptr().addr() - self.memory.as_ptr().addr()
    }
}
