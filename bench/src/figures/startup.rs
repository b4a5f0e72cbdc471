//! How long a start on a known database takes, and what an idle process occupies.
use anyhow::{Context, Result};

use super::{Samples, memory};
use crate::cores::{Cores, run_pinned};
use crate::subject::Subject;

const STARTS: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Startup {
    /// Milliseconds from exec to `listening`.
    pub(crate) milliseconds: Samples,
    /// Bytes resident once nothing changes any more.
    pub(crate) idle_bytes: Samples,
}

pub(crate) fn measure(subjects: &[Subject], cores: Cores) -> Result<Startup> {
    let mut startup = Startup::default();
    for _ in 0..STARTS {
        for subject in subjects {
            let running = subject.start(None)?;
            startup.milliseconds.add(
                subject.kind,
                running.child.started_in.as_secs_f64() * 1000.0,
            );
            running.child.stop()?;
        }
    }
    for subject in subjects {
        let running = subject.start(None)?;
        let bytes = run_pinned(cores.generator, || memory::settled(&running.child));
        startup
            .idle_bytes
            .add(subject.kind, bytes.context("the idle process")? as f64);
        running.child.stop()?;
    }
    Ok(startup)
}
