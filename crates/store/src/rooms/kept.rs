//! How a roster is written down for a restart: JSON of its snapshot.

use holdspace_domain::roster::{PlaceSnapshot, RosterSnapshot, TokenDigest};
use holdspace_domain::{Role, SocketId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::StoreError;

#[derive(Serialize, Deserialize)]
struct KeptRoster {
    places: Vec<KeptPlace>,
    running_since: Option<i64>,
    empty_since: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct KeptPlace {
    socket: String,
    user: String,
    name: String,
    role: String,
    token: [u8; 32],
}

/// The snapshot as JSON.
pub(super) fn write(snapshot: &RosterSnapshot) -> Result<String, StoreError> {
    let places = snapshot.places.iter().map(|place| KeptPlace {
        socket: place.socket.to_string(),
        user: place.user.to_string(),
        name: place.name.clone(),
        role: place.role.as_str().to_owned(),
        token: place.token.0,
    });
    let roster = KeptRoster {
        places: places.collect(),
        running_since: snapshot.running_since.map(Timestamp::as_millis),
        empty_since: snapshot.empty_since.map(Timestamp::as_millis),
    };
    serde_json::to_string(&roster).map_err(|_| unreadable())
}

/// The snapshot that `write` wrote.
pub(super) fn read(json: &str) -> Result<RosterSnapshot, StoreError> {
    let roster: KeptRoster = serde_json::from_str(json).map_err(|_| unreadable())?;
    Ok(RosterSnapshot {
        places: roster
            .places
            .into_iter()
            .map(read_place)
            .collect::<Result<_, _>>()?,
        running_since: roster.running_since.map(Timestamp::from_millis),
        empty_since: roster.empty_since.map(Timestamp::from_millis),
    })
}

fn read_place(place: KeptPlace) -> Result<PlaceSnapshot, StoreError> {
    Ok(PlaceSnapshot {
        socket: SocketId::parse(&place.socket).map_err(|_| unreadable())?,
        user: UserId::parse(&place.user).map_err(|_| unreadable())?,
        name: place.name,
        role: Role::parse(&place.role).map_err(|_| unreadable())?,
        token: TokenDigest(place.token),
    })
}

/// The content is health data and stays out of the message.
fn unreadable() -> StoreError {
    StoreError::Corrupt("a room's presence".to_owned())
}
