//! Who is connected: the connections by their secret id, and how many tasks still run.
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::Link;
use super::sid::Sid;
use crate::DisconnectReason;

#[derive(Debug, Default)]
pub(super) struct Table {
    links: Mutex<HashMap<Sid, Arc<Link>>>,
    closing: AtomicBool,
    tasks: AtomicUsize,
    openings: AtomicUsize,
    idle: Notify,
}

/// A task of the server; counted until it is dropped.
#[derive(Debug)]
pub(super) struct Running(Arc<Table>);

/// A long-polling connection that the service has not let in yet; counted until it is dropped.
#[derive(Debug)]
pub(super) struct Opening(Arc<Table>);

/// A connection in the table; dropped, it is over for everybody.
#[derive(Debug)]
pub(super) struct Entry {
    table: Arc<Table>,
    link: Arc<Link>,
}

impl Table {
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(super) fn len(&self) -> usize {
        self.links.lock().len()
    }

    pub(super) fn find(&self, sid: Sid) -> Option<Arc<Link>> {
        self.links.lock().get(&sid).cloned()
    }

    pub(super) fn insert(self: &Arc<Self>, link: &Arc<Link>) -> Entry {
        self.links.lock().insert(link.sid(), Arc::clone(link));
        if self.is_closing() {
            link.close(DisconnectReason::Shutdown);
        }
        Entry {
            table: Arc::clone(self),
            link: Arc::clone(link),
        }
    }

    pub(super) fn count_task(self: &Arc<Self>) -> Running {
        self.tasks.fetch_add(1, Ordering::AcqRel);
        Running(Arc::clone(self))
    }

    /// `None` when there are `max` already.
    pub(super) fn begin_opening(self: &Arc<Self>, max: usize) -> Option<Opening> {
        let one_more = |count| (count < max).then_some(count + 1);
        self.openings
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
            .ok()?;
        Some(Opening(Arc::clone(self)))
    }

    /// Closes every connection and waits until all tasks have ended, but no longer than `patience`.
    pub(super) async fn close(&self, patience: Duration) {
        self.closing.store(true, Ordering::Release);
        let links: Vec<_> = self.links.lock().values().cloned().collect();
        for link in links {
            link.close(DisconnectReason::Shutdown);
        }
        let all_ended = async {
            loop {
                let ended = self.idle.notified();
                if self.tasks.load(Ordering::Acquire) == 0 {
                    break;
                }
                ended.await;
            }
        };
        if timeout(patience, all_ended).await.is_err() {
            tracing::warn!(
                tasks = self.tasks.load(Ordering::Acquire),
                "connections did not end in time"
            );
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.tasks.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.openings.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.table.links.lock().remove(&self.link.sid());
        self.link.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_that_is_over_makes_room() {
        let table = Arc::new(Table::default());
        let first = table.begin_opening(1);
        assert!(first.is_some());
        assert!(table.begin_opening(1).is_none());
        drop(first);
        assert!(table.begin_opening(1).is_some());
    }
}
