//! Random histories of many rooms against a model: nothing that anybody sends reaches a socket that is
//! not in the sender's room, and everything else arrives once and in order.

use std::collections::HashMap;

use holdspace_domain::UserId;
use serde_json::json;

use super::house::{CLIENT, House, PSYCHOLOGIST, STRANGER, lenient};
use crate::socket_client::SocketClient;

const PEOPLE: [UserId; 3] = [CLIENT, PSYCHOLOGIST, STRANGER];

/// A small deterministic generator (`SplitMix64`), so that a failing seed can be replayed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((mixed ^ (mixed >> 27)) % sides as u64).unwrap()
    }
}

struct Player {
    socket: SocketClient,
    user: usize,
    /// The room it is in, by the model.
    room: Option<usize>,
    /// What it must receive, by the model.
    inbox: Vec<String>,
}

#[tokio::test]
async fn nothing_that_is_sent_in_a_room_reaches_a_socket_outside_it() {
    for seed in 0..6 {
        history(seed).await;
    }
}

async fn history(seed: u64) {
    let mut config = lenient();
    config.signaling.events_per_second = 0;
    let house = House::with(config).await;
    let mut dice = Dice(seed);
    // Every pair of the three has a session, so that one person is in several rooms over time.
    let mut rooms = Vec::new();
    for (client, psychologist) in [(0, 1), (1, 2), (2, 0)] {
        let booked = house.book_as(|session| {
            session.client = PEOPLE[client];
            session.psychologist = PEOPLE[psychologist];
        });
        rooms.push((booked.await.1, [client, psychologist]));
    }
    let mut players = Vec::new();
    for index in 0..9 {
        let user = index % 3;
        let socket = house.connect(PEOPLE[user]).await;
        players.push(Player {
            socket,
            user,
            room: None,
            inbox: Vec::new(),
        });
    }
    for step in 0..200 {
        let acting = dice.roll(players.len());
        match dice.roll(8) {
            0 => join(&mut players, acting, dice.roll(3), &rooms).await,
            1 => leave(&mut players, acting, &rooms).await,
            _ => {
                let receiver = dice.roll(players.len());
                signal(&mut players, acting, receiver, step).await;
            }
        }
    }
    for player in &mut players {
        let received: Vec<String> = player
            .socket
            .drain()
            .await
            .into_iter()
            .filter_map(note)
            .collect();
        assert_eq!(received, player.inbox, "seed {seed}");
    }
}

fn note((name, payload): (String, serde_json::Value)) -> Option<String> {
    (name == "ice-candidate").then(|| payload["candidate"].as_str().unwrap().to_owned())
}

async fn join(players: &mut [Player], acting: usize, room: usize, rooms: &[(String, [usize; 2])]) {
    let (id, booked) = &rooms[room];
    let player = &mut players[acting];
    let answer = player
        .socket
        .ask("join-room", &json!({ "roomId": id }))
        .await;
    assert_eq!(answer["success"], booked.contains(&player.user));
    if answer["success"] == false {
        return;
    }
    let user = player.user;
    for other in players.iter_mut() {
        if other.user == user && other.room == Some(room) {
            other.room = None;
        }
    }
    players[acting].room = Some(room);
}

async fn leave(players: &mut [Player], acting: usize, rooms: &[(String, [usize; 2])]) {
    let player = &mut players[acting];
    let room = player.room.take();
    let id = room.map_or("room-none", |room| &rooms[room].0);
    let answer = player
        .socket
        .ask("leave-room", &json!({ "roomId": id }))
        .await;
    assert_eq!(answer["success"], room.is_some());
}

async fn signal(players: &mut [Player], acting: usize, receiver: usize, step: usize) {
    let text = format!("{step} from {acting} to {receiver}");
    let request = json!({ "candidate": text, "to": players[receiver].socket.id });
    let answer = players[acting].socket.ask("ice-candidate", &request).await;
    let (from, to) = (players[acting].room, players[receiver].room);
    let is_allowed = acting != receiver && from.is_some() && from == to;
    assert_eq!(answer["success"], is_allowed, "{text}: {from:?} {to:?}");
    if is_allowed {
        players[receiver].inbox.push(text);
    }
}

/// The ids under which sockets are known say nothing of one another.
#[tokio::test]
async fn socket_ids_are_all_different() {
    let house = House::open().await;
    let mut seen = HashMap::new();
    for number in 0..50 {
        let socket = house.connect(CLIENT).await;
        assert_eq!(socket.id.len(), 20);
        assert!(seen.insert(socket.id.clone(), number).is_none());
    }
}
