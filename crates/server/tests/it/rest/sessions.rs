//! The session API (SPEC section 3): every call, move and refusal.

mod booking;
mod changes;
mod lists;
mod users;

use serde_json::{Value, json};

use super::client::Reply;
use super::house::{CLIENT, DATE, House, PSYCHOLOGIST};

fn booking() -> Value {
    json!({"client": CLIENT, "psychologist": PSYCHOLOGIST, "sessionDate": DATE})
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

async fn book(house: &House, body: &Value) -> Reply {
    house.post("/sessions").admin().json(body).send().await
}

async fn patch(house: &House, id: &str, body: &Value) -> Reply {
    house
        .patch(&format!("/sessions/{id}"))
        .admin()
        .json(body)
        .send()
        .await
}
