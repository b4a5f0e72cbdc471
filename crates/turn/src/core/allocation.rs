//! An allocation: a client's relayed addresses, and whom it talks to (RFC 8656 §2.2).
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::quotas::Owner;
use super::reservations::Token;
use super::{Client, RelayId};
use crate::credentials::Usage;
use crate::stun::{ErrorCode, Family, TransactionId};
use crate::time::Moment;

/// One relayed address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) relay: RelayId,
    /// What the client was told.
    pub(super) address: SocketAddr,
    pub(super) expires: Moment,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Permission {
    pub(super) ip: IpAddr,
    pub(super) expires: Moment,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    pub(super) number: u16,
    pub(super) peer: SocketAddr,
    pub(super) expires: Moment,
}

/// Packets and bytes one way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traffic {
    pub(super) packets: u64,
    pub(super) bytes: u64,
}

impl Traffic {
    pub(super) fn add(&mut self, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
    }
}

#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) client: Client,
    /// Tells it from others that had its index.
    pub(super) made: u32,
    /// The application's number.
    pub(super) tag: u64,
    pub(super) username: Box<str>,
    pub(super) owner: Arc<Owner>,
    /// By the family's index: one, or both (RFC 8656 §7.2, ADDITIONAL-ADDRESS-FAMILY).
    pub(super) relays: [Option<Bound>; 2],
    pub(super) permissions: Vec<Permission>,
    pub(super) channels: Vec<Channel>,
    /// What was answered to which request: the same again, should the answer be lost.
    pub(super) request: TransactionId,
    pub(super) granted_seconds: u32,
    pub(super) token: Option<Token>,
    pub(super) refused_family: Option<(Family, ErrorCode)>,
    pub(super) began: Moment,
    /// When the wheel looks at it next.
    pub(super) looked_at: Moment,
    pub(super) sent: Traffic,
    pub(super) received: Traffic,
}

impl Allocation {
    /// When the last of its addresses expires.
    pub(super) fn expires(&self) -> Moment {
        self.relays
            .iter()
            .flatten()
            .map(|bound| bound.expires)
            .max()
            .unwrap_or_default()
    }

    /// The address of this family, unless it has expired.
    pub(super) fn bound(&self, family: Family, now: Moment) -> Option<&Bound> {
        self.relays[family.index()]
            .as_ref()
            .filter(|bound| bound.expires > now)
    }

    pub(super) fn is_permitted(&self, ip: IpAddr, now: Moment) -> bool {
        self.permissions
            .iter()
            .any(|permission| permission.ip == ip && permission.expires > now)
    }

    pub(super) fn usage(&self, now: Moment) -> Usage<'_> {
        Usage {
            username: &self.username,
            user: &self.owner.user,
            tag: self.tag,
            transport: self.client.transport,
            client: self.client.address,
            duration: Duration::from_millis(now.as_millis().saturating_sub(self.began.as_millis())),
            sent_bytes: self.sent.bytes,
            sent_packets: self.sent.packets,
            received_bytes: self.received.bytes,
            received_packets: self.received.packets,
        }
    }
}
