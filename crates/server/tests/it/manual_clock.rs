//! A clock that stands still until a test moves it.

use std::time::Duration;

use async_trait::async_trait;
use holdspace::clock::Clock;
use holdspace_domain::Timestamp;
use tokio::sync::watch;

#[derive(Debug)]
pub(crate) struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            now: watch::Sender::new(now),
        }
    }

    pub(crate) fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = now.plus(by));
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        // The sender lives as long as the clock.
        let _ = self.now.subscribe().wait_for(|now| *now >= at).await;
    }
}
