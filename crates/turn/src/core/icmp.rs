//! What routers and peers say about packets that went to peers, told to the client (RFC 8656 §11.5).
use std::net::SocketAddr;

use super::{Client, Core, RelayId};
use crate::counters::Count;
use crate::stun::{Attribute, Class, Family, Method, TransactionId, Writer};
use crate::time::Moment;

/// An ICMP message: of ICMPv4 or ICMPv6, as the address is that the packet in it was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// The type.
    pub kind: u8,
    pub code: u8,
    /// In bytes, where the message has the MTU of the next link.
    pub mtu: u32,
}

impl Icmp {
    /// The value of the attribute (RFC 8656 §18.13); `None` for messages that are nothing to a client.
    fn value(self, family: Family) -> Option<[u8; 8]> {
        let (is_told, has_mtu) = match family {
            Family::Ipv4 => (
                matches!(self.kind, 3 | 11),
                (self.kind, self.code) == (3, 4),
            ),
            Family::Ipv6 => (matches!(self.kind, 1..=3), self.kind == 2),
        };
        let kind = (u16::from(self.kind) << 9) | u16::from(self.code);
        let mtu = if has_mtu { self.mtu } else { 0 };
        let mut value = [0; 8];
        value[2..4].copy_from_slice(&kind.to_be_bytes());
        value[4..].copy_from_slice(&mtu.to_be_bytes());
        is_told.then_some(value)
    }
}

impl Core {
    /// Handles an ICMP message about a packet from a relayed socket to `to`. What is appended to `out` goes to the
    /// client. Who sent the message does not matter: the permission is that of the packet.
    pub fn handle_icmp(
        &mut self,
        relay: RelayId,
        to: SocketAddr,
        icmp: Icmp,
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Option<Client> {
        let index = self.relays.get(relay.0 as usize)?.allocation;
        let peer = self.shared.origin(to);
        let family = Family::of(peer.ip());
        let value = icmp.value(family)?;
        let allocation = &self.allocations[index as usize];
        let is_bound = allocation.bound(family, now).is_some();
        if !is_bound || !allocation.is_permitted(peer.ip(), now) {
            return None;
        }
        let client = allocation.client;
        let transaction = TransactionId(self.random.transaction());
        let mut writer = Writer::new(out, Class::Indication, Method::Data, transaction);
        writer
            .xor_address(Attribute::XOR_PEER_ADDRESS, peer)
            .attribute(Attribute::ICMP, &value);
        writer.finish();
        self.tally.add(Count::Icmp, 1);
        Some(client)
    }
}
