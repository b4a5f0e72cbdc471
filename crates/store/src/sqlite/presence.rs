//! Rooms' presence, and which nodes are alive.

use std::time::Duration;

use async_trait::async_trait;
use holdspace_domain::{SessionId, Timestamp};
use sqlx::SqliteConnection;

use super::Sqlite;
use super::rows::Columns;
use super::writer::Write;
use crate::{Presence, PresenceStore, StoreError};

/// How long a silent node that keeps no room is remembered.
const NODE_LIFETIME: Duration = Duration::from_hours(24);

/// Takes along what is kept of nodes that have said nothing since this one began.
const FORGET: &str = "DELETE FROM presence WHERE session = ?1 AND (node = ?2 OR node IN
    (SELECT node FROM nodes WHERE alive_at <= (SELECT began_at FROM nodes WHERE node = ?2)))";

#[async_trait]
impl PresenceStore for Sqlite {
    async fn save_presence(
        &self,
        node: &str,
        rosters: &[(SessionId, String)],
        gone: &[SessionId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let save = Save {
            node: node.to_owned(),
            rosters: rosters.to_vec(),
            gone: gone.to_vec(),
            now,
        };
        self.writer.submit(save).await
    }

    async fn beat(&self, node: &str, now: Timestamp) -> Result<(), StoreError> {
        let beat = Beat {
            node: node.to_owned(),
            now,
        };
        self.writer.submit(beat).await
    }

    async fn load_presence(&self) -> Result<Vec<Presence>, StoreError> {
        let mut connection = self.reader.connection().await?;
        let rows = sqlx::query(
            "SELECT p.session, p.roster, p.node, n.alive_at
             FROM presence p JOIN nodes n USING (node)
             ORDER BY p.session, n.alive_at, p.rowid",
        )
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(Presence {
                    session: SessionId::from_bytes(columns.bytes()?),
                    roster: columns.take()?,
                    node: columns.take()?,
                    node_alive_at: columns.time()?,
                })
            })
            .collect()
    }
}

struct Save {
    node: String,
    rosters: Vec<(SessionId, String)>,
    gone: Vec<SessionId>,
    now: Timestamp,
}

#[async_trait]
impl Write for Save {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        mark_alive(connection, &self.node, self.now).await?;
        for (session, roster) in &self.rosters {
            sqlx::query("INSERT OR REPLACE INTO presence (session, roster, node) VALUES (?, ?, ?)")
                .bind(&session.as_bytes()[..])
                .bind(roster.as_str())
                .bind(self.node.as_str())
                .execute(&mut *connection)
                .await?;
        }
        for session in &self.gone {
            sqlx::query(FORGET)
                .bind(&session.as_bytes()[..])
                .bind(self.node.as_str())
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }
}

struct Beat {
    node: String,
    now: Timestamp,
}

#[async_trait]
impl Write for Beat {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        mark_alive(connection, &self.node, self.now).await?;
        sqlx::query(
            "DELETE FROM nodes WHERE alive_at < ?
             AND NOT EXISTS (SELECT 1 FROM presence p WHERE p.node = nodes.node)",
        )
        .bind(self.now.minus(NODE_LIFETIME).as_millis())
        .execute(connection)
        .await?;
        Ok(())
    }
}

async fn mark_alive(
    connection: &mut SqliteConnection,
    node: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO nodes (node, began_at, alive_at) VALUES (?1, ?2, ?2)
         ON CONFLICT (node) DO UPDATE SET alive_at = max(alive_at, excluded.alive_at)",
    )
    .bind(node)
    .bind(now.as_millis())
    .execute(connection)
    .await?;
    Ok(())
}
