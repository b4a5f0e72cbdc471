//! Whether the store works.

use async_trait::async_trait;

use crate::StoreError;

/// Answers readiness probes.
#[async_trait]
pub trait Health: Send + Sync {
    /// Fails unless the store can be read and written right now. Cheap enough to be asked often: what
    /// was seen to work less than a second ago, and has not failed since, is not tried again.
    async fn ping(&self) -> Result<(), StoreError>;
}
