//! What is measured: the bare relay, the Node peer and the server itself, each ready to be started.
mod holdspace;
mod node;
mod relay;

pub(crate) use self::node::versions as node_versions;

use std::fmt;
use std::path::Path;

use anyhow::Result;

use crate::arguments::Arguments;
use crate::child::{Child, Launch};
use crate::token;

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Kind {
    Relay,
    Node,
    Holdspace,
}

/// Somebody who is booked.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) role: &'static str,
}

/// A visit that both of its people may join now.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) session: String,
    pub(crate) room: String,
    pub(crate) people: [Person; 2],
}

/// A server that can be started, and the visits that it knows.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) launch: Launch,
    pub(crate) visits: Vec<Visit>,
}

/// A started one.
#[derive(Debug)]
pub(crate) struct Running<'a> {
    pub(crate) kind: Kind,
    pub(crate) child: Child,
    pub(crate) visits: &'a [Visit],
}

impl Subject {
    /// Makes `kind` ready in `directory`, with `visits_count` visits in its database.
    pub(crate) fn prepare(
        kind: Kind,
        arguments: &Arguments,
        directory: &Path,
        visits_count: usize,
    ) -> Result<Self> {
        match kind {
            Kind::Relay => relay::prepare(directory, visits_count),
            Kind::Node => node::prepare(&arguments.node_peer, directory, visits_count),
            Kind::Holdspace => holdspace::prepare(&arguments.holdspace()?, directory, visits_count),
        }
    }

    /// Starts it on `core` alone, or anywhere.
    pub(crate) fn start(&self, core: Option<usize>) -> Result<Running<'_>> {
        Ok(Running {
            kind: self.kind,
            child: self.launch.start(core)?,
            visits: &self.visits,
        })
    }
}

impl Person {
    fn new(id: String, role: &'static str) -> Self {
        Self { id, role }
    }

    /// A token of this person, unlike those of other numbers.
    pub(crate) fn token(&self, number: usize) -> String {
        token::sign(&self.id, self.role, number)
    }
}

/// The people of visit `number`: ids of 24 hex digits.
fn people(number: usize) -> [Person; 2] {
    [
        Person::new(format!("c1{number:022x}"), "client"),
        Person::new(format!("d0{number:022x}"), "psychologist"),
    ]
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relay => "bare relay",
            Self::Node => "Node peer",
            Self::Holdspace => "Holdspace",
        })
    }
}
