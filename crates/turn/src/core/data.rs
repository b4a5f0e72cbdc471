//! Data on its way: Send and Data (RFC 8656 §11), ChannelData (§12.4 to §12.7). Nothing is copied, nothing allocated.
use std::net::SocketAddr;

use super::{Action, Client, Core, Delivery, RelayId, Transport};
use crate::channel_data;
use crate::counters::Count;
use crate::stun::{Attribute, Class, Family, Message, Method, TransactionId, Writer};
use crate::time::Moment;

/// More data does not fit into a Data indication with its header and an IPv6 address.
const INDICATION_DATA_BYTES_MAX: usize = 65_535 - 64;

impl Core {
    /// ChannelData from a client. The channel alone decides: it outlives the permission it made (RFC 8656 §12.6).
    pub(super) fn channel_data<'a>(
        &mut self,
        client: &Client,
        bytes: &'a [u8],
        now: Moment,
    ) -> Action<'a> {
        let Some((number, data)) = channel_data::parse(bytes) else {
            return self.drop(Count::DroppedMalformed);
        };
        let Some(index) = self.find(client, now) else {
            return self.drop(Count::DroppedUnpermitted);
        };
        let channels = &self.allocations[index as usize].channels;
        let Some(channel) = channels
            .iter()
            .find(|channel| channel.number == number && channel.expires > now)
        else {
            return self.drop(Count::DroppedUnpermitted);
        };
        self.relay(index, channel.peer, data, false, now)
    }

    /// A Send indication, which is dropped in silence for whatever is wrong with it (RFC 8656 §11.2).
    pub(super) fn send<'a>(
        &mut self,
        client: &Client,
        message: &Message<'a>,
        now: Moment,
    ) -> Action<'a> {
        let peer = message.xor_address(Attribute::XOR_PEER_ADDRESS);
        let (Some(peer), Some(data)) = (peer, message.get(Attribute::DATA)) else {
            return self.drop(Count::DroppedMalformed);
        };
        if !self.unknown_attributes(message).is_empty() {
            return self.drop(Count::DroppedMalformed);
        }
        let Some(index) = self.find(client, now) else {
            return self.drop(Count::DroppedUnpermitted);
        };
        if !self.allocations[index as usize].is_permitted(peer.ip(), now) {
            return self.drop(Count::DroppedUnpermitted);
        }
        let dont_fragment = message.get(Attribute::DONT_FRAGMENT).is_some();
        self.relay(index, peer, data, dont_fragment, now)
    }

    fn relay<'a>(
        &mut self,
        index: u32,
        peer: SocketAddr,
        data: &'a [u8],
        dont_fragment: bool,
        now: Moment,
    ) -> Action<'a> {
        // Asked again for each packet: the relay's own ports come and go.
        let Some(to) = self.shared.destination(peer, &self.inside) else {
            return self.drop(Count::DroppedPeer);
        };
        let allocation = &mut self.allocations[index as usize];
        let Some(bound) = allocation.bound(Family::of(peer.ip()), now) else {
            return self.drop(Count::DroppedUnpermitted);
        };
        let relay = bound.relay;
        if !self.shared.quotas.admit(&allocation.owner, data.len(), now) {
            return self.drop(Count::DroppedBandwidth);
        }
        allocation.sent.add(data.len());
        self.tally.add(Count::SentPackets, 1);
        self.tally.add(Count::SentBytes, data.len() as u64);
        Action::Relay {
            relay,
            to,
            data,
            dont_fragment,
        }
    }

    /// A datagram from a peer: as ChannelData where there is a channel, else as a Data indication (RFC 8656 §11.3).
    pub(super) fn data(
        &mut self,
        relay: RelayId,
        from: SocketAddr,
        bytes: &[u8],
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Option<Delivery> {
        let index = self.relays.get(relay.0 as usize)?.allocation;
        let peer = self.shared.origin(from);
        let allocation = &mut self.allocations[index as usize];
        if allocation.bound(Family::of(peer.ip()), now).is_none()
            || !allocation.is_permitted(peer.ip(), now)
        {
            self.tally.add(Count::DroppedStranger, 1);
            return None;
        }
        let length = u16::try_from(bytes.len()).ok()?;
        let channel = allocation
            .channels
            .iter()
            .find(|channel| channel.peer == peer && channel.expires > now);
        if channel.is_none() && bytes.len() > INDICATION_DATA_BYTES_MAX {
            self.tally.add(Count::DroppedSend, 1);
            return None;
        }
        if !self
            .shared
            .quotas
            .admit(&allocation.owner, bytes.len(), now)
        {
            self.tally.add(Count::DroppedBandwidth, 1);
            return None;
        }
        let client = allocation.client;
        let mut padding_bytes = bytes.len().next_multiple_of(4) - bytes.len();
        if let Some(channel) = channel {
            out.extend(channel_data::header(channel.number, length));
            // RFC 8656 §12.5: padding is for streams.
            if client.transport == Transport::Udp {
                padding_bytes = 0;
            }
        } else {
            let transaction = TransactionId(self.random.transaction());
            let mut writer = Writer::new(out, Class::Indication, Method::Data, transaction);
            writer.xor_address(Attribute::XOR_PEER_ADDRESS, peer);
            writer.data_follows(length);
        }
        allocation.received.add(bytes.len());
        self.tally.add(Count::ReceivedPackets, 1);
        self.tally.add(Count::ReceivedBytes, u64::from(length));
        Some(Delivery {
            client,
            padding_bytes,
        })
    }

    fn drop(&mut self, count: Count) -> Action<'static> {
        self.tally.add(count, 1);
        Action::Nothing
    }
}
