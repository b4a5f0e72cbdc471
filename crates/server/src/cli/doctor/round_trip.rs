//! What two people do who both need the relay, with nobody else taking part: two allocations that send to each other.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use holdspace_turn::stun::Method;

use super::turn_client::{TurnClient, TurnError};

/// Both channels have it; it belongs to an allocation.
const CHANNEL: u16 = 0x4000;
/// How often data is sent that does not arrive: UDP may lose some.
const SENDS_MAX: usize = 4;
const ARRIVES_WITHIN: Duration = Duration::from_millis(700);
/// About a packet of audio.
const DATA: [u8; 160] = [0x5A; 160];

/// What went well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    /// From one client through both allocations to the other, and back.
    pub(super) round_trip: Duration,
    /// Where the relay put the first of them.
    pub(super) relayed: SocketAddr,
}

/// Allocates twice, permits, binds channels, sends data both ways, and ends both allocations.
pub(super) fn round_trip(
    mut open: impl FnMut() -> Result<TurnClient, TurnError>,
) -> Result<Passed, TurnError> {
    let mut clients = [open()?, open()?];
    let passed = meet(&mut clients);
    let released = clients.each_mut().map(TurnClient::release);
    let passed = passed?;
    // Only of allocations that were good.
    for released in released {
        released?;
    }
    Ok(passed)
}

fn meet([alice, bob]: &mut [TurnClient; 2]) -> Result<Passed, TurnError> {
    let (at_alice, at_bob) = (alice.allocate()?, bob.allocate()?);
    alice.permit(at_bob)?;
    bob.permit(at_alice)?;
    alice.bind(CHANNEL, at_bob)?;
    bob.bind(CHANNEL, at_alice)?;
    let begin = Instant::now();
    pass(alice, bob)?;
    pass(bob, alice)?;
    Ok(Passed {
        round_trip: begin.elapsed(),
        relayed: at_alice,
    })
}

fn pass(from: &mut TurnClient, to: &mut TurnClient) -> Result<(), TurnError> {
    for _ in 0..SENDS_MAX {
        from.send(CHANNEL, &DATA)?;
        if to.receives(CHANNEL, &DATA, Instant::now() + ARRIVES_WITHIN)? {
            return Ok(());
        }
    }
    Err(TurnError::Lost)
}

/// What a failure means, and what to do about it.
pub(super) fn explain(error: &TurnError) -> (String, &'static str) {
    let TurnError::Refused { method, code, .. } = error else {
        return match error {
            TurnError::Lost => (
                "it grants everything, but no data comes through".to_owned(),
                "Open the UDP ports for relaying (turn.relay_port_min to turn.relay_port_max) in the firewall, to and \
                 from this server's own public address too",
            ),
            TurnError::Strange(words) => ((*words).to_owned(), SOMETHING_ELSE),
            TurnError::Silence => ("it does not answer".to_owned(), FIREWALL),
            _ => (error.to_string(), FIREWALL),
        };
    };
    match (code, method) {
        (401 | 441, _) => (
            format!("it does not accept the credential that people are given ({error})"),
            "Give both sides the same secret (ice.turn_secret, or turn.secret), and set both clocks",
        ),
        (403, Method::CreatePermission | Method::ChannelBind) => (
            format!(
                "it does not relay to its own address ({error}), where two people meet who both need it"
            ),
            "Have it allow its own relayed address as a peer: here turn.deny_peers closes it, in coturn denied-peer-ip",
        ),
        (403, _) => (
            format!("it refuses this person ({error}), as it does when a visit is over"),
            "Try with the token of somebody whose visit is still to come",
        ),
        (486, _) => (
            format!("it has given this person all the allocations that one may have ({error})"),
            "Raise turn.allocations_per_user_max (coturn: user-quota); a call needs some for each person",
        ),
        (508, _) => (
            format!("it has no room left ({error})"),
            "Raise turn.allocations_max and widen the range of ports for relaying",
        ),
        (300, _) => (
            format!("it sends people on to another server ({error})"),
            "It is being shut down; try again when it has started anew",
        ),
        _ => (format!("it refuses with {error}"), SOMETHING_ELSE),
    }
}

const FIREWALL: &str =
    "Start it, and open this port in the firewall and in the NAT before it (docs/turn.md)";
const SOMETHING_ELSE: &str = "See what listens at this port, and what its log says";
