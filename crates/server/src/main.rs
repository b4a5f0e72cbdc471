//! The `holdspace` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdspace::cli::run()
}
