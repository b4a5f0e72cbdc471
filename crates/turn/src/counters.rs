//! What is counted: by a shard in plain numbers, shown to others through atomics.
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counts {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// One thing that is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Count { $($(#[$doc])* $variant,)* }

        impl Count {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in metrics; refusals begin with `refused_`, packets that were not relayed with `dropped_`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

counts! {
    /// STUN Binding requests answered.
    Bindings => "bindings",
    /// Allocations made.
    Allocated => "allocated",
    /// Allocations that are gone, for whatever reason.
    Released => "released",
    /// Allocations that were gone because nobody refreshed them.
    Expired => "expired",
    /// Packets from clients to peers.
    SentPackets => "sent_packets",
    SentBytes => "sent_bytes",
    /// Packets from peers to clients.
    ReceivedPackets => "received_packets",
    ReceivedBytes => "received_bytes",
    /// ICMP messages told to clients.
    Icmp => "icmp",
    /// Sockets connected to the one peer that most goes to, where the system knows the way then.
    Connected => "connected",
    /// 401 to a request without credentials: the usual first step.
    Challenged => "challenged",
    /// 401 to wrong or unknown credentials.
    RefusedCredentials => "refused_credentials",
    RefusedStaleNonce => "refused_stale_nonce",
    RefusedBadRequest => "refused_bad_request",
    RefusedUnknownAttribute => "refused_unknown_attribute",
    /// 403 because what the credential was made for is over.
    RefusedOver => "refused_over",
    /// 403 because of the peer's address.
    RefusedPeer => "refused_peer",
    RefusedMismatch => "refused_mismatch",
    RefusedWrongUser => "refused_wrong_user",
    RefusedFamily => "refused_family",
    RefusedTransport => "refused_transport",
    RefusedUserQuota => "refused_user_quota",
    /// 508: too many allocations, permissions or channels, no port, no such reservation.
    RefusedCapacity => "refused_capacity",
    RefusedDraining => "refused_draining",
    /// Unauthenticated replies that were not sent, because the address had got its share.
    Unanswered => "unanswered",
    DroppedMalformed => "dropped_malformed",
    /// Data of a client without allocation, channel or permission.
    DroppedUnpermitted => "dropped_unpermitted",
    /// Data from a peer without permission.
    DroppedStranger => "dropped_stranger",
    /// Data to an address that is closed.
    DroppedPeer => "dropped_peer",
    DroppedBandwidth => "dropped_bandwidth",
    /// Data of a client that is not heard for a moment, as far as it was read: mostly the system drops it.
    DroppedFlood => "dropped_flood",
    /// Clients that were not heard for a moment, because they sent more than all others while not everything could be
    /// read.
    Silenced => "silenced",
    /// Data that the system, or a full connection, did not take.
    DroppedSend => "dropped_send",
}

const LENGTH: usize = Count::ALL.len();

/// What one shard has counted.
#[derive(Debug)]
pub(crate) struct Tally([u64; LENGTH]);

impl Tally {
    pub(crate) fn new() -> Self {
        Self([0; LENGTH])
    }

    pub(crate) fn add(&mut self, count: Count, number: u64) {
        self.0[count as usize] += number;
    }
}

/// Where a shard shows what it has counted.
#[derive(Debug)]
pub(crate) struct Board([AtomicU64; LENGTH]);

impl Board {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }

    pub(crate) fn show(&self, tally: &Tally) {
        for (shown, number) in self.0.iter().zip(tally.0) {
            shown.store(number, Ordering::Relaxed);
        }
    }
}

/// The numbers of all shards together, since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters([u64; LENGTH]);

impl Counters {
    pub(crate) fn sum<'a>(boards: impl IntoIterator<Item = &'a Board>) -> Self {
        let mut sum = [0; LENGTH];
        for board in boards {
            for (sum, shown) in sum.iter_mut().zip(&board.0) {
                *sum += shown.load(Ordering::Relaxed);
            }
        }
        Self(sum)
    }

    pub(crate) fn of(tally: &Tally) -> Self {
        Self(tally.0)
    }

    /// One of the numbers.
    pub fn get(&self, count: Count) -> u64 {
        self.0[count as usize]
    }

    /// Allocations that are there now.
    pub fn allocations(&self) -> u64 {
        self.get(Count::Allocated)
            .saturating_sub(self.get(Count::Released))
    }

    /// Every number with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Count::ALL
            .iter()
            .map(|count| (count.name(), self.get(*count)))
    }
}
