//! What the commands beside a running server share: the database, and the use cases on top of it.

use std::sync::Arc;

use holdspace_domain::roster::{Output, RosterSettings, SignalKind};
use holdspace_domain::{SessionId, SocketId};
use holdspace_store::{MemoryLimits, MemoryRooms, Options, Outbox, Sqlite};
use tokio::runtime::Builder;

use super::Failure;
use crate::app::App;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::node::NodeError;
use crate::startup::{StartError, load_or_make_secret, open_store};

/// Runs a command on the application of `config`, whose rooms stay empty: they are the server's.
pub(super) fn run<T>(
    mut config: Config,
    work: impl AsyncFnOnce(&App) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Arc::new(open_store(&config.store).await?);
        load_or_make_secret(&mut config)?;
        let rooms = MemoryRooms::new(
            RosterSettings::default(),
            Arc::new(NobodyThere),
            store.clone(),
            "a command".to_owned(),
        );
        let limits = Arc::new(MemoryLimits::default());
        let app = App::new(
            config,
            Arc::new(SystemClock),
            store,
            limits,
            Arc::new(rooms),
            None,
        );
        let app = app.map_err(|error| StartError::Node(NodeError::Keys(error)))?;
        work(&app).await
    })
}

/// `holdspace migrate`.
pub(super) fn migrate(config: &Config) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let path = config.store.path.display();
    let url = format!("sqlite:{path}");
    let migrated = runtime.block_on(Sqlite::migrate(&url, Options::default()))?;
    if migrated.from == migrated.to {
        println!("{path} is up to date (schema {})", migrated.to);
    } else {
        println!(
            "{path} was brought from schema {} to {}",
            migrated.from, migrated.to
        );
    }
    Ok(())
}

/// The outbox of rooms that nobody enters.
struct NobodyThere;

impl Outbox for NobodyThere {
    fn deliver(&self, _: SessionId, _: Output) {}

    fn signal(&self, _: SocketId, _: SocketId, _: SignalKind, _: &str) {}
}
