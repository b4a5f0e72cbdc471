//! Where the time comes from. Everything else takes it as an argument.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use holdspace_domain::Timestamp;

/// Tells the time, and waits for it.
#[async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    fn now(&self) -> Timestamp;

    /// Resolves when it is `at` or later. It may resolve early; who must be sure looks again.
    async fn sleep_until(&self, at: Timestamp);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The clock of the machine may be set while somebody waits, so no wait is longer than this.
const WAIT_MAX: Duration = Duration::from_secs(10);

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep_until(&self, at: Timestamp) {
        let millis = u64::try_from(at.millis_since(self.now())).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(millis).min(WAIT_MAX)).await;
    }
}
