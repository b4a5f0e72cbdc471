//! A store that cannot write: 503, and nothing half done.

use serde_json::json;

use super::client::Reply;
use super::house::House;

/// Room for the schema and a few people.
const PAGES: u32 = 60;

fn store(house: &House, number: usize) -> impl Future<Output = Reply> {
    let user = json!({
        "name": "x".repeat(200),
        "email": format!("{number}@{}", "x".repeat(200)),
        "role": "client",
    });
    let key = format!("key {number}");
    house.post("/users").admin().key(&key).json(&user).send()
}

#[tokio::test]
async fn a_full_disk_is_answered_503_and_nothing_is_half_done() {
    let house = House::on_small_disk(PAGES).await;
    let mut stored = Vec::new();
    let refused = loop {
        assert!(stored.len() < 10_000, "the disk does not fill");
        let reply = store(&house, stored.len()).await;
        if reply.status != 201 {
            break reply;
        }
        stored.push(reply.text("/data/user/id"));
    };
    refused.assert_refused(503, "SERVICE_UNAVAILABLE");
    assert_eq!(refused.header("retry-after"), "1");
    assert!(!stored.is_empty());
    // Reading goes on, and knows everything that was acknowledged.
    for id in &stored {
        let user = house.get(&format!("/users/{id}")).admin().send().await;
        assert_eq!(user.status, 200);
    }
    // A 503 is not kept: the same request is tried again, whatever comes of it.
    let again = store(&house, stored.len()).await;
    assert_eq!(again.header("idempotency-replayed"), "");
    assert!([201, 503].contains(&again.status), "{}", again.body);
}
