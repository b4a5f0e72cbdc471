//! Buffers that belong to the thread: a connection borrows one only while it reads or writes.
use std::cell::RefCell;
use std::mem;
use std::ops::{Deref, DerefMut};

/// Bytes of one read. A handler that waits keeps its connection's read buffer, hence no more than this.
const READ_BYTES: usize = 16 * 1024;
const READ_BUFFERS_MAX: usize = 4;
/// Larger write buffers are given back to the allocator.
const WRITE_BYTES_MAX: usize = 32 * 1024;
const WRITE_BUFFERS_MAX: usize = 32;

thread_local! {
    static READ: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
    static WRITE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A read buffer, which goes back to the thread that drops it.
#[derive(Debug)]
pub(crate) struct Scratch {
    buffer: Box<[u8]>,
    pub(crate) filled: usize,
}

impl Scratch {
    pub(crate) fn borrow() -> Self {
        let buffer = READ.with_borrow_mut(Vec::pop);
        Self {
            buffer: buffer.unwrap_or_else(|| vec![0; READ_BYTES].into_boxed_slice()),
            filled: 0,
        }
    }

    /// Whether the read may have left something behind.
    pub(crate) fn is_full(&self) -> bool {
        self.filled == self.buffer.len()
    }
}

impl Deref for Scratch {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.buffer
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.buffer
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        READ.with_borrow_mut(|pool| {
            if pool.len() < READ_BUFFERS_MAX {
                pool.push(mem::take(&mut self.buffer));
            }
        });
    }
}

/// An empty write buffer, perhaps with room.
pub(crate) fn write_buffer() -> Vec<u8> {
    WRITE.with_borrow_mut(Vec::pop).unwrap_or_default()
}

/// Gives a write buffer back.
pub(crate) fn recycle(mut buffer: Vec<u8>) {
    if buffer.capacity() == 0 || buffer.capacity() > WRITE_BYTES_MAX {
        return;
    }
    buffer.clear();
    WRITE.with_borrow_mut(|pool| {
        if pool.len() < WRITE_BUFFERS_MAX {
            pool.push(buffer);
        }
    });
}
