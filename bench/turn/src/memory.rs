//! What an allocation takes.
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;

use nix::sys::resource::{Resource, getrlimit};

use crate::client::Caller;
use crate::subject::{Kind, Subject};

const ALLOCATIONS: u16 = 20_000;
/// What the relay has open beside.
const DESCRIPTORS: u64 = 100;

/// Resident bytes for each allocation that has one channel; and how many there were: as many as the system allows.
pub(crate) fn bytes_per_allocation() -> Result<(f64, u16)> {
    let (_, descriptors_max) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let allocations = u16::try_from(descriptors_max - DESCRIPTORS)
        .map_or(ALLOCATIONS, |room| room.min(ALLOCATIONS));
    let subject = Subject::start(Kind::Relay)?;
    let before = subject.resident_bytes()?;
    for number in 1..=allocations {
        let [high, low] = number.to_be_bytes();
        // Its socket is closed here, and kept there.
        drop(Caller::open(
            &subject,
            SocketAddr::from((Ipv4Addr::new(127, 1, high, low), 0)),
        )?);
    }
    Ok((
        (subject.resident_bytes()? - before) / f64::from(allocations),
        allocations,
    ))
}
