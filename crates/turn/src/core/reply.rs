//! From a request to its response: what all of them have in common, and how refusals are told and counted.
use super::authentication::{ALGORITHMS, Denial, Identity, Sealing};
use super::reservations::Token;
use super::{Action, Client, Core, Sockets, Transport};
use crate::counters::Count;
use crate::credentials::Standing;
use crate::stun::{Attribute, Class, ErrorCode, Family, Message, Method, Writer};
use crate::time::Moment;

/// A request whose sender is known.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) client: Client,
    pub(super) message: Message<'a>,
    pub(super) identity: Identity<'a>,
    pub(super) now: Moment,
}

/// What a request that is granted is answered with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Success {
    Allocated { index: u32 },
    Refreshed { seconds: u32 },
    Permitted,
}

/// Why an authenticated request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: ErrorCode,
    pub(super) count: Count,
}

impl Refusal {
    pub(super) const BAD_REQUEST: Self = Self::new(ErrorCode::BadRequest, Count::RefusedBadRequest);
    pub(super) const UNKNOWN: Self =
        Self::new(ErrorCode::UnknownAttribute, Count::RefusedUnknownAttribute);
    pub(super) const OVER: Self = Self::new(ErrorCode::Forbidden, Count::RefusedOver);
    pub(super) const PEER: Self = Self::new(ErrorCode::Forbidden, Count::RefusedPeer);
    pub(super) const MISMATCH: Self =
        Self::new(ErrorCode::AllocationMismatch, Count::RefusedMismatch);
    pub(super) const WRONG_USER: Self =
        Self::new(ErrorCode::WrongCredentials, Count::RefusedWrongUser);
    pub(super) const FAMILY: Self =
        Self::new(ErrorCode::AddressFamilyNotSupported, Count::RefusedFamily);
    pub(super) const PEER_FAMILY: Self =
        Self::new(ErrorCode::PeerAddressFamilyMismatch, Count::RefusedFamily);
    pub(super) const TRANSPORT: Self =
        Self::new(ErrorCode::UnsupportedTransport, Count::RefusedTransport);
    pub(super) const USER_QUOTA: Self =
        Self::new(ErrorCode::AllocationQuotaReached, Count::RefusedUserQuota);
    pub(super) const CAPACITY: Self =
        Self::new(ErrorCode::InsufficientCapacity, Count::RefusedCapacity);
    pub(super) const DRAINING: Self =
        Self::new(ErrorCode::InsufficientCapacity, Count::RefusedDraining);
    pub(super) const ELSEWHERE: Self = Self::new(ErrorCode::TryAlternate, Count::RefusedDraining);

    const fn new(code: ErrorCode, count: Count) -> Self {
        Self { code, count }
    }
}

impl Core {
    /// Answers a Binding request (RFC 8489 §12), which needs no authentication.
    pub(super) fn binding(
        &mut self,
        client: &Client,
        message: &Message<'_>,
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Action<'static> {
        let unknown = self.unknown_attributes(message);
        if !unknown.is_empty() {
            return self.deny(
                client,
                message,
                now,
                out,
                Refusal::UNKNOWN,
                None,
                |writer, _| {
                    writer.attribute(Attribute::UNKNOWN_ATTRIBUTES, &unknown);
                },
            );
        }
        self.tally.add(Count::Bindings, 1);
        let mut writer = Writer::new(out, Class::Success, Method::Binding, message.transaction());
        writer.xor_address(Attribute::XOR_MAPPED_ADDRESS, client.address);
        self.close(writer, message, None)
    }

    /// Answers any other request.
    pub(super) fn request(
        &mut self,
        client: &Client,
        message: &Message<'_>,
        method: Method,
        now: Moment,
        sockets: &mut dyn Sockets,
        out: &mut Vec<u8>,
    ) -> Action<'static> {
        if matches!(method, Method::Send | Method::Data) {
            return Action::Nothing;
        }
        let identity = match self.authenticate(client, message, now) {
            Ok(identity) => identity,
            Err(denial) => return self.deny_access(client, message, now, out, &denial),
        };
        let request = Request {
            client: *client,
            message: *message,
            identity,
            now,
        };
        let outcome = self.grant(&request, method, sockets);
        self.answer(&request, outcome, out)
    }

    fn grant(
        &mut self,
        request: &Request<'_>,
        method: Method,
        sockets: &mut dyn Sockets,
    ) -> Result<Success, Refusal> {
        if request.identity.standing == Standing::Over {
            return Err(Refusal::OVER);
        }
        if !self.unknown_attributes(&request.message).is_empty() {
            return Err(Refusal::UNKNOWN);
        }
        match method {
            Method::Allocate => self.allocate(request, sockets),
            Method::Refresh => self.refresh(request, sockets),
            Method::CreatePermission => self.create_permission(request),
            _ => self.channel_bind(request),
        }
    }

    fn answer(
        &mut self,
        request: &Request<'_>,
        outcome: Result<Success, Refusal>,
        out: &mut Vec<u8>,
    ) -> Action<'static> {
        let message = &request.message;
        let class = if outcome.is_ok() {
            Class::Success
        } else {
            Class::Error
        };
        let mut writer = Writer::new(out, class, message.method(), message.transaction());
        match outcome {
            Ok(Success::Allocated { index }) => self.write_allocated(index, &mut writer),
            Ok(Success::Refreshed { seconds }) => {
                writer.number(Attribute::LIFETIME, seconds);
            }
            Ok(Success::Permitted) => {}
            Err(refusal) => {
                self.tally.add(refusal.count, 1);
                writer.error(Attribute::ERROR_CODE, 0, refusal.code);
                self.write_details(request, refusal, &mut writer);
            }
        }
        self.close(writer, message, Some(&request.identity.sealing))
    }

    fn write_allocated(&self, index: u32, writer: &mut Writer<'_>) {
        let allocation = &self.allocations[index as usize];
        for bound in allocation.relays.iter().flatten() {
            writer.xor_address(Attribute::XOR_RELAYED_ADDRESS, bound.address);
        }
        writer.number(Attribute::LIFETIME, allocation.granted_seconds);
        if let Some(token) = &allocation.token {
            let token: &Token = token;
            writer.attribute(Attribute::RESERVATION_TOKEN, token);
        }
        writer.xor_address(Attribute::XOR_MAPPED_ADDRESS, allocation.client.address);
        if let Some((family, code)) = allocation.refused_family {
            writer.error(Attribute::ADDRESS_ERROR_CODE, family as u8, code);
        }
    }

    fn write_details(&self, request: &Request<'_>, refusal: Refusal, writer: &mut Writer<'_>) {
        match refusal.code {
            ErrorCode::UnknownAttribute => {
                writer.attribute(
                    Attribute::UNKNOWN_ATTRIBUTES,
                    &self.unknown_attributes(&request.message),
                );
            }
            ErrorCode::TryAlternate => {
                if let Some(alternate) = self.alternate(&request.client) {
                    writer.address(Attribute::ALTERNATE_SERVER, alternate);
                }
            }
            _ => {}
        }
    }

    /// Where this client could go instead: an address of its own family (RFC 8489 §14.15).
    pub(super) fn alternate(&self, client: &Client) -> Option<std::net::SocketAddr> {
        let family = Family::of(client.address.ip());
        let alternates = &self.shared.rules.alternates;
        alternates
            .iter()
            .copied()
            .find(|alternate| Family::of(alternate.ip()) == family)
    }

    fn deny_access(
        &mut self,
        client: &Client,
        message: &Message<'_>,
        now: Moment,
        out: &mut Vec<u8>,
        denial: &Denial,
    ) -> Action<'static> {
        let (code, count, sealing) = match denial {
            Denial::Invalid => (ErrorCode::BadRequest, Count::RefusedBadRequest, None),
            Denial::Challenge => (ErrorCode::Unauthorized, Count::Challenged, None),
            Denial::Wrong => (ErrorCode::Unauthorized, Count::RefusedCredentials, None),
            Denial::Stale(sealing) => (
                ErrorCode::StaleNonce,
                Count::RefusedStaleNonce,
                Some(sealing),
            ),
        };
        let has_challenge = code != ErrorCode::BadRequest;
        self.deny(
            client,
            message,
            now,
            out,
            Refusal { code, count },
            sealing,
            |writer, core| {
                if has_challenge {
                    let nonce = core.shared.nonces.make(client, now);
                    writer.attribute(Attribute::REALM, core.shared.rules.realm.as_bytes());
                    writer.attribute(Attribute::NONCE, &nonce);
                    writer.attribute(Attribute::PASSWORD_ALGORITHMS, &ALGORITHMS);
                }
            },
        )
    }

    /// Refuses somebody who may have forged his address: only so often, where an address can be forged.
    #[allow(clippy::too_many_arguments, reason = "what a refusal consists of")]
    fn deny(
        &mut self,
        client: &Client,
        message: &Message<'_>,
        now: Moment,
        out: &mut Vec<u8>,
        refusal: Refusal,
        sealing: Option<&Sealing>,
        details: impl FnOnce(&mut Writer<'_>, &Self),
    ) -> Action<'static> {
        if client.transport == Transport::Udp
            && !self.shared.challenges.admit(client.address.ip(), now)
        {
            self.tally.add(Count::Unanswered, 1);
            return Action::Nothing;
        }
        self.tally.add(refusal.count, 1);
        let mut writer = Writer::new(out, Class::Error, message.method(), message.transaction());
        writer.error(Attribute::ERROR_CODE, 0, refusal.code);
        details(&mut writer, self);
        self.close(writer, message, sealing)
    }

    fn close(
        &self,
        mut writer: Writer<'_>,
        message: &Message<'_>,
        sealing: Option<&Sealing>,
    ) -> Action<'static> {
        if let Some(software) = &self.shared.rules.software {
            writer.attribute(Attribute::SOFTWARE, software.as_bytes());
        }
        if let Some(Sealing { seal, key }) = sealing {
            writer.seal(*seal, key);
        }
        if message.has_fingerprint() {
            writer.fingerprint();
        }
        writer.finish();
        Action::Reply
    }

    /// The types of attributes that must be understood and are not (RFC 8489 §6.3.1), as UNKNOWN-ATTRIBUTES lists them.
    pub(super) fn unknown_attributes(&self, message: &Message<'_>) -> Vec<u8> {
        let can_forbid_fragments = self.shared.rules.can_forbid_fragments;
        message
            .attributes()
            .map(|(kind, _)| kind)
            .filter(|kind| kind.is_comprehension_required())
            .filter(|kind| {
                !kind.is_known() || (*kind == Attribute::DONT_FRAGMENT && !can_forbid_fragments)
            })
            .flat_map(|kind| kind.0.to_be_bytes())
            .collect()
    }
}
