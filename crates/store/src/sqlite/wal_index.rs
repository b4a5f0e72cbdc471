//! Tells in one system call whether anybody, in any process, has committed to the database.

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The size of one copy of the header (<https://sqlite.org/walformat.html>, section 2.1).
const HEADER_BYTES: usize = 48;
/// Where the header says that it has been initialised.
const IS_INIT: usize = 12;

/// What the database held at one moment: two equal snapshots mean that nothing was committed between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Snapshot([u8; HEADER_BYTES]);

/// The `-shm` file beside a database in WAL mode, of which only the header is ever read.
///
/// Each commit rewrites both copies of the header, with a counter, the place and the running checksum of
/// the last frame, before COMMIT returns; SQLite itself decides by comparing this header whether its page
/// cache is stale (`walIndexTryHdr`). Hence a write that was acknowledged before `snapshot` is called,
/// also by another process, gives another snapshot than any taken before that write. The file lives in
/// the page cache that SQLite maps, so reading sees what it writes. A header read while it is being
/// written is either refused for its unequal copies or that from before a write that nobody has been told
/// of. A header does not come back: its counter grows, and when a process dies while writing it, the next
/// one rebuilds it from the frames of the log.
///
/// It stays the same file for as long as a connection is open: whoever owns a `WalIndex` owns one, too.
#[derive(Debug)]
pub(super) struct WalIndex {
    // Never closed: POSIX drops all of a process's locks on a file when any of its descriptors is closed,
    // and other connections in this process may hold locks on this one
    // (<https://sqlite.org/howtocorrupt.html>, section 2.2).
    file: ManuallyDrop<File>,
}

impl WalIndex {
    /// Opens the index of the database at `database`, a path without symbolic links. A connection must
    /// have read from it before.
    pub(super) fn open(database: &Path) -> io::Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push("-shm");
        let file = ManuallyDrop::new(File::open(path)?);
        Ok(Self { file })
    }

    /// The current snapshot; `None` while a commit is just being published, or if it cannot be read.
    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        let mut copies = [0; 2 * HEADER_BYTES];
        self.file.read_exact_at(&mut copies, 0).ok()?;
        let (first, second) = copies.split_at(HEADER_BYTES);
        if first != second || first[IS_INIT] == 0 {
            return None;
        }
        first.try_into().ok().map(Snapshot)
    }
}
