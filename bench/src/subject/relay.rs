//! The bare relay: this program itself, with the command `relay`.
use std::path::Path;

use anyhow::{Context, Result};

use super::{Kind, Subject, Visit, people};
use crate::child::Launch;

/// It knows no visits, but the figures need as many names of rooms.
pub(super) fn prepare(directory: &Path, visits_count: usize) -> Result<Subject> {
    let launch = Launch {
        program: std::env::current_exe().context("this program's path")?,
        arguments: vec!["relay".into()],
        environment: Vec::new(),
        directory: directory.to_owned(),
    };
    let visits = (0..visits_count).map(visit).collect();
    Ok(Subject {
        kind: Kind::Relay,
        launch,
        visits,
    })
}

fn visit(number: usize) -> Visit {
    Visit {
        session: String::new(),
        room: format!("room-{number}"),
        people: people(number),
    }
}
