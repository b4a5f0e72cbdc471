//! Relayed sockets: finding a port, opening and closing.
use std::io;
use std::net::SocketAddr;

use super::allocation::Bound;
use super::ports::Parity;
use super::reply::Refusal;
use super::{Core, RelayId, Sockets};
use crate::stun::Family;

/// Ports that other programs may hold before the search is given up: each costs a system call.
const BUSY_PORTS_MAX: usize = 64;

/// Which allocation a relayed socket belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Relayed {
    pub(super) allocation: u32,
}

impl Core {
    /// Opens any port of this family for the allocation with this index.
    pub(super) fn open_relay(
        &mut self,
        allocation: u32,
        family: Family,
        parity: Parity,
        sockets: &mut dyn Sockets,
    ) -> Result<(RelayId, u16), Refusal> {
        let mut busy = 0;
        let candidates = self.shared.ports.candidates(self.random.below(u32::MAX));
        for port in candidates {
            if !self.shared.ports.take(family, port, parity) {
                continue;
            }
            let failure = match self.open_port(allocation, family, port, sockets) {
                Ok(relay) => return Ok((relay, port)),
                Err(failure) => failure,
            };
            self.shared.ports.give_back(family, port);
            if parity == Parity::EvenPair {
                self.shared.ports.give_back(family, port | 1);
            }
            busy += 1;
            if failure.kind() != io::ErrorKind::AddrInUse || busy > BUSY_PORTS_MAX {
                break;
            }
        }
        Err(Refusal::CAPACITY)
    }

    /// Opens a port that is taken already.
    pub(super) fn open_port(
        &mut self,
        allocation: u32,
        family: Family,
        port: u16,
        sockets: &mut dyn Sockets,
    ) -> io::Result<RelayId> {
        let address = self
            .shared
            .relay_address(family)
            .ok_or(io::ErrorKind::AddrNotAvailable)?;
        let entry = self.relays.vacant_entry();
        let relay = RelayId(u32::try_from(entry.key()).map_err(|_| io::ErrorKind::OutOfMemory)?);
        sockets.open(relay, SocketAddr::new(address.bind, port))?;
        entry.insert(Relayed { allocation });
        Ok(relay)
    }

    pub(super) fn close_relay(&mut self, bound: Bound, sockets: &mut dyn Sockets) {
        self.relays.remove(bound.relay.0 as usize);
        sockets.close(bound.relay);
        self.shared
            .ports
            .give_back(Family::of(bound.address.ip()), bound.address.port());
    }
}
