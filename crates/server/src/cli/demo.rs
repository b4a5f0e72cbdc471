//! `holdspace demo`: a server with a visit that two people can join right now.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use holdspace_domain::{
    Door, PaymentStatus, Person, Role, Session, SessionType, UserId, Visitor, admit,
};
use holdspace_store::SessionFilter;

use super::{Failure, serve};
use crate::app::App;
use crate::app::sessions::{self, Booked, BookingRequest, Participant};
use crate::app::users::{self, UserRequest};
use crate::config::Config;
use crate::startup::Running;

pub(super) const AFTER_HELP: &str = "\
Open each link in a window of its own. The visit is booked in the configured database; once it has ended, the
next start books another.

Example:
  holdspace demo";

/// Longer than the join window.
const TOKEN_TTL: Duration = Duration::from_hours(4);

pub(super) fn run(config: Config) -> Result<(), Failure> {
    serve::run_with(config, async |running| {
        let app = &running.node.app;
        let client = person(app, "Sam Rivera", "client", Role::Client).await?;
        let psychologist =
            person(app, "Dr. Noor Haddad", "psychologist", Role::Psychologist).await?;
        let session = visit(app, &client, &psychologist).await?;
        print!(
            "{}",
            invitation(running, &session, [&client, &psychologist])?
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
    session: &Session,
    people: [&Person; 2],
) -> Result<String, Failure> {
    let app = &running.node.app;
    let signer = app.sign_in.signer.as_ref().ok_or_else(|| {
        Failure::Usage(
            "the demo signs its tokens with HS256, which auth.algorithms does not accept"
                .to_owned(),
        )
    })?;
    let origin = format!("http://{}", reachable(running.address));
    let links = people.map(|person| {
        let now = app.clock.now();
        let token = signer.sign(person.id, person.role, Some(&person.name), TOKEN_TTL, now);
        let (name, role) = (&person.name, person.role.as_str());
        format!(
            "  {name} ({role})\n  {origin}/call/#session={}&token={token}\n",
            session.id
        )
    });
    Ok(format!(
        "\nA visit is open. Its two links, each for a window of its own:\n\n{}\n\
         Press Ctrl-C to end.\n",
        links.join("\n")
    ))
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
