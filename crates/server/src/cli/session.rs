//! `holdspace session`.

use clap::Subcommand;
use holdspace_domain::{PaymentStatus, SessionId, SessionStatus, SessionType, Timestamp, UserId};
use holdspace_store::{Booking, SessionFilter};

use super::{Failure, offline, words};
use crate::app::App;
use crate::app::sessions::{self, Booked, BookingRequest, Participant};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::time::rfc3339;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Book a session, and print its id
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// List sessions, the latest first
    #[command(after_help = LIST_HELP)]
    List(List),
    /// Show a session
    Show {
        /// 24 hex digits
        #[arg(value_parser = words::session_id)]
        id: SessionId,
    },
}

const ADD_HELP: &str = "\
Example:
  holdspace session add --client ID --psychologist ID --date 2026-12-15T14:00:00+01:00 \\
      --status confirmed --payment completed";

const LIST_HELP: &str = "\
Example:
  holdspace session list --status in-progress --limit 10";

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    #[arg(long, value_name = "ID", value_parser = words::user_id)]
    client: UserId,
    #[arg(long, value_name = "ID", value_parser = words::user_id)]
    psychologist: UserId,
    /// Another participant; may be repeated
    #[arg(long = "guest", value_name = "ID", value_parser = words::user_id)]
    guests: Vec<UserId>,
    /// When it begins, with an offset from UTC [default: now]
    #[arg(long, value_name = "TIME", value_parser = words::instant)]
    date: Option<Timestamp>,
    /// Minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 50)]
    duration: u32,
    /// individual, couple, family, group or assessment
    #[arg(long = "type", value_name = "TYPE", default_value = "individual", value_parser = words::session_type)]
    session_type: SessionType,
    /// pending or confirmed
    #[arg(long, default_value = "pending", value_parser = words::status)]
    status: SessionStatus,
    /// pending, completed, failed or refunded
    #[arg(long, default_value = "pending", value_parser = words::payment)]
    payment: PaymentStatus,
    /// The platform's own id; a session with the same one is not booked twice
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only those of this status
    #[arg(long, value_parser = words::status)]
    status: Option<SessionStatus>,
    /// Only those that book this person
    #[arg(long, value_name = "ID", value_parser = words::user_id)]
    user: Option<UserId>,
    /// Not before
    #[arg(long, value_name = "TIME", value_parser = words::instant)]
    from: Option<Timestamp>,
    /// Not after
    #[arg(long, value_name = "TIME", value_parser = words::instant)]
    to: Option<Timestamp>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
}

pub(super) fn run(config: Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(args) => offline::run(config, async |app| add(app, args).await),
        Command::List(args) => offline::run(config, async |app| list(app, args).await),
        Command::Show { id } => offline::run(config, async |app| show(app, id).await),
    }
}

async fn add(app: &App, args: Add) -> Result<(), Failure> {
    let confirmed = match args.status {
        SessionStatus::Pending => false,
        SessionStatus::Confirmed => true,
        _ => {
            return Err(Failure::Usage(
                "--status must be pending or confirmed".to_owned(),
            ));
        }
    };
    let request = BookingRequest {
        external_id: args.external_id,
        client: Participant::Known(args.client),
        psychologist: Participant::Known(args.psychologist),
        guests: args.guests.into_iter().map(Participant::Known).collect(),
        session_date: args.date.unwrap_or_else(|| SystemClock.now()),
        duration_minutes: args.duration,
        session_type: args.session_type,
        confirmed,
        payment: args.payment,
    };
    let booked = sessions::book(app, request).await;
    match booked.map_err(|error| Failure::Refused(error.to_string()))? {
        Booked::New(booking) | Booked::Known(booking) => println!("{}", booking.session.id),
    }
    Ok(())
}

async fn list(app: &App, args: List) -> Result<(), Failure> {
    let filter = SessionFilter {
        user: args.user,
        status: args.status,
        from: args.from,
        to: args.to,
        after: None,
        limit: args.limit.into(),
    };
    let page = app.store.list_sessions(&filter).await?;
    println!(
        "{:<24}  {:<24}  {:<11}  {:<9}  PEOPLE",
        "ID", "DATE", "STATUS", "PAYMENT"
    );
    for booking in &page.bookings {
        let session = &booking.session;
        let names: Vec<_> = booking
            .people
            .iter()
            .map(|person| person.name.as_str())
            .collect();
        println!(
            "{}  {}  {:<11}  {:<9}  {}",
            session.id,
            rfc3339(session.session_date),
            session.state.status().title(),
            session.payment.title(),
            names.join(", ")
        );
    }
    if page.more {
        println!("There are more; narrow them down with --from, --to and --status.");
    }
    Ok(())
}

async fn show(app: &App, id: SessionId) -> Result<(), Failure> {
    let booking = app.store.load_session(id).await?;
    let booking = booking.ok_or_else(|| Failure::Refused("there is no such session".to_owned()))?;
    for (name, value) in lines(&booking) {
        println!("{name:<14} {value}");
    }
    Ok(())
}

fn lines(booking: &Booking) -> Vec<(&'static str, String)> {
    let session = &booking.session;
    let mut lines = vec![
        ("id", session.id.to_string()),
        ("date", rfc3339(session.session_date)),
        ("duration", format!("{} min", session.duration_minutes)),
        ("type", session.session_type.title().to_owned()),
        ("status", session.state.status().title().to_owned()),
        ("payment", session.payment.title().to_owned()),
    ];
    let optional = [
        ("external id", session.external_id.clone()),
        ("room", session.room.as_ref().map(ToString::to_string)),
        ("call started", session.state.started_at().map(rfc3339)),
        ("call ended", session.state.ended_at().map(rfc3339)),
        (
            "call length",
            session
                .call_length()
                .map(|length| format!("{} min", length.minutes())),
        ),
    ];
    lines.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    for (index, person) in booking.people.iter().enumerate() {
        let place = ["client", "psychologist"].get(index).unwrap_or(&"guest");
        lines.push((
            place,
            format!("{} {} <{}>", person.id, person.name, person.email),
        ));
    }
    lines
}
