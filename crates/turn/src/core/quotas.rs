//! What one user, and all together, may have.
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::rules::Rules;
use crate::stun::ErrorCode;
use crate::time::Moment;

/// How much of the bandwidth may come at once, as time of the whole of it.
const BURST_NANOS: u64 = 500_000_000;

/// A user with at least one allocation.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) user: Box<str>,
    /// When what was relayed so far will have been paid for, in nanoseconds since the start (a leaky bucket).
    paid_until: AtomicU64,
}

#[derive(Debug, Default)]
struct Table {
    owners: HashMap<Box<str>, (Arc<Owner>, u32)>,
    total: u32,
}

#[derive(Debug)]
pub(super) struct Quotas {
    allocations_max: u32,
    per_user_max: u32,
    nanos_per_byte: Option<f64>,
    table: Mutex<Table>,
}

impl Quotas {
    #[allow(
        clippy::cast_precision_loss,
        reason = "a rate to 53 bits is exact enough"
    )]
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            allocations_max: rules.allocations_max,
            per_user_max: rules.allocations_per_user_max,
            nanos_per_byte: rules
                .bytes_per_second_per_user_max
                .map(|rate| 1e9 / rate.max(1) as f64),
            table: Mutex::default(),
        }
    }

    /// Counts one more allocation of `user`.
    pub(super) fn take(&self, user: &str) -> Result<Arc<Owner>, ErrorCode> {
        let mut table = self.table.lock();
        let has = table.owners.get(user).map_or(0, |(_, count)| *count);
        if has >= self.per_user_max {
            return Err(ErrorCode::AllocationQuotaReached);
        }
        if table.total >= self.allocations_max {
            return Err(ErrorCode::InsufficientCapacity);
        }
        table.total += 1;
        let (owner, count) = table.owners.entry(user.into()).or_insert_with(|| {
            let owner = Owner {
                user: user.into(),
                paid_until: AtomicU64::new(0),
            };
            (Arc::new(owner), 0)
        });
        *count += 1;
        Ok(owner.clone())
    }

    pub(super) fn give_back(&self, owner: &Owner) {
        let mut table = self.table.lock();
        table.total = table.total.saturating_sub(1);
        if let Some((_, count)) = table.owners.get_mut(&owner.user) {
            *count -= 1;
            if *count == 0 {
                table.owners.remove(&owner.user);
            }
        }
    }

    /// Counts bytes of a user's packet; false when it must be dropped.
    pub(super) fn admit(&self, owner: &Owner, bytes: usize, now: Moment) -> bool {
        let Some(nanos_per_byte) = self.nanos_per_byte else {
            return true;
        };
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most 64 KiB, at a rate above zero; a cast of a float saturates"
        )]
        let cost = (bytes as f64 * nanos_per_byte) as u64;
        let now = now.as_millis() * 1_000_000;
        let paid = owner
            .paid_until
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |until| {
                let until = until.max(now).saturating_add(cost);
                (until - now <= BURST_NANOS.max(cost)).then_some(until)
            });
        paid.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_and_all_together_have_their_limit() {
        let rules = Rules {
            allocations_max: 3,
            allocations_per_user_max: 2,
            ..Rules::default()
        };
        let quotas = Quotas::new(&rules);
        let first = quotas.take("alice").unwrap();
        let second = quotas.take("alice").unwrap();
        assert_eq!(
            quotas.take("alice").unwrap_err(),
            ErrorCode::AllocationQuotaReached
        );
        let third = quotas.take("bob").unwrap();
        assert_eq!(
            quotas.take("carol").unwrap_err(),
            ErrorCode::InsufficientCapacity
        );
        for owner in [first, second, third] {
            quotas.give_back(&owner);
        }
        assert!(quotas.table.lock().owners.is_empty());
        assert!(quotas.take("carol").is_ok());
    }

    #[test]
    fn a_user_gets_the_rate_and_half_a_second_of_it_at_once() {
        let rules = Rules {
            bytes_per_second_per_user_max: Some(100_000),
            ..Rules::default()
        };
        let quotas = Quotas::new(&rules);
        let owner = quotas.take("alice").unwrap();
        let mut passed = 0_usize;
        for millis in 0..10_000 {
            for _ in 0..10 {
                passed += usize::from(quotas.admit(&owner, 1000, Moment::from_millis(millis)));
            }
        }
        assert!((1000..=1051).contains(&passed), "{passed}");
    }
}
