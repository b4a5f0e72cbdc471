//! A server under measurement: its process, when it listens, what it has cost so far.
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use parking_lot::Mutex;

const LISTENING: &str = "listening on http://";
const START_TIMEOUT: Duration = Duration::from_secs(30);
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
const KEPT_LINES_MAX: usize = 20;

type LastLines = Arc<Mutex<VecDeque<String>>>;

/// How a server is started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, OsString)>,
    pub(crate) directory: PathBuf,
}

/// A running server. Ends with the value.
#[derive(Debug)]
pub(crate) struct Child {
    process: std::process::Child,
    pub(crate) address: SocketAddr,
    /// From just before exec until the line `listening on` was read.
    pub(crate) started_in: Duration,
    last_lines: LastLines,
}

impl Launch {
    /// Starts the server, on `core` alone when one is given, and waits until it listens.
    pub(crate) fn start(&self, core: Option<usize>) -> Result<Child> {
        let mut command = self.command(core);
        let begin = Instant::now();
        let mut process = command
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        let last_lines = LastLines::default();
        let lines = process
            .stderr
            .take()
            .context("the server has no standard error")?;
        let listening = watch(lines, Arc::clone(&last_lines));
        let waited = listening.recv_timeout(START_TIMEOUT);
        let started_in = begin.elapsed();
        let mut child = Child {
            process,
            address: ([127, 0, 0, 1], 0).into(),
            started_in,
            last_lines,
        };
        match waited {
            Ok(address) => {
                let parsed = address.parse();
                child.address = parsed.with_context(|| format!("address {address:?}"))?;
            }
            Err(RecvTimeoutError::Timeout) => {
                bail!("{} did not listen in time", self.program.display())
            }
            Err(RecvTimeoutError::Disconnected) => {
                bail!(
                    "{} ended at its start:\n{}",
                    self.program.display(),
                    child.last_words()
                );
            }
        }
        Ok(child)
    }

    fn command(&self, core: Option<usize>) -> Command {
        let mut command = match core {
            // taskset replaces itself by the program, which so keeps the process id that we know.
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &core.to_string()]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command.args(&self.arguments).current_dir(&self.directory);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }
}

impl Child {
    /// Processor time of all its threads so far, those that ended included.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let clock = clock_getcpuclockid(self.pid()).context("the server's clock")?;
        Ok(clock.now().context("the server ended")?.into())
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        let path = format!("/proc/{}/smaps_rollup", self.process.id());
        let text = fs::read_to_string(&path).context("the server's memory")?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("Rss:"))
            .context("no Rss in smaps_rollup")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().context("Rss")?;
        Ok(kilobytes * 1024)
    }

    /// What it last wrote to standard error.
    pub(crate) fn last_words(&self) -> String {
        let lines: Vec<String> = self.last_lines.lock().iter().cloned().collect();
        lines.join("\n")
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill(self.pid(), Signal::SIGTERM).context("stopping the server")?;
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            if self.process.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        bail!("the server did not end when asked to")
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.process.id().cast_signed())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already; then both are errors that mean just that.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads standard error to its end on a thread; the address arrives when the server listens.
fn watch(lines: ChildStderr, last_lines: LastLines) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || forward(lines, &last_lines, sender));
    receiver
}

fn forward(lines: ChildStderr, last_lines: &Mutex<VecDeque<String>>, sender: Sender<String>) {
    let mut sender = Some(sender);
    for line in BufReader::new(lines).lines().map_while(Result::ok) {
        if let Some((_, address)) = line.split_once(LISTENING)
            && let Some(sender) = sender.take()
        {
            // Nobody waits any more when the start has timed out.
            let _ = sender.send(address.trim().to_owned());
        }
        let mut kept = last_lines.lock();
        if kept.len() == KEPT_LINES_MAX {
            kept.pop_front();
        }
        kept.push_back(line);
    }
}
