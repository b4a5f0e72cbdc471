//! The commands.

mod check;
mod demo;
mod doctor;
mod failure;
mod lifetime;
mod offline;
mod serve;
mod session;
mod token;
mod user;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use self::failure::Failure;
use crate::config::{Config, Loaded};

const AFTER_HELP: &str = "\
Try it:
  holdspace demo                          a server with a visit that two people can join now
  holdspace demo --share                  the same for phones in this network
  holdspace serve                         the server, on http://127.0.0.1:5000, with ./holdspace.db
  holdspace token --user ID --role admin  a token for the API
  holdspace doctor                        whether a visit will work

Configuration, the first of these that is set counts:
  HOLDSPACE_<SECTION>__<KEY>   HOLDSPACE_HTTP__PORT=8080, lists separated by commas
  short names                  HOST, PORT, DATABASE_URL, JWT_SECRET, CORS_ORIGIN
  a TOML file                  --config FILE, or holdspace.toml if it is there
  `holdspace config check` shows what is set, and from where. docs/configuration.md lists every key.

Exit codes:
  0  done
  1  failed
  2  wrong usage or configuration
  3  the database cannot be used: read-only, damaged, of a newer version, or held by others";

/// A self-hosted server for video consultations.
#[derive(Debug, Parser)]
#[command(name = "holdspace", version, about, after_help = AFTER_HELP, arg_required_else_help = true)]
struct Cli {
    /// Read the configuration from this file [default: holdspace.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server until SIGTERM or SIGINT
    #[command(after_help = serve::AFTER_HELP)]
    Serve,
    /// Run the server with a visit that starts now, and print a join link for each of the two people
    #[command(after_help = demo::AFTER_HELP)]
    Demo(demo::Args),
    /// Print an access token, signed with the configured secret
    #[command(after_help = token::AFTER_HELP)]
    Token(token::Args),
    /// Manage people
    #[command(subcommand)]
    User(user::Command),
    /// Manage sessions, which are booked visits
    #[command(subcommand)]
    Session(session::Command),
    /// Make the database, or bring it up to date; `serve` does so by itself
    Migrate,
    /// Inspect the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Say whether a visit will work, and what to do if not
    #[command(after_help = doctor::AFTER_HELP)]
    Doctor(doctor::Args),
    /// Print the OpenAPI document of the REST interface
    Openapi,
    /// Print shell completions
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check it without starting anything, and show what is set and from where
    Check,
}

const COMPLETIONS_HELP: &str = "\
Example:
  holdspace completions bash > /etc/bash_completion.d/holdspace";

/// Does what the command line says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("holdspace: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

impl Cli {
    fn run(self) -> Result<(), Failure> {
        if let Command::Completions { shell } = self.command {
            clap_complete::generate(
                shell,
                &mut Self::command(),
                "holdspace",
                &mut std::io::stdout(),
            );
            return Ok(());
        }
        if let Command::Openapi = self.command {
            print!("{}", crate::http::openapi_json());
            return Ok(());
        }
        if let Command::Doctor(args) = &self.command
            && args.is_of_elsewhere()
        {
            return doctor::run_elsewhere(args);
        }
        let loaded = Config::load(self.config.as_deref(), std::env::vars_os())?;
        if let Command::Doctor(args) = &self.command {
            return doctor::run_here(loaded, args);
        }
        let Loaded { config, given } = loaded;
        match self.command {
            Command::Serve => serve::run(config),
            Command::Demo(args) => demo::run(config, &args),
            Command::Token(args) => token::run(config, &args),
            Command::User(command) => user::run(config, command),
            Command::Session(command) => session::run(config, command),
            Command::Migrate => offline::migrate(&config),
            Command::Config(ConfigCommand::Check) => check::run(&config, &given),
            Command::Doctor(_) | Command::Openapi | Command::Completions { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
