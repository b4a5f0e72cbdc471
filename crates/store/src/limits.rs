//! Fixed-window counters shared by all that serve the same people.

mod memory;

pub use memory::MemoryLimits;

use async_trait::async_trait;
use holdspace_domain::{Timestamp, Verdict};

use crate::StoreError;

/// Counts hits in fixed windows of 60 s, each from its first hit (SPEC row 18).
#[async_trait]
pub trait LimitStore: Send + Sync {
    /// Counts one hit of `subject` against `limit` (> 0) and says how it stands.
    async fn hit(&self, subject: &str, limit: u32, now: Timestamp) -> Result<Verdict, StoreError>;
}
