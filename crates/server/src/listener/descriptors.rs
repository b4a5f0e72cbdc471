//! How many connections the system's limit on open files leaves room for.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For the database, the log, the listener, and what libraries open on their own.
const RESERVED: u64 = 64;
/// Beyond this many, memory would be the limit.
const CONNECTIONS_MOST: u64 = 1_000_000;

/// Raises the limit as far as it goes, and says how many connections fit under it.
pub(super) fn connections_max() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit
        .maximum
        .unwrap_or(CONNECTIONS_MOST)
        .min(CONNECTIONS_MOST);
    let raised = Rlimit {
        current: Some(wanted),
        maximum: limit.maximum,
    };
    let current = limit
        .current
        .unwrap_or(CONNECTIONS_MOST)
        .min(CONNECTIONS_MOST);
    // A limit that cannot be raised is kept.
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => wanted.max(current),
        Err(_) => current,
    };
    usize::try_from(files.saturating_sub(RESERVED).max(RESERVED)).unwrap_or(usize::MAX)
}
