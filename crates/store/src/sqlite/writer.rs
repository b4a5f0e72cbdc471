//! The one writer: takes queued writes, commits many of them at once, then answers each.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::health::Probe;
use crate::StoreError;

/// How many writes may wait before callers wait to queue theirs.
const QUEUE_MAX: usize = 1024;
/// How many writes one transaction takes at most.
const BATCH_MAX: usize = 256;

/// One write, of one or more statements. It is all or nothing, and runs to its end once it was queued,
/// even if nobody waits for the answer any more.
#[async_trait]
pub(super) trait Write: Send + Sync + 'static {
    type Answer: Send + 'static;

    /// Runs inside a transaction that holds the database's write lock.
    async fn run(&self, connection: &mut SqliteConnection) -> Result<Self::Answer, StoreError>;
}

/// Where to queue writes.
pub(super) struct Writer {
    /// `None` once it is closed.
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the writer, which ends when it is closed or gone.
    pub(super) fn start(connection: SqliteConnection, probe: Arc<Probe>) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let task = tokio::spawn(serve(connection, jobs, probe));
        Self {
            queue: Mutex::new(Some(queue)),
            task: Mutex::new(Some(task)),
        }
    }

    /// Finishes what is queued and closes the connection. Later writes are `Unavailable`.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().take());
        let task = self.task.lock().take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writer ended badly");
        }
    }

    /// Queues a write and waits until it is durable.
    pub(super) async fn submit<W: Write>(&self, write: W) -> Result<W::Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Queued {
            write,
            answer: None,
            reply,
        };
        let queue = self.queue.lock().clone().ok_or_else(stopped)?;
        queue.send(Box::new(job)).await.map_err(|_| stopped())?;
        // Lest a slow answer keep a closed queue open.
        drop(queue);
        answer.await.map_err(|_| stopped())?
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the writer has stopped".into())
}

/// A cause shared by everybody in a batch that failed as a whole.
type Cause = Arc<dyn Error + Send + Sync>;

/// A queued write without its types.
#[async_trait]
trait Job: Send {
    /// Runs the write and keeps its answer; fails with the cause that ends the whole batch.
    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<Outcome, Cause>;

    /// Sends the answer that was kept, or the cause for which nothing of the batch was kept.
    fn answer(self: Box<Self>, committed: Result<(), Cause>);
}

/// Whether a write is to be kept.
#[derive(PartialEq, Eq)]
enum Outcome {
    Done,
    Refused,
}

struct Queued<W: Write> {
    write: W,
    answer: Option<Result<W::Answer, StoreError>>,
    reply: oneshot::Sender<Result<W::Answer, StoreError>>,
}

#[async_trait]
impl<W: Write> Job for Queued<W> {
    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<Outcome, Cause> {
        let outcome = match self.write.run(connection).await {
            // The database is full, gone or out of order: SQLite may have undone the transaction already.
            Err(StoreError::Unavailable(cause)) => return Err(cause.into()),
            other => other,
        };
        let kept = if outcome.is_ok() {
            Outcome::Done
        } else {
            Outcome::Refused
        };
        self.answer = Some(outcome);
        Ok(kept)
    }

    fn answer(self: Box<Self>, committed: Result<(), Cause>) {
        let answer = match (committed, self.answer) {
            (Ok(()), Some(answer)) => answer,
            // A refusal holds whatever became of the others.
            (Err(_), Some(Err(refusal))) => Err(refusal),
            (Err(cause), _) => Err(StoreError::Unavailable(Box::new(cause))),
            (Ok(()), None) => Err(StoreError::Unavailable("the write was not run".into())),
        };
        // A caller that has gone away wants no answer.
        let _ = self.reply.send(answer);
    }
}

async fn serve(
    mut connection: SqliteConnection,
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
    probe: Arc<Probe>,
) {
    let mut batch = Vec::new();
    while jobs.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let committed = commit(&mut connection, &mut batch).await;
        if let Err(cause) = &committed {
            tracing::error!(writes = batch.len(), %cause, "a transaction failed");
            probe.forget();
            undo(&mut connection).await;
        }
        for job in batch.drain(..) {
            job.answer(committed.clone());
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the database was not closed well");
    }
}

/// Runs a batch in one transaction; after an error nothing of it is kept.
async fn commit(
    connection: &mut SqliteConnection,
    batch: &mut [Box<dyn Job>],
) -> Result<(), Cause> {
    execute(connection, "BEGIN IMMEDIATE").await?;
    let alone = batch.len() == 1;
    for job in batch {
        if alone {
            if job.run(connection).await? == Outcome::Refused {
                return execute(connection, "ROLLBACK").await;
            }
        } else {
            run_beside_others(connection, job.as_mut()).await?;
        }
    }
    execute(connection, "COMMIT").await
}

/// Runs one write of several, so that its refusal leaves the others as they are.
async fn run_beside_others(
    connection: &mut SqliteConnection,
    job: &mut dyn Job,
) -> Result<(), Cause> {
    execute(connection, "SAVEPOINT job").await?;
    if job.run(connection).await? == Outcome::Refused {
        execute(connection, "ROLLBACK TO job").await?;
    }
    execute(connection, "RELEASE job").await
}

/// Ends a failed transaction, if SQLite has not done so itself.
async fn undo(connection: &mut SqliteConnection) {
    if let Err(error) = sqlx::query("ROLLBACK").execute(connection).await {
        tracing::debug!(%error, "nothing to roll back");
    }
}

async fn execute(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), Cause> {
    match sqlx::query(sql).execute(connection).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Arc::new(error)),
    }
}
