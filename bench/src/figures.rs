//! The figures, each in a file of its own, and the medians that they return.
pub(crate) mod accept;
pub(crate) mod can_join;
pub(crate) mod first_frame;
pub(crate) mod memory;
pub(crate) mod relay;
pub(crate) mod startup;
mod traffic;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::statistics::median;
use crate::subject::Kind;

/// What was measured of each server, round by round.
#[derive(Debug, Default)]
pub(crate) struct Samples(BTreeMap<Kind, Vec<f64>>);

impl Samples {
    pub(crate) fn add(&mut self, kind: Kind, value: f64) {
        self.0.entry(kind).or_default().push(value);
    }

    /// The median over the rounds of `kind`, if it took part.
    pub(crate) fn median(&self, kind: Kind) -> Option<f64> {
        self.0.get(&kind).map(|values| median(values))
    }

    /// The medians of all that took part.
    pub(crate) fn medians(&self) -> impl Iterator<Item = (Kind, f64)> {
        self.0.iter().map(|(&kind, values)| (kind, median(values)))
    }

    /// The server itself over `other`.
    pub(crate) fn ratio_to(&self, other: Kind) -> Option<f64> {
        Some(self.median(Kind::Holdspace)? / self.median(other)?)
    }
}

/// A loopback address for connection `number`: one address has too few ports for many thousands.
fn source(number: usize) -> Ipv4Addr {
    let last = u8::try_from(number % 50).unwrap_or(0);
    Ipv4Addr::new(127, 0, 1, 1 + last)
}
