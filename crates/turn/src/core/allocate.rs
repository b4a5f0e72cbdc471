//! Allocate (RFC 8656 §7).
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::allocation::{Allocation, Bound, Traffic};
use super::ports::Parity;
use super::quotas::Owner;
use super::reply::{Refusal, Request, Success};
use super::{Core, RelayId, Sockets};
use crate::counters::Count;
use crate::credentials::Standing;
use crate::stun::{Attribute, ErrorCode, Family, Message};

/// What an allocation lives when nothing else is asked for, and at least (RFC 8656 §3.2, §7.2).
const LIFETIME_SECONDS: u32 = 600;

/// UDP, among the protocol numbers of IP.
const UDP: u8 = 17;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted<'a> {
    Fresh {
        family: Family,
        has_additional: bool,
        parity: Parity,
    },
    /// The port above one that it got earlier.
    Reserved(&'a [u8]),
}

/// What it gets.
#[derive(Debug, Default)]
struct Opened {
    ports: [Option<(RelayId, u16)>; 2],
    refused_family: Option<(Family, ErrorCode)>,
    /// The port to keep for later.
    pair: Option<(Family, u16)>,
}

impl Core {
    pub(super) fn allocate(
        &mut self,
        request: &Request<'_>,
        sockets: &mut dyn Sockets,
    ) -> Result<Success, Refusal> {
        if let Some(index) = self.find(&request.client, request.now) {
            let allocation = &self.allocations[index as usize];
            let is_repeated = allocation.request == request.message.transaction()
                && *allocation.username == *request.identity.username;
            return if is_repeated {
                Ok(Success::Allocated { index })
            } else {
                Err(Refusal::MISMATCH)
            };
        }
        let wanted = read(&request.message)?;
        let lifetime = asked_lifetime(&request.message)?;
        if self.shared.is_draining() {
            let has_alternate = self.alternate(&request.client).is_some();
            return Err(if has_alternate {
                Refusal::ELSEWHERE
            } else {
                Refusal::DRAINING
            });
        }
        // It may have expired, and not have been freed yet.
        self.disconnected(&request.client, request.now, sockets);
        let owner = self
            .shared
            .quotas
            .take(&request.identity.user)
            .map_err(|code| match code {
                ErrorCode::AllocationQuotaReached => Refusal::USER_QUOTA,
                _ => Refusal::CAPACITY,
            })?;
        match self.open(request, wanted, sockets) {
            Ok(opened) => Ok(self.insert(
                request,
                owner,
                &opened,
                self.granted_seconds(lifetime, request),
            )),
            Err(refusal) => {
                self.shared.quotas.give_back(&owner);
                Err(refusal)
            }
        }
    }

    /// How long an allocation lives from now on. It may outlive its credential by one default lifetime, no more.
    pub(super) fn granted_seconds(&self, asked: Option<u32>, request: &Request<'_>) -> u32 {
        let seconds = |duration: Duration| u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
        let longest = seconds(self.shared.rules.lifetime_max).max(LIFETIME_SECONDS);
        let remaining = match request.identity.standing {
            Standing::Valid { remaining } => seconds(remaining),
            Standing::Over => 0,
        };
        let asked = asked
            .unwrap_or(LIFETIME_SECONDS)
            .clamp(LIFETIME_SECONDS, longest);
        asked.min(remaining.saturating_add(LIFETIME_SECONDS))
    }

    fn open(
        &mut self,
        request: &Request<'_>,
        wanted: Wanted<'_>,
        sockets: &mut dyn Sockets,
    ) -> Result<Opened, Refusal> {
        let index = u32::try_from(self.allocations.vacant_key()).map_err(|_| Refusal::CAPACITY)?;
        let mut opened = Opened::default();
        match wanted {
            Wanted::Reserved(token) => {
                let kept =
                    self.shared
                        .reservations
                        .claim(token, &request.identity.user, request.now);
                let (family, port) = kept.ok_or(Refusal::CAPACITY)?;
                let relay = self.open_port(index, family, port, sockets).map_err(|_| {
                    self.shared.ports.give_back(family, port);
                    Refusal::CAPACITY
                })?;
                opened.ports[family.index()] = Some((relay, port));
            }
            Wanted::Fresh {
                family,
                has_additional,
                parity,
            } => {
                let user = &request.identity.user;
                if parity == Parity::EvenPair && !self.shared.reservations.has_room(user) {
                    return Err(Refusal::CAPACITY);
                }
                self.open_fresh(index, family, parity, sockets, &mut opened)?;
                if has_additional {
                    self.open_additional(index, sockets, &mut opened);
                }
            }
        }
        Ok(opened)
    }

    fn open_fresh(
        &mut self,
        index: u32,
        family: Family,
        parity: Parity,
        sockets: &mut dyn Sockets,
        opened: &mut Opened,
    ) -> Result<(), Refusal> {
        if self.shared.relay_address(family).is_none() {
            return Err(Refusal::FAMILY);
        }
        let (relay, port) = self.open_relay(index, family, parity, sockets)?;
        opened.ports[family.index()] = Some((relay, port));
        opened.pair = (parity == Parity::EvenPair).then_some((family, port | 1));
        Ok(())
    }

    /// IPv6 beside IPv4; without it the allocation is good all the same (RFC 8656 §7.2).
    fn open_additional(&mut self, index: u32, sockets: &mut dyn Sockets, opened: &mut Opened) {
        let family = Family::Ipv6;
        let code = match self.shared.relay_address(family) {
            None => ErrorCode::AddressFamilyNotSupported,
            Some(_) => match self.open_relay(index, family, Parity::Any, sockets) {
                Ok(port) => {
                    opened.ports[family.index()] = Some(port);
                    return;
                }
                Err(refusal) => refusal.code,
            },
        };
        opened.refused_family = Some((family, code));
    }

    fn insert(
        &mut self,
        request: &Request<'_>,
        owner: Arc<Owner>,
        opened: &Opened,
        seconds: u32,
    ) -> Success {
        let now = request.now;
        let expires = now + Duration::from_secs(seconds.into());
        let bound = |family: Family| {
            let (relay, port) = opened.ports[family.index()]?;
            let address = SocketAddr::new(self.shared.relay_address(family)?.advertised, port);
            Some(Bound {
                relay,
                address,
                expires,
            })
        };
        let relays = [bound(Family::Ipv4), bound(Family::Ipv6)];
        let token = opened.pair.map(|(family, port)| {
            let token = self.random.bytes();
            self.shared
                .reservations
                .keep(token, &owner.user, family, port, now);
            token
        });
        self.allocations_made = self.allocations_made.wrapping_add(1);
        let made = self.allocations_made;
        let tag = self.shared.credentials.allocated(&owner.user);
        let index = self.allocations.insert(Allocation {
            client: request.client,
            made,
            tag,
            username: request.identity.username.into(),
            owner,
            relays,
            permissions: Vec::new(),
            channels: Vec::new(),
            request: request.message.transaction(),
            granted_seconds: seconds,
            token,
            refused_family: opened.refused_family,
            began: now,
            looked_at: now,
            sent: Traffic::default(),
            received: Traffic::default(),
        });
        // `open` has made sure that it fits.
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.allocations[index as usize].looked_at = self.wheel.add((index, made), expires);
        self.by_client.insert(request.client, index);
        self.tally.add(Count::Allocated, 1);
        Success::Allocated { index }
    }
}

/// The seconds in LIFETIME.
pub(super) fn asked_lifetime(message: &Message<'_>) -> Result<Option<u32>, Refusal> {
    let Some(value) = message.get(Attribute::LIFETIME) else {
        return Ok(None);
    };
    let value = value.try_into().map_err(|_| Refusal::BAD_REQUEST)?;
    Ok(Some(u32::from_be_bytes(value)))
}

/// The family in REQUESTED-ADDRESS-FAMILY or its like (RFC 8656 §18.5).
pub(super) fn asked_family(
    message: &Message<'_>,
    kind: Attribute,
) -> Result<Option<Family>, Refusal> {
    match message.get(kind) {
        None => Ok(None),
        Some(&[number, _, _, _]) => Family::from_number(number).map(Some).ok_or(Refusal::FAMILY),
        Some(_) => Err(Refusal::BAD_REQUEST),
    }
}

/// What is asked for, checked in the order of RFC 8656 §7.2.
fn read<'a>(message: &Message<'a>) -> Result<Wanted<'a>, Refusal> {
    match message.get(Attribute::REQUESTED_TRANSPORT) {
        Some(&[UDP, _, _, _]) => {}
        Some(&[_, _, _, _]) => return Err(Refusal::TRANSPORT),
        _ => return Err(Refusal::BAD_REQUEST),
    }
    if message
        .get(Attribute::DONT_FRAGMENT)
        .is_some_and(|value| !value.is_empty())
    {
        return Err(Refusal::BAD_REQUEST);
    }
    let parity = match message.get(Attribute::EVEN_PORT) {
        None => Parity::Any,
        Some(&[bits]) if bits & 0x80 != 0 => Parity::EvenPair,
        Some(&[_]) => Parity::Even,
        Some(_) => return Err(Refusal::BAD_REQUEST),
    };
    let has = |kind| message.get(kind).is_some();
    let (has_family, has_additional) = (
        has(Attribute::REQUESTED_ADDRESS_FAMILY),
        has(Attribute::ADDITIONAL_ADDRESS_FAMILY),
    );
    if let Some(token) = message.get(Attribute::RESERVATION_TOKEN) {
        let is_alone = parity == Parity::Any && !has_family && !has_additional;
        return if is_alone && token.len() == 8 {
            Ok(Wanted::Reserved(token))
        } else {
            Err(Refusal::BAD_REQUEST)
        };
    }
    if has_additional && (has_family || parity == Parity::EvenPair) {
        return Err(Refusal::BAD_REQUEST);
    }
    // IPv6 is the only family that can be additional (RFC 8656 §18.11).
    if has_additional
        && asked_family(message, Attribute::ADDITIONAL_ADDRESS_FAMILY) != Ok(Some(Family::Ipv6))
    {
        return Err(Refusal::BAD_REQUEST);
    }
    let family =
        asked_family(message, Attribute::REQUESTED_ADDRESS_FAMILY)?.unwrap_or(Family::Ipv4);
    Ok(Wanted::Fresh {
        family,
        has_additional,
        parity,
    })
}
