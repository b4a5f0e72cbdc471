//! Tests that need a second process: this binary again, running one test with an argument.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The id of `nobody`, for whom file permissions count even when these tests run as root.
const NOBODY: u32 = 65534;

/// What the parent passed under this name; `None` in a process that is nobody's child.
pub(super) fn argument(name: &str) -> Option<String> {
    std::env::var(variable(name)).ok()
}

/// Runs one test of this binary in a child.
pub(super) fn command(test: &str, name: &str, argument: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(variable(name), argument);
    command
}

/// Runs one test of this binary in a child without privileges, and waits for it.
pub(super) fn run_unprivileged(test: &str, name: &str, argument: &str) -> Output {
    let ours = TempDir::new().unwrap();
    if ours.path().metadata().unwrap().uid() != 0 {
        return command(test, name, argument).output().unwrap();
    }
    // Where the binary lies may be closed to others.
    let copy = ours.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    fs::set_permissions(ours.path(), fs::Permissions::from_mode(0o755)).unwrap();
    Command::new(&copy)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(variable(name), argument)
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap()
}

fn variable(name: &str) -> String {
    format!("HOLDSPACE_STORE_TEST_{name}")
}
