//! The Node peer: bench/node-peer, which books its visits itself when its database is new.
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Kind, Subject, Visit, people};
use crate::child::Launch;
use crate::token::SECRET;

pub(super) fn prepare(peer: &Path, directory: &Path, visits_count: usize) -> Result<Subject> {
    let peer = peer
        .canonicalize()
        .with_context(|| format!("no Node peer in {}", peer.display()))?;
    ensure!(
        peer.join("node_modules").is_dir(),
        "the Node peer's packages are missing: npm ci in {}",
        peer.display()
    );
    let launch = Launch {
        program: "node".into(),
        arguments: vec![peer.join("server.mjs").into()],
        environment: vec![
            ("NODE_ENV", "production".into()),
            ("DATABASE", directory.join("node-peer.db").into()),
            ("JWT_SECRET", SECRET.into()),
            ("SEED_SESSIONS", visits_count.to_string().into()),
        ],
        directory: directory.to_owned(),
    };
    launch
        .start(None)
        .context("booking the Node peer's visits")?
        .stop()?;
    let visits = (0..visits_count).map(visit).collect();
    Ok(Subject {
        kind: Kind::Node,
        launch,
        visits,
    })
}

/// What the peer is made of: Node and its packages, each with its version.
pub(crate) fn versions(peer: &Path) -> Result<String> {
    let node = Command::new("node")
        .arg("--version")
        .output()
        .context("node --version")?;
    let mut parts = vec![format!(
        "Node {}",
        String::from_utf8_lossy(&node.stdout).trim()
    )];
    for package in ["express", "socket.io", "jsonwebtoken", "better-sqlite3"] {
        let path = peer.join("node_modules").join(package).join("package.json");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let manifest: Value = serde_json::from_str(&text)?;
        let version = manifest["version"]
            .as_str()
            .context("a package without version")?;
        parts.push(format!("{package} {version}"));
    }
    Ok(parts.join(", "))
}

/// As server.mjs names them.
fn visit(number: usize) -> Visit {
    Visit {
        session: format!("5e{number:022x}"),
        room: format!("room-00000000-0000-4000-8000-{number:012x}"),
        people: people(number),
    }
}
