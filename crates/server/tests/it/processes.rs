//! Two processes on one database file: of everything that is asked for at both, one wins.

use std::collections::HashMap;
use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::plain_client::{Answer, Client};
use crate::practice::{self, LENIENT, Practice};
use crate::process::Server;
use crate::socket_client::SocketClient;

/// Half of them at each process.
const AT_ONCE: usize = 32;

/// The same request from many at once.
fn race(practice: &Practice, servers: &[Server; 2], path: &str, key: Option<&str>) -> Vec<Answer> {
    let barrier = Barrier::new(AT_ONCE);
    thread::scope(|scope| {
        let racers: Vec<_> = (0..AT_ONCE)
            .map(|index| {
                let address = servers[index % 2].address;
                // A key is its user's.
                let is_client = key.is_some() || index % 4 < 2;
                let token = if is_client {
                    &practice.client
                } else {
                    &practice.psychologist
                };
                let barrier = &barrier;
                scope.spawn(move || {
                    let mut client = Client::connect(address, token).unwrap();
                    barrier.wait();
                    client.call("POST", path, key, None).unwrap()
                })
            })
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    })
}

fn count(answers: &[Answer]) -> HashMap<(u16, &str), usize> {
    let mut counts = HashMap::new();
    for answer in answers {
        *counts.entry((answer.status, answer.code())).or_default() += 1;
    }
    counts
}

#[test]
fn one_start_one_end_and_one_room_win() {
    let practice = Practice::open();
    let servers = [practice.serve(), practice.serve()];
    let mut admin = Client::connect(servers[0].address, &practice.admin).unwrap();
    let mut beside = Client::connect(servers[1].address, &practice.admin).unwrap();
    for round in 0..3 {
        let id = practice::book(&mut admin, &format!("visit-{round}"));

        let rooms = race(
            &practice,
            &servers,
            &format!("/video-calls/generate-room/{id}"),
            None,
        );
        for room in &rooms {
            assert_eq!(room.status, 200, "{room:?}");
            assert_eq!(room.body["data"]["roomId"], rooms[0].body["data"]["roomId"]);
        }

        let starts = race(
            &practice,
            &servers,
            &format!("/video-calls/start/{id}"),
            None,
        );
        let expected = [((200, ""), 1), ((400, "CALL_ALREADY_STARTED"), AT_ONCE - 1)];
        assert_eq!(count(&starts), HashMap::from(expected));

        let ends = race(&practice, &servers, &format!("/video-calls/end/{id}"), None);
        let expected = [((200, ""), 1), ((422, "CALL_ALREADY_ENDED"), AT_ONCE - 1)];
        assert_eq!(count(&ends), HashMap::from(expected));

        let won = ends.iter().find(|answer| answer.status == 200).unwrap();
        let recorded = practice::stored(&mut admin, &id).unwrap();
        assert_eq!(recorded, practice::stored(&mut beside, &id).unwrap());
        for name in [
            "status",
            "videoCallStarted",
            "videoCallEnded",
            "callDuration",
        ] {
            assert_eq!(recorded[name], won.body["data"]["session"][name]);
        }
    }
}

#[test]
fn of_many_with_one_key_one_is_answered_and_the_rest_wait_or_replay() {
    let practice = Practice::open();
    let servers = [practice.serve(), practice.serve()];
    let mut admin = Client::connect(servers[0].address, &practice.admin).unwrap();
    for round in 0..3 {
        let id = practice::book(&mut admin, &format!("visit-{round}"));
        let path = format!("/video-calls/start/{id}");
        let answers = race(&practice, &servers, &path, Some("k"));
        let is_first = |answer: &&Answer| {
            answer.status == 200 && answer.header("idempotency-replayed").is_empty()
        };
        let firsts: Vec<&Answer> = answers.iter().filter(is_first).collect();
        assert_eq!(firsts.len(), 1, "{answers:?}");
        for answer in &answers {
            match answer.status {
                200 => assert_eq!(answer.body, firsts[0].body),
                _ => assert_eq!(
                    (answer.status, answer.code()),
                    (409, "IDEMPOTENCY_IN_FLIGHT")
                ),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_room_is_occupied_at_one_process_is_not_ended_by_the_other() {
    let practice = Practice::open();
    let occupied = practice.serve();
    let mut admin = Client::connect(occupied.address, &practice.admin).unwrap();
    let (id, room) = started(&mut admin, "occupied");
    let auth = json!({"token": practice.client});
    let mut socket = SocketClient::connect(occupied.address, auth).await.unwrap();
    socket.emit("join-room", &json!({"roomId": room})).await;
    socket.expect("room-joined").await;

    let hasty = [&LENIENT[..3], &[("HOLDSPACE_ROOM__AUTO_END_SECONDS", "1")]].concat();
    let other = Server::start(practice.folder(), "serve", &hasty);
    let mut beside = Client::connect(other.address, &practice.admin).unwrap();
    // Nobody comes to this one; it is due later than the other.
    let (abandoned, _) = started(&mut beside, "abandoned");
    let line = other.line_with("an abandoned call was ended");
    assert!(line.contains(&abandoned), "{line}");

    for client in [&mut admin, &mut beside] {
        let status =
            |client: &mut Client, id| practice::stored(client, id).unwrap()["status"].clone();
        assert_eq!(status(client, &id), "In Progress");
        assert_eq!(status(client, &abandoned), "Completed");
    }
    socket.expect_silence().await;
}

/// A call that has started, and its room.
fn started(admin: &mut Client, external_id: &str) -> (String, Value) {
    let (id, room) = practice::book_with_room(admin, external_id);
    let start = admin
        .call("POST", &format!("/video-calls/start/{id}"), None, None)
        .unwrap();
    assert_eq!(start.status, 200, "{start:?}");
    (id, room)
}
