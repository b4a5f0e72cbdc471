//! The one timer of a connection: heartbeats and whatever the service waits for.
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::Config;

/// A timer that fires late by less than this part of the client's time is not charged to the server: the deadline stays
/// where the client, who knows both intervals, expects it.
const LATENESS_DIVISOR: u32 = 8;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A ping is to be sent.
    Ping,
    /// The pong did not come.
    Timeout,
    /// The service's deadline.
    Service,
}

#[derive(Debug)]
pub(super) struct Clock {
    sleep: Pin<Box<Sleep>>,
    heartbeat: Heartbeat,
    service: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum Heartbeat {
    Resting {
        ping_at: Instant,
    },
    Waiting {
        pong_by: Instant,
        heard: bool,
        extended: bool,
    },
}

impl Clock {
    pub(super) fn start(config: &Config) -> Self {
        let ping_at = Instant::now() + config.ping_interval;
        Self {
            sleep: Box::pin(sleep_until(ping_at)),
            heartbeat: Heartbeat::Resting { ping_at },
            service: None,
        }
    }

    /// The service's deadline from now on.
    pub(super) fn set_service(&mut self, deadline: Option<Instant>) {
        self.service = deadline;
        // A later deadline is found when the timer fires; only an earlier one needs the timer moved.
        if deadline.is_some_and(|deadline| deadline < self.sleep.deadline()) {
            self.arm();
        }
    }

    /// A pong came.
    pub(super) fn pong(&mut self, config: &Config) {
        if matches!(self.heartbeat, Heartbeat::Waiting { .. }) {
            self.rest(config);
        }
    }

    /// The transport has changed: a ping that was on its way may be lost with the old one.
    pub(super) fn rest(&mut self, config: &Config) {
        self.heartbeat = Heartbeat::Resting {
            ping_at: Instant::now() + config.ping_interval,
        };
    }

    /// Something else came: a client whose pong stands behind a long message is alive.
    pub(super) fn heard(&mut self) {
        if let Heartbeat::Waiting { heard, .. } = &mut self.heartbeat {
            *heard = true;
        }
    }

    /// When the pong must be there, if one is awaited.
    pub(super) fn pong_by(&self) -> Option<Instant> {
        match self.heartbeat {
            Heartbeat::Waiting {
                pong_by,
                heard: false,
                ..
            } => Some(pong_by),
            _ => None,
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>, config: &Config) -> Poll<Due> {
        while self.sleep.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            let due = self.due(now, config);
            self.arm();
            if let Some(due) = due {
                return Poll::Ready(due);
            }
        }
        Poll::Pending
    }

    /// Whether a ping is due while a handler runs. Nothing is read meanwhile, so a pong may be there unseen: the
    /// client gets its time anew.
    pub(super) fn poll_ping(&mut self, cx: &mut Context<'_>, config: &Config) -> bool {
        if let Heartbeat::Waiting {
            heard, extended, ..
        } = &mut self.heartbeat
        {
            (*heard, *extended) = (true, false);
        }
        if self.sleep.as_mut().poll(cx).is_pending() {
            return false;
        }
        // What else is due is found when the handler is done: the timer stays elapsed.
        matches!(self.heartbeat, Heartbeat::Resting { .. })
            && self.beat(Instant::now(), config) == Some(Due::Ping)
    }

    fn due(&mut self, now: Instant, config: &Config) -> Option<Due> {
        if self.service.is_some_and(|deadline| deadline <= now) {
            self.service = None;
            return Some(Due::Service);
        }
        self.beat(now, config)
    }

    fn beat(&mut self, now: Instant, config: &Config) -> Option<Due> {
        match self.heartbeat {
            Heartbeat::Resting { ping_at } if ping_at <= now => {
                let sent_at = if now - ping_at <= config.ping_timeout / LATENESS_DIVISOR {
                    ping_at
                } else {
                    now
                };
                let pong_by = sent_at + config.ping_timeout;
                self.heartbeat = Heartbeat::Waiting {
                    pong_by,
                    heard: false,
                    extended: false,
                };
                Some(Due::Ping)
            }
            Heartbeat::Waiting {
                pong_by,
                heard: true,
                extended: false,
            } if pong_by <= now => {
                let pong_by = now + config.ping_timeout;
                self.heartbeat = Heartbeat::Waiting {
                    pong_by,
                    heard: false,
                    extended: true,
                };
                None
            }
            Heartbeat::Waiting { pong_by, .. } if pong_by <= now => Some(Due::Timeout),
            _ => None,
        }
    }

    fn arm(&mut self) {
        let (Heartbeat::Resting { ping_at: beat } | Heartbeat::Waiting { pong_by: beat, .. }) =
            self.heartbeat;
        let next = self.service.map_or(beat, |deadline| deadline.min(beat));
        self.sleep.as_mut().reset(next);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use std::time::Duration;

    use super::*;

    /// What is due next, and how many seconds after the start.
    async fn next(clock: &mut Clock, start: Instant) -> (Due, u64) {
        let due = poll_fn(|cx| clock.poll(cx, &Config::default())).await;
        (due, (Instant::now() - start).as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_pong_is_awaited_for_its_time() {
        let (start, mut clock) = (Instant::now(), Clock::start(&Config::default()));
        assert_eq!(next(&mut clock, start).await, (Due::Ping, 25));
        tokio::time::advance(Duration::from_secs(5)).await;
        clock.pong(&Config::default());
        assert_eq!(next(&mut clock, start).await, (Due::Ping, 55));
        assert_eq!(next(&mut clock, start).await, (Due::Timeout, 75));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pong_that_nobody_awaits_changes_nothing() {
        let (start, mut clock) = (Instant::now(), Clock::start(&Config::default()));
        tokio::time::advance(Duration::from_secs(20)).await;
        clock.pong(&Config::default());
        assert_eq!(next(&mut clock, start).await, (Due::Ping, 25));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_is_heard_gets_its_time_once_more() {
        let (start, mut clock) = (Instant::now(), Clock::start(&Config::default()));
        clock.heard();
        assert_eq!(next(&mut clock, start).await, (Due::Ping, 25));
        clock.heard();
        assert_eq!(clock.pong_by(), None);
        assert_eq!(next(&mut clock, start).await, (Due::Timeout, 65));
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_of_the_service_comes_between() {
        let (start, mut clock) = (Instant::now(), Clock::start(&Config::default()));
        let at = |seconds| Some(start + Duration::from_secs(seconds));
        clock.set_service(at(40));
        clock.set_service(at(3));
        assert_eq!(next(&mut clock, start).await, (Due::Service, 3));
        clock.set_service(at(40));
        assert_eq!(next(&mut clock, start).await, (Due::Ping, 25));
        assert_eq!(next(&mut clock, start).await, (Due::Service, 40));
        assert_eq!(next(&mut clock, start).await, (Due::Timeout, 45));
    }
}
