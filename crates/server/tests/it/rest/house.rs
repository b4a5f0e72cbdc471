//! A server on a free port, its database in a temporary directory, and a clock to set.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use holdspace::clock::Clock;
use holdspace::config::{Config, Secret};
use holdspace::http::router;
use holdspace::listener::{Answer, Listener, TrustedProxies};
use holdspace::node::Node;
use holdspace_domain::{Role, Timestamp};
use holdspace_store::{MemoryLimits, Options, Sqlite};
use http::{Request, Response};
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::sync::watch;
use tower_service::Service;

use super::client::{Call, Reply};
use crate::manual_clock::ManualClock;

pub const SECRET: &str = "a secret of at least thirty-two bytes";
pub const CLIENT: &str = "507f1f77bcf86cd799439012";
pub const PSYCHOLOGIST: &str = "507f1f77bcf86cd799439013";
pub const GUEST: &str = "507f1f77bcf86cd799439014";
pub const STRANGER: &str = "507f1f77bcf86cd799439015";
pub const ADMIN: &str = "507f1f77bcf86cd799439016";
/// Nobody has it.
pub const UNKNOWN: &str = "507f1f77bcf86cd7994390ff";
/// `sessionDate` of the reference.
pub const DATE: &str = "2025-12-15T14:00:00.000Z";
const DATE_MILLIS: i64 = 1_765_807_200_000;

/// A running server.
pub struct House {
    pub address: SocketAddr,
    pub clock: Arc<ManualClock>,
    node: Node,
    directory: Arc<tempfile::TempDir>,
    /// Dropped, it stops the listener.
    _stop: watch::Sender<bool>,
}

struct Routes(Router);

impl Answer for Routes {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let answer = self.0.clone().call(request).await;
        answer.unwrap_or_else(|never| match never {})
    }
}

/// Without limits, so that they stand in nobody's way.
pub fn lenient() -> Config {
    let mut config = limited();
    config.rate_limit.auth_per_minute = 0;
    config.rate_limit.video_calls_per_minute = 0;
    config
}

/// With the limits of the reference.
pub fn limited() -> Config {
    let mut config = Config::default();
    config.auth.jwt_secret = Some(Secret::new(SECRET));
    // Nobody is in the rooms of these tests, and their clock leaps.
    config.room.auto_end = Duration::from_hours(1_000_000);
    config
}

impl House {
    pub async fn open() -> Self {
        Self::with(lenient()).await
    }

    /// Its people are known, and its clock stands at the session's date.
    pub async fn with(config: Config) -> Self {
        let house = Self::bare(config).await;
        for (id, name, role) in [
            (CLIENT, "John Doe", "client"),
            (PSYCHOLOGIST, "Dr. Jane Smith", "psychologist"),
            (GUEST, "Jim Doe", "client"),
            (STRANGER, "Somebody Else", "client"),
        ] {
            let email = format!(
                "{}@example.com",
                name.to_lowercase().replace([' ', '.'], "")
            );
            let user = json!({"id": id, "name": name, "email": email, "role": role});
            let answer = house.post("/users").admin().json(&user).send().await;
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        house
    }

    /// Without people.
    pub async fn bare(config: Config) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(DATE_MILLIS)));
        Self::on(config, directory, clock, Options::default()).await
    }

    /// On a disk that holds so many pages of 4 KiB.
    pub async fn on_small_disk(pages_max: u32) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(DATE_MILLIS)));
        let options = Options {
            pages_max: Some(pages_max),
            ..Options::default()
        };
        Self::on(lenient(), directory, clock, options).await
    }

    /// Another process's view of the same database, at the same time.
    pub async fn beside(&self) -> Self {
        Self::on(
            self.node.app.config.clone(),
            Arc::clone(&self.directory),
            Arc::clone(&self.clock),
            Options::default(),
        )
        .await
    }

    async fn on(
        config: Config,
        directory: Arc<tempfile::TempDir>,
        clock: Arc<ManualClock>,
        options: Options,
    ) -> Self {
        let path = directory.path().join("test.db");
        let store = Sqlite::open(path.to_str().unwrap(), options);
        let store = Arc::new(store.await.unwrap());
        let limits = Arc::new(MemoryLimits::default());
        let shared: Arc<dyn Clock> = clock.clone();
        let proxies = TrustedProxies::new(&config.http.trusted_proxies);
        let node = Node::start(config, shared, store, limits, None)
            .await
            .unwrap();
        let listener = Listener::bind("127.0.0.1", 0).await.unwrap();
        let address = listener.address();
        let (stop, stopped) = watch::channel(false);
        let routes = Arc::new(Routes(router(Arc::clone(&node.app))));
        tokio::spawn(listener.serve(routes, proxies, stopped));
        Self {
            address,
            clock,
            node,
            directory,
            _stop: stop,
        }
    }

    /// Sets the clock so many seconds after the session's date.
    pub fn set_clock(&self, seconds: i64) {
        self.clock.set(at(seconds));
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        self.call("POST", path)
    }

    pub fn patch(&self, path: &str) -> Call<'_> {
        self.call("PATCH", path)
    }

    /// `path` without prefix is one of the canonical API.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        let is_whole = ["/api", "/docs", "/v2"]
            .iter()
            .any(|start| path.starts_with(start));
        let path = if is_whole {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        Call::new(self, method, path)
    }

    /// A token as a platform would issue it.
    pub fn token(&self, user: &str) -> String {
        let role = match user {
            PSYCHOLOGIST => Role::Psychologist,
            ADMIN => Role::Admin,
            _ => Role::Client,
        };
        let signer = self.node.app.auth.signer.as_ref().unwrap();
        let user = holdspace_domain::UserId::parse(user).unwrap();
        let hours = Duration::from_hours(48);
        signer.sign(user, role, None, hours, self.clock.now())
    }

    /// A session of client and psychologist that is confirmed, paid and begins at `DATE`.
    pub async fn book(&self) -> String {
        self.book_with(json!({})).await
    }

    /// The same with other fields.
    pub async fn book_with(&self, fields: Value) -> String {
        let mut body = json!({
            "client": CLIENT,
            "psychologist": PSYCHOLOGIST,
            "sessionDate": DATE,
            "status": "Confirmed",
            "paymentStatus": "Completed",
        });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = self.post("/sessions").admin().json(&body).send().await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.text("/data/session/id")
    }

    /// A session in the given state: one of the statuses, as `PATCH` and the calls lead to it.
    pub async fn book_as(&self, status: &str, payment: &str) -> String {
        let confirmed = if status == "Pending" {
            "Pending"
        } else {
            "Confirmed"
        };
        let fields = json!({"status": confirmed, "paymentStatus": "Completed"});
        let id = self.book_with(fields).await;
        match status {
            "In Progress" => self.start(&id).await,
            "Completed" => {
                self.start(&id).await;
                let end = self.post(&format!("/video-calls/end/{id}"));
                assert_eq!(end.user(CLIENT).send().await.status, 200);
            }
            "Cancelled" | "Declined" => self.change(&id, json!({"status": status})).await,
            _ => {}
        }
        match payment {
            "Completed" => id,
            "Refunded" => {
                self.change(&id, json!({"paymentStatus": "Refunded"})).await;
                id
            }
            // Payments only go forward, so that these are booked anew.
            other => {
                assert!(
                    ["Pending", "Confirmed"].contains(&status),
                    "{status} {other}"
                );
                let fields = json!({"status": confirmed, "paymentStatus": other});
                self.book_with(fields).await
            }
        }
    }

    async fn start(&self, id: &str) {
        let start = self.post(&format!("/video-calls/start/{id}"));
        assert_eq!(start.user(CLIENT).send().await.status, 200);
    }

    pub async fn change(&self, id: &str, change: Value) {
        let answer = self.patch(&format!("/sessions/{id}")).admin().json(&change);
        let answer: Reply = answer.send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

/// So many seconds after the session's date.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(DATE_MILLIS + seconds * 1000)
}
