//! From join-room to the first remote frame: two Chromium processes, the call page, the real binary. The page marks
//! both moments itself; web/e2e/measure/join.js reads them.
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Samples;
use crate::subject::Kind;

const CALLS: usize = 11;
const TIMEOUT: Duration = Duration::from_mins(3);

/// Milliseconds of the newcomer of each call.
pub(crate) fn measure(web: &Path, holdspace: &Path) -> Result<Samples> {
    let mut process = Command::new("node")
        .args(["e2e/measure/join.js", &CALLS.to_string()])
        .current_dir(web)
        .env("HOLDSPACE_BIN", holdspace)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("starting node")?;
    let deadline = Instant::now() + TIMEOUT;
    let status = loop {
        if let Some(status) = process.try_wait()? {
            break status;
        }
        if Instant::now() >= deadline {
            process.kill()?;
            break process.wait()?;
        }
        thread::sleep(Duration::from_millis(100));
    };
    let mut output = String::new();
    process
        .stdout
        .take()
        .context("node has no standard output")?
        .read_to_string(&mut output)?;
    ensure!(status.success(), "the calls failed: {status}");
    parse(&output)
}

fn parse(output: &str) -> Result<Samples> {
    let result: Value = serde_json::from_str(output.trim()).context("what the calls printed")?;
    let all = result["allMs"].as_array().context("no times")?;
    ensure!(all.len() == CALLS, "{} of {CALLS} calls", all.len());
    let mut samples = Samples::default();
    for milliseconds in all {
        samples.add(
            Kind::Holdspace,
            milliseconds
                .as_f64()
                .context("a call without a first frame")?,
        );
    }
    Ok(samples)
}
