//! A folder with the real binary's database, a client, a psychologist and an admin with their tokens, and
//! sessions of them that are confirmed, paid and begin now.

use std::io;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::plain_client::{Answer, Client};
use crate::process::{Server, printed};

pub(crate) const CLIENT: &str = "507f1f77bcf86cd799439012";
pub(crate) const PSYCHOLOGIST: &str = "507f1f77bcf86cd799439013";
pub(crate) const STRANGER: &str = "507f1f77bcf86cd799439015";
const ADMIN: &str = "507f1f77bcf86cd799439016";

/// No limits, so that they stand in nobody's way, and calls that nobody ends for a day.
pub(crate) const LENIENT: [(&str, &str); 4] = [
    ("HOLDSPACE_RATE_LIMIT__VIDEO_CALLS_PER_MINUTE", "0"),
    ("HOLDSPACE_RATE_LIMIT__CONNECTIONS_PER_MINUTE", "0"),
    ("HOLDSPACE_SIGNALING__EVENTS_PER_SECOND", "0"),
    ("HOLDSPACE_ROOM__AUTO_END_SECONDS", "86400"),
];

/// The folder and who is known in it.
pub(crate) struct Practice {
    folder: TempDir,
    pub(crate) client: String,
    pub(crate) psychologist: String,
    pub(crate) stranger: String,
    pub(crate) admin: String,
}

impl Practice {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token = |user, role, name| {
            let arguments = ["token", "--user", user, "--role", role, "--name", name];
            printed(folder.path(), &arguments)
        };
        Self {
            client: token(CLIENT, "client", "John Doe"),
            psychologist: token(PSYCHOLOGIST, "psychologist", "Dr. Jane Smith"),
            stranger: token(STRANGER, "client", "Somebody Else"),
            admin: token(ADMIN, "admin", "Adam"),
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a server on the folder's database.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self.folder(), "serve", &LENIENT)
    }
}

/// What books a session of client and psychologist that is confirmed, paid and begins now.
pub(crate) fn booking(external_id: &str) -> Value {
    let person = |id, name| json!({"id": id, "name": name, "email": format!("{id}@example.com")});
    json!({
        "client": person(CLIENT, "John Doe"),
        "psychologist": person(PSYCHOLOGIST, "Dr. Jane Smith"),
        "sessionDate": now(),
        "status": "Confirmed",
        "paymentStatus": "Completed",
        "externalId": external_id,
    })
}

/// Books a session; gives its id.
pub(crate) fn book(admin: &mut Client, external_id: &str) -> String {
    let answer = admin.call("POST", "/sessions", None, Some(&booking(external_id)));
    let answer = answer.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    text(&answer.body["data"]["session"]["id"])
}

/// The same, and the id of its room.
pub(crate) fn book_with_room(admin: &mut Client, external_id: &str) -> (String, Value) {
    let id = book(admin, external_id);
    let path = format!("/video-calls/generate-room/{id}");
    let answer = admin.call("POST", &path, None, None).unwrap();
    (id, answer.body["data"]["roomId"].clone())
}

/// The session as it is kept.
pub(crate) fn stored(admin: &mut Client, id: &str) -> io::Result<Value> {
    let Answer { status, body, .. } = admin.call("GET", &format!("/sessions/{id}"), None, None)?;
    assert_eq!(status, 200, "{body}");
    Ok(body["data"]["session"].clone())
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The time, as the API writes it.
pub(crate) fn now() -> String {
    seconds_ago(0)
}

/// The same, so many seconds before.
pub(crate) fn seconds_ago(seconds: i64) -> String {
    let now = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(seconds);
    format!("{now:.3}")
}
