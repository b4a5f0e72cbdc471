//! Who was in which room, so that resume and auto-end survive a restart.

use async_trait::async_trait;
use holdspace_domain::{SessionId, Timestamp};

use crate::StoreError;

/// What is kept of one session's room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    pub session: SessionId,
    /// The roster as the room store wrote it (opaque here, JSON).
    pub roster: String,
    /// The process that keeps the room.
    pub node: String,
    /// When that process was last known to be alive.
    pub node_alive_at: Timestamp,
}

/// Keeps rooms' presence. Losing the last moments of it costs nobody anything but a new join.
#[async_trait]
pub trait PresenceStore: Send + Sync {
    /// Saves this node's rosters of the rooms given and forgets the sessions given, in one step. What
    /// other nodes keep of a forgotten session goes too, unless they were heard of since this one began.
    async fn save_presence(
        &self,
        node: &str,
        rosters: &[(SessionId, String)],
        gone: &[SessionId],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Notes that `node` is alive at `now`.
    async fn beat(&self, node: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Everything kept, of every node; of one session, what the node last heard of keeps comes last.
    async fn load_presence(&self) -> Result<Vec<Presence>, StoreError>;
}
