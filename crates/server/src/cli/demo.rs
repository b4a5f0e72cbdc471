//! `holdspace demo`: a server with a visit that two people can join right now.

mod qr;
mod share;

use std::io::{IsTerminal, stdout};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use holdspace_domain::{
    Door, PaymentStatus, Person, Role, Session, SessionType, UserId, Visitor, admit,
};
use holdspace_store::SessionFilter;

use self::qr::Canvas;
use self::share::Share;
use super::{Failure, serve};
use crate::app::App;
use crate::app::sessions::{self, Booked, BookingRequest, Participant};
use crate::app::users::{self, UserRequest};
use crate::config::Config;
use crate::startup::Running;

pub(super) const AFTER_HELP: &str = "\
Open each link in a window of its own. The visit is booked in the configured database; once it has ended, the
next start books another.

With --share a phone can join: the server listens with HTTPS on this machine's own address, which is that of
the default route unless it is named, and the links are shown as QR codes too. In a container, name the
address of the machine around it and listen on all: HOST=0.0.0.0 holdspace demo --share=192.168.1.20

Examples:
  holdspace demo
  holdspace demo --share";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Let other devices join: HTTPS on this machine's address, links as QR codes
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true)]
    #[allow(
        clippy::option_option,
        reason = "an option whose value may be left out"
    )]
    share: Option<Option<IpAddr>>,
}

/// Longer than the join window.
const TOKEN_TTL: Duration = Duration::from_hours(4);

pub(super) fn run(mut config: Config, args: &Args) -> Result<(), Failure> {
    let share = args
        .share
        .map(|address| Share::prepare(address, &mut config));
    let share = share.transpose()?;
    // Whatever else runs here.
    config.turn.may_move = true;
    serve::run_with(config, async |running| {
        let app = &running.node.app;
        let client = person(app, "Sam Rivera", "client", Role::Client).await?;
        let psychologist =
            person(app, "Dr. Noor Haddad", "psychologist", Role::Psychologist).await?;
        let session = visit(app, &client, &psychologist).await?;
        print!(
            "{}",
            invitation(running, share.as_ref(), &session, [&client, &psychologist])?
        );
        Ok(())
    })
}

async fn person(app: &App, name: &str, mailbox: &str, role: Role) -> Result<Person, Failure> {
    let request = UserRequest {
        id: None,
        name: name.to_owned(),
        // A domain that never exists (RFC 2606 §2).
        email: format!("{mailbox}@demo.invalid"),
        role,
        password: None,
    };
    users::find_or_create(app, request).await.map_err(refused)
}

/// The last visit of these two if it can still be joined, else a new one.
async fn visit(app: &App, client: &Person, psychologist: &Person) -> Result<Session, Failure> {
    if let Some(session) = last_visit(app, client.id).await? {
        return Ok(session);
    }
    let request = BookingRequest {
        external_id: None,
        client: Participant::Known(client.id),
        psychologist: Participant::Known(psychologist.id),
        guests: Vec::new(),
        session_date: app.clock.now(),
        duration_minutes: 50,
        session_type: SessionType::Individual,
        confirmed: true,
        payment: PaymentStatus::Completed,
    };
    match sessions::book(app, request).await.map_err(refused)? {
        Booked::New(booking) | Booked::Known(booking) => Ok(Arc::unwrap_or_clone(booking).session),
    }
}

async fn last_visit(app: &App, client: UserId) -> Result<Option<Session>, Failure> {
    let filter = SessionFilter {
        user: Some(client),
        limit: 1,
        ..SessionFilter::default()
    };
    let page = app.store.list_sessions(&filter).await?;
    let visitor = Visitor {
        user: client,
        role: Role::Client,
    };
    let door = Door::Enter {
        window: app.config.join_window,
        now: app.clock.now(),
    };
    let last = page.bookings.first().map(|booking| booking.session.clone());
    Ok(last.filter(|session| admit(session, visitor, door).is_ok()))
}

fn invitation(
    running: &Running,
    share: Option<&Share>,
    session: &Session,
    people: [&Person; 2],
) -> Result<String, Failure> {
    let app = &running.node.app;
    let signer = app.auth.signer.as_ref().ok_or_else(|| {
        Failure::Usage(
            "the demo signs its tokens with HS256, which auth.algorithms does not accept"
                .to_owned(),
        )
    })?;
    let server = server_url(running, share);
    let links = people.map(|person| {
        let now = app.clock.now();
        let token = signer.sign(person.id, person.role, Some(&person.name), TOKEN_TTL, now);
        let (name, role) = (&person.name, person.role.as_str());
        let link = format!("{server}/call/#session={}&token={token}", session.id);
        let code = share.map(|_| format!("\n{}", qr::draw(&link, canvas())));
        format!("  {name} ({role})\n  {link}\n{}", code.unwrap_or_default())
    });
    let advice = share.map(|share| format!("{}\n", share.advice()));
    Ok(format!(
        "\nA visit is open. Its two links, each for a window of its own:\n\n{}\n\
         {}Press Ctrl-C to end.\n",
        links.join("\n"),
        advice.unwrap_or_default()
    ))
}

fn canvas() -> Canvas {
    if stdout().is_terminal() {
        Canvas::Terminal
    } else {
        Canvas::Plain
    }
}

/// Where a browser finds the server, without a slash at the end.
fn server_url(running: &Running, share: Option<&Share>) -> String {
    let config = &running.node.app.config;
    if let Some(address) = &config.page.public_url {
        return address.to_string();
    }
    let address = match share {
        Some(share) => share.socket_address(running.address),
        None => reachable(running.address),
    };
    format!("{}{}", running.origin_at(address), config.http.base_path)
}

/// Where a browser on this machine finds the server.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

fn refused(error: impl std::error::Error) -> Failure {
    Failure::Refused(format!("the demo cannot be prepared: {error}"))
}
