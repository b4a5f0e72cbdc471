//! The stories of what nodes share, told by the memory of a single one.

use std::sync::Arc;

use holdspace_domain::roster::RosterSettings;
use holdspace_domain::{SessionId, Timestamp};
use holdspace_store::{LimitStore, MemoryLimits, MemoryRooms, Options, Sqlite};
use tempfile::TempDir;

use crate::story::rooms::{Heard, Installation, Node};

struct OneNode {
    presence: Arc<Sqlite>,
    _directory: TempDir,
}

impl Installation for OneNode {
    async fn start(&self, in_progress: &[SessionId], now: Timestamp) -> Node {
        let heard = Arc::new(Heard::default());
        let settings = RosterSettings::default();
        let name = format!("{:?}", std::time::Instant::now());
        let rooms = MemoryRooms::new(settings, heard.clone(), self.presence.clone(), name);
        rooms.restore(in_progress, now).await.unwrap();
        Node {
            rooms: Arc::new(rooms),
            heard,
        }
    }
}

async fn one_node() -> OneNode {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("rooms.db");
    let presence = Sqlite::open(path.to_str().unwrap(), Options::default())
        .await
        .unwrap();
    OneNode {
        presence: Arc::new(presence),
        _directory: directory,
    }
}

async fn limits() -> Arc<dyn LimitStore> {
    Arc::new(MemoryLimits::default())
}

mod told {
    crate::story::story! { crate::memory::one_node:
        rooms {
            a_join_is_told_and_a_signal_is_passed_on
            rooms_do_not_hear_each_other
            of_many_joins_of_one_user_one_stays
            signals_of_one_sender_stay_in_order
            deadlines_are_kept_by_ticks
            places_are_kept_over_a_restart
            a_call_in_an_empty_room_is_reported_after_a_restart
            a_room_that_is_forgotten_is_not_kept
        }
    }
}

mod counted {
    crate::story::story! { crate::memory::limits:
        limits {
            of_many_hits_as_many_as_the_limit_are_allowed
            a_window_begins_with_its_first_hit
        }
    }
}
