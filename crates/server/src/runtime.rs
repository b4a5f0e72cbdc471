//! The threads on which everything runs. In a storm of small messages they rest a moment before they look for more, so that
//! one look finds several: docs/adr/0010.

mod pace;

use std::cell::RefCell;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use self::pace::Pace;

/// The rest, to which the kernel adds its timer slack of about 50 µs. A client's burst of candidates is written within
/// about as much; a visit does not notice it.
const REST: Duration = Duration::from_micros(100);

thread_local! {
    static PACE: RefCell<Pace> = RefCell::new(Pace::new(Instant::now()));
}

/// A thread for each core.
pub(crate) fn build() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .enable_all()
        .on_thread_park(rest_in_a_storm)
        .build()
}

/// Counts an event that a client has sent, on the thread that handles it.
pub(crate) fn count_event() {
    PACE.with_borrow_mut(Pace::count);
}

/// Called when a thread has nothing left to do.
fn rest_in_a_storm() {
    if PACE.with_borrow_mut(|pace| pace.is_storm(Instant::now())) {
        thread::sleep(REST);
    }
}
