//! All connections of a shard, and how many there may be in all.
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};

use parking_lot::Mutex;
use slab::Slab;

use super::connection::Connection;

/// How many connections there are, over all shards.
#[derive(Debug)]
pub(crate) struct Admission {
    max: u32,
    per_address_max: u32,
    table: Mutex<(u32, HashMap<IpAddr, u32>)>,
}

impl Admission {
    pub(crate) fn new(max: u32, per_address_max: u32) -> Self {
        Self {
            max,
            per_address_max,
            table: Mutex::default(),
        }
    }

    /// Counts one more; false when it is one too many.
    pub(super) fn enter(&self, ip: IpAddr) -> bool {
        let (total, by_network) = &mut *self.table.lock();
        let count = by_network.entry(network(ip)).or_default();
        if *total >= self.max || *count >= self.per_address_max {
            if *count == 0 {
                by_network.remove(&network(ip));
            }
            return false;
        }
        *total += 1;
        *count += 1;
        true
    }

    pub(super) fn leave(&self, ip: IpAddr) {
        let (total, by_network) = &mut *self.table.lock();
        *total = total.saturating_sub(1);
        if let Some(count) = by_network.get_mut(&network(ip)) {
            *count -= 1;
            if *count == 0 {
                by_network.remove(&network(ip));
            }
        }
    }
}

/// Whoever has one address of a /64 has them all.
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip) >> 64 << 64).into(),
    }
}

/// The connections, those to be read, and those to be written.
#[derive(Debug, Default)]
pub(super) struct Connections {
    pub(super) open: Slab<Connection>,
    ready: VecDeque<usize>,
    dirty: Vec<usize>,
}

impl Connections {
    pub(super) fn mark_ready(&mut self, index: usize) {
        if let Some(connection) = self.open.get_mut(index)
            && !connection.is_ready
        {
            connection.is_ready = true;
            self.ready.push_back(index);
        }
    }

    pub(super) fn next_ready(&mut self) -> Option<usize> {
        let index = self.ready.pop_front()?;
        if let Some(connection) = self.open.get_mut(index) {
            connection.is_ready = false;
        }
        Some(index)
    }

    pub(super) fn ready_count(&self) -> usize {
        self.ready.len()
    }

    pub(super) fn mark_dirty(&mut self, index: usize) {
        if let Some(connection) = self.open.get_mut(index)
            && !connection.is_dirty
        {
            connection.is_dirty = true;
            self.dirty.push(index);
        }
    }

    /// One that has something to write.
    pub(super) fn next_dirty(&mut self) -> Option<usize> {
        let index = self.dirty.pop()?;
        if let Some(connection) = self.open.get_mut(index) {
            connection.is_dirty = false;
        }
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_all_together_have_their_limit() {
        let admission = Admission::new(3, 2);
        let (first, second) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        assert_eq!(
            [first, first, first, second, second].map(|ip| admission.enter(ip)),
            [true, true, false, true, false]
        );
        admission.leave(first);
        assert!(admission.enter(second));
        admission.leave(second);
        admission.leave(second);
        admission.leave(first);
        assert_eq!(*admission.table.lock(), (0, HashMap::new()));
    }
}
