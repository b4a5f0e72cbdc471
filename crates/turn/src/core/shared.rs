//! What the shards of a relay have in common. Nothing here is touched by a packet but atomics.
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::challenges::Challenges;
use super::nonces::Nonces;
use super::ports::Ports;
use super::quotas::Quotas;
use super::reservations::Reservations;
use crate::credentials::Credentials;
use crate::policy::is_one_of;
use crate::rules::{RelayAddress, Rules};
use crate::stun::Family;
use crate::time::Moment;

/// Rules, credentials, and what is counted over all shards.
pub struct Shared {
    pub(super) rules: Rules,
    pub(super) credentials: Arc<dyn Credentials>,
    pub(super) nonces: Nonces,
    pub(super) challenges: Challenges,
    pub(super) ports: Ports,
    pub(super) quotas: Quotas,
    pub(super) reservations: Reservations,
    /// The machine's own addresses. Shards keep a copy.
    inside: Mutex<Arc<[IpAddr]>>,
    is_draining: AtomicBool,
}

impl Shared {
    /// `key` is what nonces are made with: unpredictable, and new at each start.
    pub fn new(rules: Rules, credentials: Arc<dyn Credentials>, key: &[u8; 32]) -> Self {
        Self {
            nonces: Nonces::new(key, rules.nonce_age_max),
            challenges: Challenges::new(key, rules.challenges_per_second_max),
            ports: Ports::new(rules.ports.clone()),
            quotas: Quotas::new(&rules),
            reservations: Reservations::default(),
            inside: Mutex::new(rules.inside.as_slice().into()),
            is_draining: AtomicBool::new(false),
            rules,
            credentials,
        }
    }

    /// From now on nobody new is let in; those who are there stay.
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// The machine has these addresses now. Shards know it at their next tick.
    pub fn set_inside(&self, addresses: &[IpAddr]) {
        *self.inside.lock() = addresses.into();
    }

    pub(super) fn inside(&self) -> Arc<[IpAddr]> {
        self.inside.lock().clone()
    }

    pub(super) fn relay_address(&self, family: Family) -> Option<RelayAddress> {
        match family {
            Family::Ipv4 => self.rules.relay_ipv4,
            Family::Ipv6 => self.rules.relay_ipv6,
        }
    }

    /// True when a client may have a permission for this address. `inside`: the machine's own ones.
    pub(super) fn is_permissible(&self, ip: IpAddr, inside: &[IpAddr]) -> bool {
        (self.own(ip).is_some() && !self.rules.policy.is_denied(ip)) || self.is_open(ip, inside)
    }

    fn is_open(&self, ip: IpAddr, inside: &[IpAddr]) -> bool {
        let policy = &self.rules.policy;
        policy.is_open(ip) && (!is_one_of(inside, ip) || policy.is_allowed(ip))
    }

    /// Where to send what is for `peer`; `None` when nothing may go there. `inside`: the machine's own addresses.
    /// The relay's own address is open at the ports of allocations (two clients of this relay), and at no other: what
    /// else listens there is the inside. It is reached where it is bound, without a way through a NAT.
    pub(super) fn destination(&self, peer: SocketAddr, inside: &[IpAddr]) -> Option<SocketAddr> {
        let policy = &self.rules.policy;
        if peer.port() == 0 || policy.is_denied(peer.ip()) {
            return None;
        }
        let own = self.own(peer.ip());
        if let Some(own) = own
            && self.ports.is_taken(Family::of(peer.ip()), peer.port())
        {
            return Some(SocketAddr::new(own.bind, peer.port()));
        }
        let is_open = match own {
            Some(_) => policy.is_allowed(peer.ip()),
            None => self.is_open(peer.ip(), inside),
        };
        is_open.then_some(peer)
    }

    /// The address that a peer is known by, given where its packet came from.
    pub(super) fn origin(&self, from: SocketAddr) -> SocketAddr {
        match self.relay_address(Family::of(from.ip())) {
            Some(own)
                if own.bind == from.ip()
                    && own.advertised != own.bind
                    && self.ports.is_taken(Family::of(from.ip()), from.port()) =>
            {
                SocketAddr::new(own.advertised, from.port())
            }
            _ => SocketAddr::new(from.ip(), from.port()),
        }
    }

    /// True when the port of this own address is given away, or kept.
    #[cfg(feature = "internals")]
    pub(crate) fn is_reserved(&self, address: SocketAddr) -> bool {
        self.own(address.ip()).is_some()
            && self
                .ports
                .is_taken(Family::of(address.ip()), address.port())
    }

    pub(super) fn tick(&self, now: Moment) {
        self.reservations.expire(now, &self.ports);
    }

    fn own(&self, ip: IpAddr) -> Option<RelayAddress> {
        self.relay_address(Family::of(ip))
            .filter(|own| own.advertised == ip)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
