//! Refresh (RFC 8656 §8).
use std::collections::VecDeque;
use std::time::Duration;

use super::allocate::{asked_family, asked_lifetime};
use super::reply::{Refusal, Request, Success};
use super::{Client, Core, Sockets};
use crate::stun::{Attribute, Family, TransactionId};
use crate::time::Moment;

/// How long a request may be sent again (RFC 8489 §6.2.1 comes to 39.5 s).
const REMEMBERED: Duration = Duration::from_secs(40);
/// Only authenticated requests are remembered, and no more than this many.
const REMEMBERED_MAX: usize = 256;

/// Who asked for an end lately: the same request again gets the same answer, not that there is nothing.
#[derive(Debug, Default)]
pub(super) struct Farewells(VecDeque<(Client, TransactionId, Moment)>);

impl Farewells {
    fn add(&mut self, client: Client, transaction: TransactionId, now: Moment) {
        if self.0.len() == REMEMBERED_MAX {
            self.0.pop_front();
        }
        self.0.push_back((client, transaction, now + REMEMBERED));
    }

    fn has(&self, client: &Client, transaction: TransactionId, now: Moment) -> bool {
        self.0
            .iter()
            .any(|(who, what, until)| who == client && *what == transaction && *until > now)
    }

    pub(super) fn forget(&mut self, now: Moment) {
        while self.0.front().is_some_and(|(_, _, until)| *until <= now) {
            self.0.pop_front();
        }
    }
}

impl Core {
    pub(super) fn refresh(
        &mut self,
        request: &Request<'_>,
        sockets: &mut dyn Sockets,
    ) -> Result<Success, Refusal> {
        let asked = asked_lifetime(&request.message)?;
        let family = asked_family(&request.message, Attribute::REQUESTED_ADDRESS_FAMILY)?;
        let (transaction, now) = (request.message.transaction(), request.now);
        let is_repeated = asked == Some(0) && self.farewells.has(&request.client, transaction, now);
        let index = match self.own_allocation(request) {
            Err(Refusal::MISMATCH) if is_repeated => return Ok(Success::Refreshed { seconds: 0 }),
            found => found?,
        };
        if is_repeated {
            // It ended one of two addresses, or an allocation before this one.
            return Ok(Success::Refreshed { seconds: 0 });
        }
        if family.is_some_and(|family| {
            self.allocations[index as usize]
                .bound(family, now)
                .is_none()
        }) {
            return Err(Refusal::PEER_FAMILY);
        }
        if asked == Some(0) {
            self.end(index, family, now, sockets);
            self.farewells.add(request.client, transaction, now);
            return Ok(Success::Refreshed { seconds: 0 });
        }
        let seconds = self.granted_seconds(asked, request);
        self.prolong(
            index,
            family,
            now + Duration::from_secs(seconds.into()),
            now,
        );
        Ok(Success::Refreshed { seconds })
    }

    /// The allocation of this client, if it is this user's (RFC 8656 §5).
    pub(super) fn own_allocation(&mut self, request: &Request<'_>) -> Result<u32, Refusal> {
        let index = self
            .find(&request.client, request.now)
            .ok_or(Refusal::MISMATCH)?;
        let is_own = *self.allocations[index as usize].username == *request.identity.username;
        if is_own {
            Ok(index)
        } else {
            Err(Refusal::WRONG_USER)
        }
    }

    /// Ends the addresses of one family, or of both; with the last of them the allocation.
    fn end(&mut self, index: u32, family: Option<Family>, now: Moment, sockets: &mut dyn Sockets) {
        let allocation = &mut self.allocations[index as usize];
        if let Some(family) = family
            && let Some(bound) = allocation.relays[family.index()].take()
        {
            let is_last = allocation.expires() <= now;
            self.close_relay(bound, sockets);
            if !is_last {
                return;
            }
        }
        self.release(index, now, sockets);
    }

    fn prolong(&mut self, index: u32, family: Option<Family>, expires: Moment, now: Moment) {
        let allocation = &mut self.allocations[index as usize];
        for bound in allocation.relays.iter_mut().flatten() {
            let is_meant = family.is_none_or(|family| family == Family::of(bound.address.ip()));
            // What has expired stays so, though it is freed with the rest.
            if is_meant && bound.expires > now {
                bound.expires = expires;
            }
        }
        if allocation.expires() < allocation.looked_at {
            let entry = (index, allocation.made);
            allocation.looked_at = self.wheel.add(entry, allocation.expires());
        }
    }
}
