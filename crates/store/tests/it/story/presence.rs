//! Rooms' presence and the nodes that keep them.

use holdspace_domain::{SessionId, Timestamp};
use holdspace_store::Presence;

use super::{NOW, Stores, later};

fn room(number: u8) -> SessionId {
    SessionId::from_bytes([number; 12])
}

fn presence(number: u8, roster: &str, node: &str, node_alive_at: Timestamp) -> Presence {
    Presence {
        session: room(number),
        roster: roster.to_owned(),
        node: node.to_owned(),
        node_alive_at,
    }
}

pub(crate) async fn rosters_come_back_with_their_node(stores: Stores) {
    let rosters = [(room(1), "one".to_owned()), (room(2), "two".to_owned())];
    let saved = stores.one.save_presence("a", &rosters, &[], NOW);
    saved.await.unwrap();
    stores.one.beat("a", later(5)).await.unwrap();
    let kept = stores.other.load_presence().await.unwrap();
    let expected = [
        presence(1, "one", "a", later(5)),
        presence(2, "two", "a", later(5)),
    ];
    assert_eq!(kept, expected);
}

pub(crate) async fn each_node_keeps_its_own_roster_of_a_room(stores: Stores) {
    for (node, roster) in [("b", "old"), ("a", "new"), ("a", "newer")] {
        let rosters = [(room(1), roster.to_owned())];
        let saved = stores.one.save_presence(node, &rosters, &[], NOW);
        saved.await.unwrap();
    }
    let (a, b) = (presence(1, "newer", "a", NOW), presence(1, "old", "b", NOW));
    let kept = stores.other.load_presence().await.unwrap();
    assert_eq!(kept, [b.clone(), a.clone()]);
    // The one last heard of comes last.
    stores.other.beat("b", later(1)).await.unwrap();
    let b = presence(1, "old", "b", later(1));
    let kept = stores.one.load_presence().await.unwrap();
    assert_eq!(kept, [a.clone(), b.clone()]);
    // It is alive, so that nobody forgets its room for it.
    let sessions = [room(1)];
    let gone = stores.one.save_presence("a", &[], &sessions, later(2));
    gone.await.unwrap();
    assert_eq!(stores.other.load_presence().await.unwrap(), [b]);
}

pub(crate) async fn gone_rooms_are_forgotten(stores: Stores) {
    let rosters = [(room(1), "one".to_owned()), (room(2), "two".to_owned())];
    let saved = stores.one.save_presence("a", &rosters, &[], NOW);
    saved.await.unwrap();
    let rosters = [(room(3), "three".to_owned())];
    let gone = [room(1), room(2), room(9)];
    let saved = stores.other.save_presence("b", &rosters, &gone, NOW);
    saved.await.unwrap();
    let kept = stores.one.load_presence().await.unwrap();
    assert_eq!(kept, [presence(3, "three", "b", NOW)]);
}

pub(crate) async fn a_beat_never_goes_back(stores: Stores) {
    let rosters = [(room(1), "one".to_owned())];
    let saved = stores.one.save_presence("a", &rosters, &[], later(10));
    saved.await.unwrap();
    stores.other.beat("a", NOW).await.unwrap();
    let kept = stores.one.load_presence().await.unwrap();
    assert_eq!(kept, [presence(1, "one", "a", later(10))]);
}
