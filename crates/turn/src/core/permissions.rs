//! CreatePermission and ChannelBind (RFC 8656 §10, §12.1).
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::Core;
use super::allocation::{Channel, Permission};
use super::reply::{Refusal, Request, Success};
use crate::channel_data;
use crate::stun::{Attribute, Family};
use crate::time::Moment;

/// RFC 8656 §9.
const PERMISSION_LIFETIME: Duration = Duration::from_mins(5);
/// RFC 8656 §12.
const CHANNEL_LIFETIME: Duration = Duration::from_mins(10);

impl Core {
    /// All permissions that are asked for, or none (RFC 8656 §10.2).
    pub(super) fn create_permission(&mut self, request: &Request<'_>) -> Result<Success, Refusal> {
        let index = self.own_allocation(request)?;
        let peers: Option<Vec<SocketAddr>> = request.message.peers().collect();
        let peers = peers
            .filter(|peers| !peers.is_empty())
            .ok_or(Refusal::BAD_REQUEST)?;
        for peer in &peers {
            self.check_peer(index, peer.ip(), request.now)?;
        }
        let mut ips: Vec<IpAddr> = peers.iter().map(SocketAddr::ip).collect();
        ips.sort_unstable();
        ips.dedup();
        self.permit(index, &ips, request.now)?;
        Ok(Success::Permitted)
    }

    pub(super) fn channel_bind(&mut self, request: &Request<'_>) -> Result<Success, Refusal> {
        let now = request.now;
        let index = self.own_allocation(request)?;
        let number = match request.message.get(Attribute::CHANNEL_NUMBER) {
            Some(&[high, low, _, _]) => u16::from_be_bytes([high, low]),
            _ => return Err(Refusal::BAD_REQUEST),
        };
        let peer = request
            .message
            .xor_address(Attribute::XOR_PEER_ADDRESS)
            .ok_or(Refusal::BAD_REQUEST)?;
        let channels_max = self.shared.rules.channels_max;
        let allocation = &mut self.allocations[index as usize];
        allocation.channels.retain(|channel| channel.expires > now);
        let known = allocation
            .channels
            .iter()
            .position(|channel| channel.number == number || channel.peer == peer);
        let is_other = known
            .map(|known| allocation.channels[known])
            .is_some_and(|known| (known.number, known.peer) != (number, peer));
        if !channel_data::NUMBERS.contains(&number) || is_other {
            return Err(Refusal::BAD_REQUEST);
        }
        if known.is_none() && allocation.channels.len() >= channels_max {
            return Err(Refusal::CAPACITY);
        }
        self.check_peer(index, peer.ip(), now)?;
        if self.shared.destination(peer, &self.inside).is_none() {
            return Err(Refusal::PEER);
        }
        self.permit(index, &[peer.ip()], now)?;
        let channel = Channel {
            number,
            peer,
            expires: now + CHANNEL_LIFETIME,
        };
        let channels = &mut self.allocations[index as usize].channels;
        match known {
            Some(known) => channels[known] = channel,
            None => channels.push(channel),
        }
        Ok(Success::Permitted)
    }

    fn check_peer(&self, index: u32, ip: IpAddr, now: Moment) -> Result<(), Refusal> {
        if self.allocations[index as usize]
            .bound(Family::of(ip), now)
            .is_none()
        {
            return Err(Refusal::PEER_FAMILY);
        }
        if self.shared.is_permissible(ip, &self.inside) {
            Ok(())
        } else {
            Err(Refusal::PEER)
        }
    }

    /// Makes or prolongs permissions for different addresses.
    fn permit(&mut self, index: u32, ips: &[IpAddr], now: Moment) -> Result<(), Refusal> {
        let permissions = &mut self.allocations[index as usize].permissions;
        permissions.retain(|permission| permission.expires > now);
        let is_new = |ip: &&IpAddr| !permissions.iter().any(|permission| permission.ip == **ip);
        if permissions.len() + ips.iter().filter(is_new).count() > self.shared.rules.permissions_max
        {
            return Err(Refusal::CAPACITY);
        }
        let expires = now + PERMISSION_LIFETIME;
        for &ip in ips {
            match permissions
                .iter_mut()
                .find(|permission| permission.ip == ip)
            {
                Some(permission) => permission.expires = expires,
                None => permissions.push(Permission { ip, expires }),
            }
        }
        Ok(())
    }
}
