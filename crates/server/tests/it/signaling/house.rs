//! A running node with a clock to set, and a booked session with people who can join it.

use std::sync::Arc;
use std::time::Duration;

use holdspace::app::App;
use holdspace::clock::Clock;
use holdspace::config::{Config, Secret};
use holdspace::node::Node;
use holdspace::startup::Running;
use holdspace_domain::{
    NewSession, PaymentStatus, Person, Role, RoomId, Session, SessionId, SessionType, Timestamp,
    UserId, Visitor,
};

use holdspace_store::{MemoryLimits, NewUser, Options, SessionStore, Sqlite, UserStore};
use serde_json::{Value, json};

use crate::manual_clock::ManualClock;
use crate::socket_client::SocketClient;

pub(crate) const SECRET: &str = "a secret of at least thirty-two bytes";
pub(crate) const CLIENT: UserId = UserId::from_bytes([1; 12]);
pub(crate) const PSYCHOLOGIST: UserId = UserId::from_bytes([2; 12]);
pub(crate) const STRANGER: UserId = UserId::from_bytes([3; 12]);
pub(crate) const ADMIN: UserId = UserId::from_bytes([4; 12]);
const NOON: Timestamp = Timestamp::from_millis(1_765_800_000_000);

/// A node, its address and its database.
pub(crate) struct House {
    pub(crate) running: Running,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Sqlite,
    config: Config,
    directory: tempfile::TempDir,
}

/// The configuration of most tests: no limit on connections.
pub(crate) fn lenient() -> Config {
    let mut config = Config::default();
    config.auth.jwt_secret = Some(Secret::new(SECRET));
    config.http.port = 0;
    config.rate_limit.connections_per_minute = 0;
    config
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(lenient()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(NOON));
        let house = Self::on(config, directory, clock).await;
        for (id, name, role) in [
            (CLIENT, "John Doe", Role::Client),
            (PSYCHOLOGIST, "Dr. Jane Smith", Role::Psychologist),
            (STRANGER, "Somebody Else", Role::Client),
        ] {
            let email = format!("{id}@example.com");
            let person = Person {
                id,
                name: name.to_owned(),
                email,
                role,
            };
            house
                .store
                .insert_user(&NewUser {
                    person,
                    password: None,
                })
                .await
                .unwrap();
        }
        house
    }

    async fn on(config: Config, directory: tempfile::TempDir, clock: Arc<ManualClock>) -> Self {
        let path = directory.path().join("test.db");
        let store = Sqlite::open(path.to_str().unwrap(), Options::default())
            .await
            .unwrap();
        let limits = Arc::new(MemoryLimits::default());
        let durable = Arc::new(store.clone());
        let shared: Arc<dyn Clock> = clock.clone();
        let node = Node::start(config.clone(), shared, durable, limits, None)
            .await
            .unwrap();
        let running = Running::serve(node).await.unwrap();
        Self {
            running,
            clock,
            store,
            config,
            directory,
        }
    }

    pub(crate) fn app(&self) -> &App {
        &self.running.node.app
    }

    pub(crate) fn shared_app(&self) -> Arc<App> {
        Arc::clone(&self.running.node.app)
    }

    /// Stops the node as a SIGTERM does, and starts another on the same database.
    pub(crate) async fn restart(self) -> Self {
        self.running.stop().await;
        Self::on(self.config, self.directory, self.clock).await
    }

    /// A session of client and psychologist that is confirmed, paid and starts now, with its room.
    pub(crate) async fn book(&self) -> (SessionId, String) {
        self.book_as(|_| {}).await
    }

    pub(crate) async fn book_as(&self, change: impl FnOnce(&mut Session)) -> (SessionId, String) {
        let new = NewSession {
            id: SessionId::from_bytes(random()),
            external_id: None,
            client: CLIENT,
            psychologist: PSYCHOLOGIST,
            guests: vec![],
            session_date: self.clock.now(),
            duration_minutes: 50,
            session_type: SessionType::Individual,
            confirmed: true,
            payment: PaymentStatus::Completed,
        };
        let room = RoomId::from_random(random());
        let mut session = Session::book(new, 8, self.clock.now()).unwrap();
        session.room = Some(room.clone());
        change(&mut session);
        self.store.insert_session(&session).await.unwrap();
        (session.id, room.to_string())
    }

    pub(crate) fn token(&self, user: UserId) -> String {
        let signer = self.app().auth.signer.as_ref().unwrap();
        let hour = Duration::from_hours(1);
        signer.sign(user, role_of(user), None, hour, self.clock.now())
    }

    pub(crate) async fn connect(&self, user: UserId) -> SocketClient {
        self.try_connect(json!({ "token": self.token(user) }))
            .await
            .unwrap()
    }

    pub(crate) async fn try_connect(&self, auth: Value) -> Result<SocketClient, Value> {
        SocketClient::connect(self.running.address, auth).await
    }

    /// Connects and joins; the answer to `join-room` has been taken.
    pub(crate) async fn join(&self, user: UserId, room: &str) -> Joined {
        self.join_with(user, json!({ "roomId": room })).await
    }

    pub(crate) async fn join_with(&self, user: UserId, request: Value) -> Joined {
        let mut socket = self.connect(user).await;
        socket.emit("join-room", &request).await;
        let joined = socket.expect("room-joined").await;
        Joined { socket, joined }
    }

    /// Client and psychologist in a room of their own, everything said so far taken.
    pub(crate) async fn meet(&self) -> Meeting {
        let (session, room) = self.book().await;
        let mut client = self.join(CLIENT, &room).await;
        let psychologist = self.join(PSYCHOLOGIST, &room).await;
        client.socket.expect("user-joined").await;
        Meeting {
            session,
            room,
            client,
            psychologist,
        }
    }
}

/// Somebody in a room.
pub(crate) struct Joined {
    pub(crate) socket: SocketClient,
    /// The payload of `room-joined`.
    pub(crate) joined: Value,
}

impl Joined {
    pub(crate) fn resume_token(&self) -> String {
        self.joined["resumeToken"].as_str().unwrap().to_owned()
    }
}

pub(crate) struct Meeting {
    pub(crate) session: SessionId,
    pub(crate) room: String,
    pub(crate) client: Joined,
    pub(crate) psychologist: Joined,
}

pub(crate) fn visitor(user: UserId) -> Visitor {
    Visitor {
        user,
        role: role_of(user),
    }
}

fn role_of(user: UserId) -> Role {
    match user {
        PSYCHOLOGIST => Role::Psychologist,
        ADMIN => Role::Admin,
        _ => Role::Client,
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
