//! `holdspace user`.

use std::io::{self, BufRead};

use clap::Subcommand;
use holdspace_domain::{Role, UserId};

use super::{Failure, offline, words};
use crate::app::users::{self, UserRequest};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Store a person, and print the id
    #[command(after_help = AFTER_HELP)]
    Add(Add),
}

const AFTER_HELP: &str = "\
Examples:
  holdspace user add --name 'Dr. Jane Smith' --email jane@example.org --role psychologist
  echo \"$PASSWORD\" | holdspace user add --name Ops --email ops@example.org --role admin --password-stdin";

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// The name shown to others
    #[arg(long)]
    name: String,
    /// Unique among all people
    #[arg(long)]
    email: String,
    /// client, psychologist or admin
    #[arg(long, value_parser = words::role)]
    role: Role,
    /// 24 hex digits [default: a new one]
    #[arg(long, value_parser = words::user_id)]
    id: Option<UserId>,
    /// Read a password for sign-in from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

pub(super) fn run(config: Config, command: Command) -> Result<(), Failure> {
    let Command::Add(add) = command;
    let request = UserRequest {
        id: add.id,
        name: add.name,
        email: add.email,
        role: add.role,
        password: add.password_stdin.then(read_password).transpose()?,
    };
    let person = offline::run(config, async |app| {
        let created = users::create(app, request).await;
        created.map_err(|error| Failure::Refused(error.to_string()))
    })?;
    println!("{}", person.id);
    Ok(())
}

fn read_password() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
