//! Looking at sessions: one, or pages of them.

use serde_json::json;

use crate::rest::house::{ADMIN, CLIENT, GUEST, House, PSYCHOLOGIST, STRANGER, UNKNOWN, lenient};

#[tokio::test]
async fn a_list_is_ones_own_latest_first_in_pages() {
    let house = House::open().await;
    let mut ids = Vec::new();
    for hour in [10, 12, 11, 12] {
        let fields = json!({"sessionDate": format!("2025-12-15T{hour}:00:00Z")});
        ids.push((hour, house.book_with(fields).await));
    }
    let others = json!({"client": STRANGER, "sessionDate": "2025-12-15T13:00:00Z"});
    ids.push((13, house.book_with(others).await));
    ids.sort();
    ids.reverse();
    let all: Vec<String> = ids.iter().map(|(_, id)| id.clone()).collect();
    assert_eq!(pages(&house, ADMIN, "").await, all);
    assert_eq!(pages(&house, PSYCHOLOGIST, "").await, all);
    assert_eq!(pages(&house, CLIENT, "").await, all[1..]);
    assert_eq!(pages(&house, STRANGER, "").await, all[..1]);
    assert_eq!(pages(&house, GUEST, "").await, [""; 0]);
    let from = "&from=2025-12-15T11:00:00Z&to=2025-12-15T13:00:00%2B01:00";
    assert_eq!(pages(&house, ADMIN, from).await, all[1..4]);
    assert_eq!(pages(&house, ADMIN, "&status=declined").await, [""; 0]);
    house.change(&all[2], json!({"status": "Declined"})).await;
    assert_eq!(pages(&house, ADMIN, "&status=declined").await, all[2..3]);
}

/// The ids of all pages, two a page.
async fn pages(house: &House, user: &str, filter: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    for _ in 0..10 {
        let path = format!("/sessions?limit=2{filter}{cursor}");
        let answer = house.get(&path).user(user).send().await;
        let sessions = answer.body["data"]["sessions"].as_array().unwrap();
        assert!(sessions.len() <= 2);
        ids.extend(
            sessions
                .iter()
                .map(|session| session["id"].as_str().unwrap().to_owned()),
        );
        match answer.body["data"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    ids
}

#[tokio::test]
async fn an_odd_query_is_refused() {
    let house = House::open().await;
    for (query, code) in [
        ("limit=0", "INVALID_REQUEST"),
        ("limit=101", "INVALID_REQUEST"),
        ("limit=-1", "INVALID_REQUEST"),
        ("limit=many", "INVALID_REQUEST"),
        ("limit=", "INVALID_REQUEST"),
        ("limit=1&limit=2", "INVALID_REQUEST"),
        ("status=done", "INVALID_REQUEST"),
        ("from=soon", "INVALID_TIME"),
        ("to=2025-12-15", "INVALID_TIME"),
        ("cursor=x", "INVALID_REQUEST"),
        ("cursor=%00", "INVALID_REQUEST"),
        ("page=2", "INVALID_REQUEST"),
    ] {
        let answer = house
            .get(&format!("/sessions?{query}"))
            .admin()
            .send()
            .await;
        answer.assert_refused(400, code);
    }
}

#[tokio::test]
async fn a_session_is_shown_to_its_people_and_to_admins() {
    let house = House::with(lenient()).await;
    let id = house.book_with(json!({"guests": [GUEST]})).await;
    for (caller, session, status, code) in [
        (CLIENT, &*id, 200, ""),
        (PSYCHOLOGIST, &*id, 200, ""),
        (GUEST, &*id, 200, ""),
        (ADMIN, &*id, 200, ""),
        (STRANGER, &*id, 401, "PERMISSION_DENIED"),
        (CLIENT, UNKNOWN, 404, "SESSION_NOT_FOUND"),
        (CLIENT, "x", 400, "INVALID_SESSION_ID"),
    ] {
        let answer = house
            .get(&format!("/sessions/{session}"))
            .user(caller)
            .send()
            .await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{caller} {session}"
        );
    }
}
