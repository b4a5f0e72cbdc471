//! What can go wrong with a store.

/// A failure of the store itself. Answers that a caller must tell apart are return values instead.
/// No text of it ever holds what was to be stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or written now (busy, full, gone); trying later may work.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was read is not what this version writes.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
    /// The write contradicts what is stored, such as a booking of somebody unknown: a caller's mistake.
    #[error("the store refused a write: {0}")]
    Refused(&'static str),
}
