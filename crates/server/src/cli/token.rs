//! `holdspace token`.

use std::time::Duration;

use holdspace_domain::{Role, UserId};

use super::{Failure, lifetime, words};
use crate::auth;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::startup::load_or_make_secret;

pub(super) const AFTER_HELP: &str = "\
The token goes into the header `x-auth-token`. Whoever has it is that person until it expires.

Examples:
  holdspace token --user 507f1f77bcf86cd799439011 --role admin
  holdspace token --user 507f1f77bcf86cd799439012 --role client --name 'Sam Doe' --ttl 30m";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose token it is: 24 hex digits
    #[arg(long, value_name = "ID", value_parser = words::user_id)]
    user: UserId,
    /// client, psychologist or admin
    #[arg(long, value_parser = words::role)]
    role: Role,
    /// The name shown to others, for somebody who is not stored
    #[arg(long)]
    name: Option<String>,
    /// How long it is good for: 90s, 30m, 1h, 2d
    #[arg(long, default_value = "1h", value_parser = lifetime::parse)]
    ttl: Duration,
}

pub(super) fn run(mut config: Config, args: &Args) -> Result<(), Failure> {
    load_or_make_secret(&mut config)?;
    let now = SystemClock.now();
    let token = auth::sign(
        &config.auth,
        args.user,
        args.role,
        args.name.as_deref(),
        args.ttl,
        now,
    );
    let token = token.ok_or_else(|| {
        Failure::Usage(
            "tokens are signed with HS256, which auth.algorithms does not accept".to_owned(),
        )
    })?;
    println!("{token}");
    Ok(())
}
