//! Bookings as they stand in one snapshot of the database.

use std::collections::HashMap;
use std::sync::Arc;

use holdspace_domain::SessionId;
use parking_lot::Mutex;

use super::wal_index::Snapshot;
use crate::Booking;

/// How many bookings are kept; about one KiB each.
const BOOKINGS_MAX: usize = 8192;

/// Bookings that were read in one snapshot, and answer as long as the snapshot is the current one.
#[derive(Debug, Default)]
pub(super) struct Cache {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    snapshot: Option<Snapshot>,
    bookings: HashMap<SessionId, Arc<Booking>>,
}

impl Cache {
    /// The booking, if it was read in this very snapshot.
    pub(super) fn load(&self, snapshot: Snapshot, id: SessionId) -> Option<Arc<Booking>> {
        let kept = self.kept.lock();
        if kept.snapshot != Some(snapshot) {
            return None;
        }
        kept.bookings.get(&id).cloned()
    }

    /// Keeps a booking that was read in `snapshot`, and forgets those of other snapshots.
    pub(super) fn keep(&self, snapshot: Snapshot, booking: &Arc<Booking>) {
        let mut kept = self.kept.lock();
        if kept.snapshot != Some(snapshot) || kept.bookings.len() >= BOOKINGS_MAX {
            kept.bookings.clear();
            kept.snapshot = Some(snapshot);
        }
        kept.bookings
            .insert(booking.session.id, Arc::clone(booking));
    }
}
