//! Ports that are kept for the second half of a pair, known by their token (RFC 8656 §7.2, RESERVATION-TOKEN).
use std::time::Duration;

use parking_lot::Mutex;

use super::ports::Ports;
use crate::stun::Family;
use crate::time::Moment;

/// RFC 8656 §7.2 wants at least 30 s.
const KEPT: Duration = Duration::from_secs(30);
/// More than this many at once are refused: each blocks a port.
const RESERVATIONS_MAX: usize = 1024;
/// And this many of one user: pairs are for RTP with RTCP beside it, which nobody has dozens of.
const PER_USER_MAX: usize = 16;

pub(super) type Token = [u8; 8];

#[derive(Debug)]
struct Reservation {
    token: Token,
    user: Box<str>,
    family: Family,
    port: u16,
    expires: Moment,
}

#[derive(Debug, Default)]
pub(super) struct Reservations(Mutex<Vec<Reservation>>);

impl Reservations {
    /// True when another one can be kept for `user`.
    pub(super) fn has_room(&self, user: &str) -> bool {
        let kept = self.0.lock();
        let of_user = kept.iter().filter(|kept| *kept.user == *user).count();
        kept.len() < RESERVATIONS_MAX && of_user < PER_USER_MAX
    }

    /// Keeps a port that is taken already.
    pub(super) fn keep(&self, token: Token, user: &str, family: Family, port: u16, now: Moment) {
        let expires = now + KEPT;
        self.0.lock().push(Reservation {
            token,
            user: user.into(),
            family,
            port,
            expires,
        });
    }

    /// Hands out what was kept for `user`, once.
    pub(super) fn claim(&self, token: &[u8], user: &str, now: Moment) -> Option<(Family, u16)> {
        let mut kept = self.0.lock();
        let index = kept.iter().position(|found| {
            found.token == token && *found.user == *user && found.expires > now
        })?;
        let found = kept.swap_remove(index);
        Some((found.family, found.port))
    }

    /// Gives back the ports that nobody came for.
    pub(super) fn expire(&self, now: Moment, ports: &Ports) {
        self.0.lock().retain(|kept| {
            let is_kept = kept.expires > now;
            if !is_kept {
                ports.give_back(kept.family, kept.port);
            }
            is_kept
        });
    }
}
