//! Whether so many events arrive at a thread that it pays to gather them.
use std::time::{Duration, Instant};

/// Events in a millisecond from which on they are a storm: a thread that handles each as it comes is then busy with looking
/// for them more than with handling them. A clinic of thousands stays far below.
const STORM: u64 = 16;
/// The shortest time over which the rate is taken.
const WINDOW: Duration = Duration::from_millis(1);

/// What one thread has handled lately.
#[derive(Debug)]
pub(super) struct Pace {
    window_began: Instant,
    in_window: u64,
    storm: bool,
    /// Whether something came since the thread last had nothing to do: only then more is likely to come.
    busy: bool,
}

impl Pace {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            window_began: now,
            in_window: 0,
            storm: false,
            busy: false,
        }
    }

    pub(super) const fn count(&mut self) {
        self.in_window += 1;
        self.busy = true;
    }

    /// To be asked each time the thread has nothing left to do.
    pub(super) fn is_storm(&mut self, now: Instant) -> bool {
        let elapsed = now.duration_since(self.window_began);
        if elapsed >= WINDOW {
            let windows = elapsed.as_nanos() / WINDOW.as_nanos();
            self.storm = u128::from(self.in_window) >= u128::from(STORM) * windows;
            self.window_began = now;
            self.in_window = 0;
        }
        std::mem::take(&mut self.busy) && self.storm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks `times` times, `every` so often, after `events` events each, and tells how often it was a storm.
    fn storms(
        pace: &mut Pace,
        now: &mut Instant,
        every: Duration,
        events: u64,
        times: usize,
    ) -> usize {
        (0..times)
            .filter(|_| {
                *now += every;
                for _ in 0..events {
                    pace.count();
                }
                pace.is_storm(*now)
            })
            .count()
    }

    const fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn a_storm_is_many_events_a_millisecond() {
        let cases = [
            ("one after the other, 100,000 a second", micros(10), 1, true),
            ("gathered, as many", micros(150), 15, true),
            ("rarely looked at, as many", micros(40_000), 4_000, true),
            ("as many as make a storm", micros(500), 8, true),
            ("one less", micros(1000), 15, false),
            ("a busy clinic, 3,000 a second", micros(333), 1, false),
            (
                "a burst after a quiet second",
                micros(1_000_000),
                200,
                false,
            ),
        ];
        for (case, every, events, storm) in cases {
            let mut now = Instant::now();
            let mut pace = Pace::new(now);
            storms(&mut pace, &mut now, every, events, 200);
            let found = storms(&mut pace, &mut now, every, events, 50);
            assert_eq!(found, if storm { 50 } else { 0 }, "{case}");
        }
    }

    #[test]
    fn nobody_rests_when_nothing_came() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        assert!(storms(&mut pace, &mut now, micros(100), 10, 100) > 80);
        assert_eq!(storms(&mut pace, &mut now, micros(10), 0, 50), 0);
    }

    #[test]
    fn a_storm_is_over_within_two_windows() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        storms(&mut pace, &mut now, micros(100), 10, 100);
        assert!(storms(&mut pace, &mut now, micros(500), 1, 4) <= 3);
        assert_eq!(storms(&mut pace, &mut now, micros(500), 1, 100), 0);
    }
}
