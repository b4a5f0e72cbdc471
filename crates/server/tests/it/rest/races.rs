//! Many at once, on one server and on two that share a database: one wins (SPEC row 16).

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::client::Reply;
use super::house::{CLIENT, DATE, House, PSYCHOLOGIST};

const AT_ONCE: usize = 32;

/// One server, and two on one database.
async fn houses() -> Vec<Vec<Arc<House>>> {
    let alone = Arc::new(House::open().await);
    let first = Arc::new(House::open().await);
    let second = Arc::new(first.beside().await);
    vec![vec![alone], vec![first, second]]
}

/// The same request from many at once, by client and psychologist in turn, spread over the servers.
async fn race(houses: &[Arc<House>], path: &str, key: Option<&'static str>) -> Vec<Reply> {
    let mut racers = JoinSet::new();
    for index in 0..AT_ONCE {
        let house = Arc::clone(&houses[index % houses.len()]);
        let path = path.to_owned();
        racers.spawn(async move {
            let is_client = key.is_some() || index % 4 < 2;
            let user = if is_client { CLIENT } else { PSYCHOLOGIST };
            let mut call = house.post(&path).user(user);
            if let Some(key) = key {
                call = call.key(key);
            }
            call.send().await
        });
    }
    racers.join_all().await
}

fn count(replies: &[Reply]) -> HashMap<(u16, &str), usize> {
    let mut counts = HashMap::new();
    for reply in replies {
        *counts.entry((reply.status, reply.code())).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_16_one_start_and_one_end_win() {
    for houses in houses().await {
        let id = houses[0].book().await;
        let starts = race(&houses, &format!("/video-calls/start/{id}"), None).await;
        let expected = [((200, ""), 1), ((400, "CALL_ALREADY_STARTED"), AT_ONCE - 1)];
        assert_eq!(count(&starts), HashMap::from(expected));
        houses[0].set_clock(60);
        let ends = race(&houses, &format!("/video-calls/end/{id}"), None).await;
        let expected = [((200, ""), 1), ((422, "CALL_ALREADY_ENDED"), AT_ONCE - 1)];
        assert_eq!(count(&ends), HashMap::from(expected));
        houses[0].set_clock(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_10_one_room_is_made_whoever_asks() {
    for houses in houses().await {
        let id = houses[0].book().await;
        let rooms = race(&houses, &format!("/video-calls/generate-room/{id}"), None).await;
        let first = rooms[0].text("/data/roomId");
        for room in &rooms {
            assert_eq!(
                (room.status, room.text("/data/roomId")),
                (200, first.clone())
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_14_of_many_with_one_key_one_is_answered_and_the_rest_wait_or_replay() {
    for houses in houses().await {
        let id = houses[0].book().await;
        let replies = race(&houses, &format!("/video-calls/start/{id}"), Some("k")).await;
        let firsts = replies
            .iter()
            .filter(|reply| reply.status == 200 && reply.header("idempotency-replayed").is_empty());
        let first: Vec<&Reply> = firsts.collect();
        assert_eq!(first.len(), 1);
        for reply in &replies {
            match reply.status {
                200 => assert_eq!(reply.bytes, first[0].bytes),
                _ => reply.assert_refused(409, "IDEMPOTENCY_IN_FLIGHT"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_is_booked_by_external_id() {
    for houses in houses().await {
        let mut racers = JoinSet::new();
        for index in 0..AT_ONCE {
            let house = Arc::clone(&houses[index % houses.len()]);
            racers.spawn(async move {
                let body = json!({
                    "client": {"name": "New Client", "email": "new@example.com"},
                    "psychologist": PSYCHOLOGIST,
                    "sessionDate": DATE,
                    "externalId": "order-1",
                });
                house.post("/sessions").admin().json(&body).send().await
            });
        }
        let replies = racers.join_all().await;
        assert_eq!(
            count(&replies),
            HashMap::from([((201, ""), 1), ((200, ""), AT_ONCE - 1)])
        );
        let id = replies[0].text("/data/session/id");
        for reply in &replies {
            assert_eq!(reply.text("/data/session/id"), id);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_starts_and_cancellations_holds() {
    for houses in houses().await {
        let id = houses[0].book().await;
        let mut racers = JoinSet::new();
        for index in 0..AT_ONCE {
            let house = Arc::clone(&houses[index % houses.len()]);
            let id = id.clone();
            racers.spawn(async move {
                if index % 2 == 0 {
                    let call = house.patch(&format!("/sessions/{id}")).admin();
                    call.json(&json!({"status": "Declined"})).send().await
                } else {
                    let call = house.post(&format!("/video-calls/start/{id}"));
                    call.user(CLIENT).send().await
                }
            });
        }
        let replies = racers.join_all().await;
        let counts = count(&replies);
        let started = counts.contains_key(&(400, "CALL_ALREADY_STARTED"));
        let expected = if started {
            [
                ((200, ""), 1),
                ((400, "CALL_ALREADY_STARTED"), 15),
                ((409, "INVALID_TRANSITION"), 16),
            ]
            .into()
        } else {
            HashMap::from([((200, ""), 16), ((422, "SESSION_DECLINED"), 16)])
        };
        assert_eq!(counts, expected);
    }
}
