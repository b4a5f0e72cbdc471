//! Which core is whose: the server under measurement has one, the generator the other.
use std::future::Future;
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

/// Two cores that this process may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cores {
    pub(crate) server: usize,
    pub(crate) generator: usize,
}

impl Cores {
    /// The first two cores that this process may run on.
    pub(crate) fn choose() -> Result<Self> {
        let allowed =
            sched_getaffinity(Pid::from_raw(0)).context("reading the cores of this process")?;
        let cores: Vec<usize> = (0..CpuSet::count())
            .filter(|&core| allowed.is_set(core).unwrap_or(false))
            .take(2)
            .collect();
        ensure!(
            cores.len() == 2,
            "two cores are needed, one for the server and one for the generator"
        );
        Ok(Self {
            server: cores[0],
            generator: cores[1],
        })
    }
}

/// Runs `work` to its end on a thread of its own that is pinned to `core`.
pub(crate) fn run_pinned<T, F>(core: usize, work: impl FnOnce() -> F + Send) -> Result<T>
where
    T: Send,
    F: Future<Output = Result<T>>,
{
    thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let mut cores = CpuSet::new();
            cores.set(core)?;
            sched_setaffinity(Pid::from_raw(0), &cores).context("pinning the generator")?;
            let runtime = Builder::new_current_thread().enable_all().build()?;
            LocalSet::new().block_on(&runtime, work())
        });
        thread
            .join()
            .map_err(|_| anyhow!("the generator panicked"))?
    })
}
