//! `holdspace serve`.

use std::future::Future;

use super::Failure;
use crate::config::Config;
use crate::runtime;
use crate::startup::{Running, Signals};
use crate::telemetry;

pub(super) const AFTER_HELP: &str = "\
Prints `listening on http://HOST:PORT` to standard error once it accepts connections, https:// with a certificate;
port 0 takes a free one.
On SIGTERM or SIGINT it accepts no more, tells the sockets, finishes requests in flight within 10 s and exits
with 0; a second signal ends it at once.

Examples:
  holdspace serve --config /etc/holdspace.toml
  PORT=8080 DATABASE_URL=sqlite:/var/lib/holdspace/visits.db holdspace serve";

pub(super) fn run(config: Config) -> Result<(), Failure> {
    run_with(config, async |_| Ok(()))
}

/// Serves; `once_listening` is run when connections are accepted.
pub(super) fn run_with<F>(config: Config, once_listening: F) -> Result<(), Failure>
where
    F: AsyncFnOnce(&Running) -> Result<(), Failure>,
{
    telemetry::start(&config.log);
    block_on(async {
        let mut signals = Signals::listen()?;
        let running = Running::start(config).await?;
        eprintln!("listening on {}", running.origin());
        once_listening(&running).await?;
        let signal = signals.next().await;
        tracing::info!(signal, "stopping");
        tokio::select! {
            () = running.stop() => Ok(()),
            signal = signals.next() => Err(Failure::Refused(format!("ended at once by a second signal, {signal}"))),
        }
    })
}

fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime::build()?;
    let outcome = runtime.block_on(work);
    // What still runs on other threads is nothing that anybody waits for.
    runtime.shutdown_background();
    outcome
}
