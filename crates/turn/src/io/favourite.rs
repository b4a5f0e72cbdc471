//! The peer that most of what leaves a relayed address goes to.
use std::net::SocketAddr;

/// By so many datagrams a peer must lead all others together: a call has sent them within a second or two, and checks of
/// connectivity have not.
pub(super) const LEAD: usize = 128;

/// The vote of Boyer and Moore over destinations.
#[derive(Debug, Default)]
pub(super) struct Favourite {
    peer: Option<SocketAddr>,
    lead: usize,
}

impl Favourite {
    /// Who leads.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Counts what is sent; the peer that leads by enough.
    pub(super) fn note(&mut self, to: SocketAddr, datagrams: usize) -> Option<SocketAddr> {
        if self.peer == Some(to) {
            // A long past weighs no more than a short one: a new favourite has to make up for this much only.
            self.lead = LEAD.min(self.lead + datagrams);
        } else if datagrams > self.lead {
            self.peer = Some(to);
            self.lead = LEAD.min(datagrams - self.lead);
        } else {
            self.lead -= datagrams;
        }
        self.peer.filter(|_| self.lead == LEAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn who_gets_most_leads_although_others_get_something() {
        let mut favourite = Favourite::default();
        let mut sent = 0;
        while favourite.note(peer(1), 4).is_none() {
            assert_eq!(favourite.note(peer(2), 1), None);
            sent += 4;
        }
        assert!((LEAD..2 * LEAD).contains(&sent), "{sent}");
    }

    #[test]
    fn the_next_one_leads_after_twice_as_many_however_long_the_first_did() {
        let mut favourite = Favourite::default();
        for _ in 0..10 * LEAD {
            favourite.note(peer(1), 1);
        }
        let leads = |sent: &usize| favourite.note(peer(2), 1) == Some(peer(2)) && *sent > 0;
        assert_eq!((1..10 * LEAD).find(leads), Some(2 * LEAD));
    }

    #[test]
    fn nobody_leads_among_equals() {
        let mut favourite = Favourite::default();
        for round in 0..1000 {
            assert_eq!(favourite.note(peer(round % 2), 16), None);
        }
    }
}
