//! What the server says of its relay when it starts.
use std::io::{BufRead, BufReader};

use crate::process::command;

const WARNING: &str = "the relay's address is a private one: people in other networks cannot be relayed. Set turn.public_address";

/// What it says until it listens.
fn said_with(environment: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (said, saying) = std::io::pipe().unwrap();
    let mut child = command(folder.path(), &["serve"], environment)
        .env("PORT", "0")
        .env("HOLDSPACE_TURN__LISTEN", "127.0.0.1")
        .env("HOLDSPACE_TURN__PORT", "0")
        .env("HOLDSPACE_LOG__FORMAT", "json")
        .stdout(saying.try_clone().unwrap())
        .stderr(saying)
        .spawn()
        .unwrap();
    let lines = BufReader::new(said).lines().map(Result::unwrap);
    let lines = lines
        .take_while(|line| !line.contains("listening on http"))
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    lines
}

#[test]
fn the_start_tells_the_address_and_the_way_of_packets_and_warns_of_a_private_address() {
    for (public_address, is_private) in [("10.0.0.5", true), ("8.8.8.8", false)] {
        let lines = said_with(&[("HOLDSPACE_TURN__PUBLIC_ADDRESS", public_address)]);
        let log = lines.join("\n");
        let runs = lines
            .iter()
            .find(|line| line.contains("the TURN relay runs"));
        let runs = runs.unwrap_or_else(|| panic!("no word of it: {log}"));
        let address = format!(r#""address":"{public_address}""#);
        assert!(runs.contains(&address), "{runs}");
        let ways = [
            "\"path\":\"recvmmsg, sendmmsg",
            "\"path\":\"one datagram a system call",
        ];
        assert!(ways.iter().any(|way| runs.contains(way)), "{runs}");
        let warning = lines.iter().find(|line| line.contains(WARNING));
        assert_eq!(warning.is_some(), is_private, "{log}");
        assert!(warning.is_none_or(|line| line.contains("WARN")), "{log}");
    }
}
