//! A valid token of somebody else: whatever a session's state, its endpoints and its room answer a stranger
//! with the same words.

use serde_json::{Value, json};

use crate::plain_client::Client;
use crate::practice::{self, Practice, STRANGER, booking, now, text};
use crate::process::Server;
use crate::socket_client::SocketClient;

const UNKNOWN: &str = "507f1f77bcf86cd7994390ff";

/// A session and its room.
struct Visit {
    id: String,
    room: String,
}

/// Sessions of other people in every state, each with its room.
fn in_every_state(admin: &mut Client) -> Vec<Visit> {
    let patch = |field: &str, value: &str| ("PATCH", "/sessions", json!({field: value}));
    let start = || ("POST", "/video-calls/start", json!({}));
    let ways = [
        vec![],
        vec![patch("status", "Pending")],
        vec![patch("paymentStatus", "Refunded")],
        vec![start()],
        vec![start(), ("POST", "/video-calls/end", json!({}))],
        vec![patch("status", "Cancelled")],
        vec![patch("status", "Declined")],
    ];
    let mut visits = Vec::new();
    for (number, way) in ways.into_iter().enumerate() {
        let id = practice::book(admin, &format!("visit-{number}"));
        let room = generate_room(admin, &id);
        for (method, path, body) in way {
            let answer = admin.call(method, &format!("{path}/{id}"), None, Some(&body));
            let answer = answer.unwrap();
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        visits.push(Visit { id, room });
    }
    visits
}

fn generate_room(admin: &mut Client, id: &str) -> String {
    let path = format!("/video-calls/generate-room/{id}");
    let answer = admin.call("POST", &path, None, None).unwrap();
    text(&answer.body["data"]["roomId"])
}

/// Status and body, but for the time.
fn told(
    client: &mut Client,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: &Value,
) -> (u16, Value) {
    let body = (method != "GET").then_some(body);
    let mut answer = client.call(method, path, key, body).unwrap();
    let error = answer.body["error"].as_object_mut().unwrap();
    assert!(error.remove("timestamp").is_some());
    (answer.status, answer.body)
}

#[test]
fn every_endpoint_says_the_same_of_every_foreign_session() {
    let practice = Practice::open();
    let server = practice.serve();
    let mut admin = Client::connect(server.address, &practice.admin).unwrap();
    let visits = in_every_state(&mut admin);
    let mut stranger = Client::connect(server.address, &practice.stranger).unwrap();
    for (method, path, body, status) in [
        ("GET", "/video-calls/can-join", json!({}), 401),
        ("POST", "/video-calls/generate-room", json!({}), 401),
        ("POST", "/video-calls/start", json!({}), 401),
        (
            "POST",
            "/video-calls/start",
            json!({"startTime": now()}),
            401,
        ),
        (
            "POST",
            "/video-calls/start",
            json!({"startTime": "2001-01-01T00:00:00Z"}),
            401,
        ),
        ("POST", "/video-calls/end", json!({}), 401),
        (
            "POST",
            "/video-calls/end",
            json!({"endTime": "2001-01-01T00:00:00Z"}),
            401,
        ),
        ("GET", "/sessions", json!({}), 401),
        ("PATCH", "/sessions", json!({"status": "Cancelled"}), 403),
    ] {
        for (number, visit) in visits.iter().enumerate() {
            let key = format!("{number} {path} {body}");
            for key in [None, Some(key.as_str())] {
                let path = format!("{path}/{}", visit.id);
                let answer = told(&mut stranger, method, &path, key, &body);
                let code = answer.1["error"]["code"].clone();
                assert_eq!((answer.0, code), (status, json!("PERMISSION_DENIED")));
                assert_eq!(answer.1["error"]["details"], json!({}));
                let first = format!("/{}", visits[0].id);
                let first = path.rsplit_once('/').unwrap().0.to_owned() + &first;
                assert_eq!(answer, told(&mut stranger, method, &first, None, &body));
            }
        }
    }
    // Nothing was done, and nothing is listed.
    for query in ["", "?status=confirmed", "?status=in_progress&limit=100"] {
        let list = stranger.call("GET", &format!("/sessions{query}"), None, None);
        assert_eq!(list.unwrap().body["data"]["sessions"], json!([]), "{query}");
    }
    let found = practice::stored(&mut admin, &visits[0].id).unwrap();
    assert_eq!(found["status"], "Confirmed");
}

#[test]
fn a_stranger_does_not_learn_who_or_what_is_known() {
    let practice = Practice::open();
    let server = practice.serve();
    let mut admin = Client::connect(server.address, &practice.admin).unwrap();
    practice::book(&mut admin, "known");
    let mut stranger = Client::connect(server.address, &practice.stranger).unwrap();
    let mut same = |method: &str, paths: [&str; 2], bodies: [Value; 2]| {
        let [known, unknown] =
            [0, 1].map(|index| told(&mut stranger, method, paths[index], None, &bodies[index]));
        assert_eq!(known, unknown);
        assert_eq!(known.0, 403);
    };
    let known = format!("/users/{}", practice::CLIENT);
    same(
        "GET",
        [&known, &format!("/users/{UNKNOWN}")],
        [json!({}), json!({})],
    );
    same(
        "POST",
        ["/sessions"; 2],
        [booking("known"), booking("unknown")],
    );
    let id = practice::book(&mut admin, "other");
    let paths = [format!("/sessions/{id}"), format!("/sessions/{UNKNOWN}")];
    same(
        "PATCH",
        paths.each_ref().map(String::as_str),
        [json!({}), json!({})],
    );
    let user = |email: &str| json!({"name": "N", "email": email, "role": "client"});
    let emails = [
        format!("{}@example.com", practice::CLIENT),
        "new@example.com".to_owned(),
    ];
    same(
        "POST",
        ["/users"; 2],
        emails.each_ref().map(|email| user(email)),
    );
}

async fn connect(server: &Server, token: &str) -> SocketClient {
    let auth = json!({"token": token});
    SocketClient::connect(server.address, auth).await.unwrap()
}

/// The error in an acknowledgement; the event that comes with it is taken, and says the same.
async fn refused(socket: &mut SocketClient, event: &str, payload: &Value) -> Value {
    let answer = socket.ask(event, payload).await;
    assert_eq!(answer["success"], false, "{answer}");
    assert_eq!(socket.expect("error").await, answer["error"]);
    answer["error"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_reaches_or_tells_of_a_foreign_room() {
    let practice = Practice::open();
    let server = practice.serve();
    let mut admin = Client::connect(server.address, &practice.admin).unwrap();
    let visits = in_every_state(&mut admin);
    let mut inside = connect(&server, &practice.client).await;
    inside
        .emit("join-room", &json!({"roomId": visits[0].room}))
        .await;
    let joined = inside.expect("room-joined").await;

    let mut own = booking("own");
    own["client"] = json!({"id": STRANGER, "name": "Somebody Else", "email": "s@example.com"});
    let own = admin.call("POST", "/sessions", None, Some(&own)).unwrap();
    let own = generate_room(&mut admin, &text(&own.body["data"]["session"]["id"]));
    let mut stranger = connect(&server, &practice.stranger).await;
    // Before joining a room, and from one.
    for round in 0..2 {
        if round == 1 {
            stranger.emit("join-room", &json!({"roomId": own})).await;
            stranger.expect("room-joined").await;
        }
        for (event, field) in [
            ("offer", "offer"),
            ("answer", "answer"),
            ("ice-candidate", "candidate"),
        ] {
            let mut answers = Vec::new();
            for to in [inside.id.as_str(), "AAAAAAAAAAAAAAAAAAAA", "nobody"] {
                let payload = json!({field: {"type": event}, "to": to});
                let mut error = refused(&mut stranger, event, &payload).await;
                assert_eq!(error["code"], "PERMISSION_DENIED");
                assert_eq!(error["details"], json!({"to": to}));
                error["details"] = json!({});
                answers.push(error);
            }
            assert!(
                answers.iter().all(|answer| *answer == answers[0]),
                "{answers:?}"
            );
        }
        let nowhere = "room-00000000-0000-4000-8000-000000000000";
        let mut left = Vec::new();
        for room in visits
            .iter()
            .map(|visit| visit.room.as_str())
            .chain([nowhere])
        {
            let mut error = refused(&mut stranger, "leave-room", &json!({"roomId": room})).await;
            assert_eq!(error["details"], json!({"roomId": room}));
            error["details"] = json!({});
            left.push(error);
        }
        assert!(left.iter().all(|error| *error == left[0]), "{left:?}");

        let mut refusals = Vec::new();
        for visit in &visits {
            for resume in [Value::Null, json!("x"), joined["resumeToken"].clone()] {
                let request = json!({"roomId": visit.room, "resumeToken": resume});
                refusals.push(refused(&mut stranger, "join-room", &request).await);
            }
        }
        assert_eq!(refusals[0]["code"], "PERMISSION_DENIED");
        assert!(
            refusals.iter().all(|refusal| *refusal == refusals[0]),
            "{refusals:?}"
        );
    }
    inside.expect_silence().await;
    // Refused everywhere else, it still is in its own room.
    let left = stranger.ask("leave-room", &json!({"roomId": own})).await;
    assert_eq!(left["success"], true, "{left}");
}
