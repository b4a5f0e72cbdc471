//! Clients that send more by UDP than can be read. All of a shard share a queue in the system, which one of them could
//! fill: who does is not heard for a moment, so that the others are.
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::UdpSocket;
use socket2::SockRef;

use super::slots::Arrival;
use crate::time::Moment;

/// How long a client is not heard.
const SILENCE: Duration = Duration::from_secs(1);
/// How many at a time; of more the first is heard again.
const SILENCED_MAX: usize = 16;
/// By so many datagrams one client may lead all others together while the queue is never empty. More take long to
/// handle, and the others wait.
const LEAD_MAX: usize = 256;
const LEAD_MIN: usize = 64;
/// A shard that has not looked for so long may have been held up: then what waits for it is no flood yet.
const STALL_MILLIS_MIN: u64 = 10;
/// What one client may have sent in each millisecond of a stall: 40 Mbit/s of large packets.
const HONEST_PER_MILLI: u64 = 4;
/// What stalls allow at most: the others wait for it.
const ALLOWANCE_MAX: usize = 256;
/// What a datagram that fills a packet takes in the queue, with what the system keeps of it.
const QUEUED_BYTES: usize = 2304;

/// The clients of one listener.
#[derive(Debug)]
pub(super) struct Floods {
    /// The one who has sent most since the queue was last empty, if one has sent more than all others together.
    loudest: Option<SocketAddr>,
    /// By how many datagrams at least (the vote of Boyer and Moore).
    lead: usize,
    lead_max: usize,
    /// By how many more, for the stalls since the queue was last empty.
    allowance: usize,
    /// The queue never holds more for a stall.
    allowance_max: usize,
    looked_at: Moment,
    silenced: Vec<(SocketAddr, Moment)>,
}

impl Floods {
    /// For a listener whose queue takes as much as the system allows: the lead is noticed before it is full.
    pub(super) fn new(listener: &UdpSocket) -> Self {
        let queue_bytes = SockRef::from(listener).recv_buffer_size().unwrap_or(0);
        let queued_max = queue_bytes / QUEUED_BYTES;
        Self {
            loudest: None,
            lead: 0,
            lead_max: (queued_max / 4).clamp(LEAD_MIN, LEAD_MAX),
            allowance: 0,
            allowance_max: queued_max.min(ALLOWANCE_MAX),
            looked_at: Moment::ZERO,
            silenced: Vec::new(),
        }
    }

    /// Counts what has come; whether there is somebody more who is not heard.
    pub(super) fn note(&mut self, arrivals: &[Arrival], now: Moment) -> bool {
        self.allow_for_stall(now);
        let mut is_changed = false;
        for arrival in arrivals {
            if !self.is_silenced(arrival.from) {
                self.count(arrival);
                is_changed |= self.silence(now);
            }
        }
        is_changed
    }

    /// Everybody who sends was heard.
    pub(super) fn note_drained(&mut self) {
        self.loudest = None;
        self.lead = 0;
        self.allowance = 0;
    }

    pub(super) fn is_silenced(&self, from: SocketAddr) -> bool {
        self.silenced.iter().any(|(source, _)| *source == from)
    }

    /// Those who are not heard.
    pub(super) fn silenced(&self) -> impl Iterator<Item = SocketAddr> {
        self.silenced.iter().map(|(source, _)| *source)
    }

    /// Hears those again whose time is over; whether there were any.
    pub(super) fn release(&mut self, now: Moment) -> bool {
        let before = self.silenced.len();
        self.silenced.retain(|(_, until)| *until > now);
        self.silenced.len() < before
    }

    /// When there is somebody to be heard again.
    pub(super) fn next_release(&self) -> Option<Moment> {
        self.silenced.iter().map(|(_, until)| *until).min()
    }

    /// A flood goes on while the shard looks often, so that time alone allows it nothing.
    fn allow_for_stall(&mut self, now: Moment) {
        let millis = now.as_millis().saturating_sub(self.looked_at.as_millis());
        self.looked_at = now;
        if millis >= STALL_MILLIS_MIN {
            let honest = usize::try_from(millis.saturating_mul(HONEST_PER_MILLI));
            self.allowance = honest
                .unwrap_or(usize::MAX)
                .saturating_add(self.allowance)
                .min(self.allowance_max);
        }
    }

    fn count(&mut self, arrival: &Arrival) {
        let datagrams = arrival.datagrams().count();
        if self.loudest == Some(arrival.from) {
            self.lead += datagrams;
        } else if datagrams > self.lead {
            self.loudest = Some(arrival.from);
            self.lead = datagrams - self.lead;
        } else {
            self.lead -= datagrams;
        }
    }

    fn silence(&mut self, now: Moment) -> bool {
        if self.lead < self.lead_max + self.allowance {
            return false;
        }
        let Some(loudest) = self.loudest.take() else {
            return false;
        };
        self.lead = 0;
        if self.silenced.len() == SILENCED_MAX {
            self.silenced.remove(0);
        }
        self.silenced.push((loudest, now + SILENCE));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::ZERO;

    fn floods() -> Floods {
        Floods {
            loudest: None,
            lead: 0,
            lead_max: 64,
            allowance: 0,
            allowance_max: 184,
            looked_at: NOW,
            silenced: Vec::new(),
        }
    }

    fn client(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    /// A burst of so many datagrams.
    fn burst(port: u16, datagrams: usize) -> Arrival {
        Arrival {
            start: 0,
            bytes: datagrams * 100,
            segment_bytes: 100,
            from: client(port),
        }
    }

    #[test]
    fn a_client_that_leads_all_others_is_not_heard_for_a_moment() {
        let mut floods = floods();
        assert!(!floods.note(&[burst(1, 40), burst(2, 20), burst(1, 43)], NOW));
        assert!(floods.note(&[burst(3, 1), burst(1, 2)], NOW));
        assert_eq!(floods.silenced().collect::<Vec<_>>(), [client(1)]);
        let until = floods.next_release().unwrap();
        assert_eq!(until, NOW + SILENCE);
        assert!(!floods.release(NOW));
        assert!(floods.release(until));
        assert!(!floods.is_silenced(client(1)));
        assert_eq!(floods.next_release(), None);
    }

    #[test]
    fn what_comes_while_the_queue_runs_empty_is_no_flood() {
        let mut floods = floods();
        for _ in 0..100 {
            assert!(!floods.note(&[burst(1, 63)], NOW));
            floods.note_drained();
        }
    }

    #[test]
    fn many_who_send_as_much_as_each_other_are_all_heard() {
        let mut floods = floods();
        for round in 0..1000 {
            assert!(!floods.note(&[burst(round % 2, 30), burst(round % 3 + 2, 30)], NOW));
        }
    }

    #[test]
    fn who_is_not_heard_does_not_count() {
        let mut floods = floods();
        assert!(floods.note(&[burst(1, 64)], NOW));
        assert!(!floods.note(&[burst(1, 1000), burst(2, 63)], NOW));
        assert!(floods.note(&[burst(2, 1)], NOW));
        for port in 3..=18 {
            assert!(floods.note(&[burst(port, 64)], NOW));
        }
        assert_eq!(floods.silenced().count(), SILENCED_MAX);
        assert!(!floods.is_silenced(client(2)) && floods.is_silenced(client(18)));
    }

    /// After how many milliseconds a client who sends so much is silenced, within a second after the shard was held up
    /// for `stall_millis`. Others send a packet a millisecond, in which 32 are read; the queue holds 184.
    fn silenced_after(stall_millis: u64, per_milli: usize) -> Option<u64> {
        let mut floods = floods();
        let mut queued = usize::try_from(stall_millis).unwrap() * per_milli;
        (0..1000).find(|milli| {
            let now = Moment::from_millis(stall_millis + milli);
            queued = (queued + per_milli).min(184);
            let read = queued.min(32);
            queued -= read;
            let is_silenced = floods.note(&[burst(1, read), burst(2, 1)], now);
            if queued == 0 {
                floods.note_drained();
            }
            is_silenced
        })
    }

    #[test]
    fn who_sent_on_while_the_shard_was_held_up_is_heard() {
        for stall_millis in [10, 50, 100, 300, 1000, 10_000] {
            for per_milli in 1..=4 {
                let silenced = silenced_after(stall_millis, per_milli);
                assert_eq!(silenced, None, "{stall_millis} {per_milli}");
            }
        }
    }

    #[test]
    fn who_floods_is_silenced_soon_although_the_shard_was_held_up() {
        for per_milli in [40, 50, 200] {
            for stall_millis in [0, 9] {
                assert!(silenced_after(stall_millis, per_milli).is_some_and(|milli| milli < 3));
            }
            for stall_millis in [10, 50, 300, 10_000] {
                assert!(silenced_after(stall_millis, per_milli).is_some_and(|milli| milli < 9));
            }
        }
    }

    #[test]
    fn stalls_in_a_flood_allow_no_more_than_the_queue_holds() {
        let mut floods = floods();
        for stall in 1..=10 {
            assert!(!floods.note(&[burst(1, 24)], Moment::from_millis(stall * 100)));
        }
        assert!(floods.note(&[burst(1, 8)], Moment::from_millis(1000)));
    }
}
