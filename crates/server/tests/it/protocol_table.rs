//! docs/protocol.md leads from every row of the contract to its test: each test it names must be there.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Folders whose tests the table may name.
const TESTED: [&str; 4] = [
    "crates",
    "web/e2e/cases",
    "web/client/test",
    "web/call/test",
];

/// Everything that the contract has, each to be found in the table.
const CONTRACT: [&str; 24 + 5 + 6 + 6 + 23 + 9 + 14] = [
    "row 1",
    "row 2",
    "row 3",
    "row 4",
    "row 5",
    "row 6",
    "row 7",
    "row 8",
    "row 9",
    "row 10",
    "row 11",
    "row 12",
    "row 13",
    "row 14",
    "row 15",
    "row 16",
    "row 17",
    "row 18",
    "row 19",
    "row 20",
    "row 21",
    "row 22",
    "row 23",
    "row 24",
    "GET /video-calls/config",
    "POST /video-calls/generate-room/:sessionId",
    "GET /video-calls/can-join/:sessionId",
    "POST /video-calls/start/:sessionId",
    "POST /video-calls/end/:sessionId",
    "POST /users",
    "GET /users/:id",
    "POST /sessions",
    "GET /sessions/:id",
    "GET /sessions",
    "PATCH /sessions/:id",
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/logout",
    "GET /auth/me",
    "GET /healthz",
    "GET /readyz",
    "INVALID_REQUEST",
    "INVALID_SESSION_ID",
    "INVALID_USER_ID",
    "INVALID_TIME",
    "CALL_ALREADY_STARTED",
    "CALL_NOT_STARTED",
    "AUTHENTICATION_FAILED",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "SESSION_NOT_FOUND",
    "USER_NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "ALREADY_EXISTS",
    "INVALID_TRANSITION",
    "IDEMPOTENCY_IN_FLIGHT",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "the reasons of row 7",
    "CALL_ALREADY_ENDED",
    "IDEMPOTENCY_KEY_REUSED",
    "RATE_LIMIT_EXCEEDED",
    "INTERNAL_ERROR",
    "SERVICE_UNAVAILABLE",
    "ROOM_NOT_FOUND",
    "ROOM_FULL",
    "INVALID_SESSION",
    "AUTHENTICATION_FAILED",
    "PERMISSION_DENIED",
    "CONNECTION_TIMEOUT",
    "INVALID_PAYLOAD",
    "RATE_LIMIT_EXCEEDED",
    "INTERNAL_ERROR",
    "`join-room`",
    "`room-joined`",
    "`user-joined`",
    "`user-left`",
    "`offer`",
    "`answer`",
    "`ice-candidate`",
    "`leave-room`",
    "`error`",
    "`user-reconnecting`",
    "`user-reconnected`",
    "`call-started`",
    "`call-ended`",
    "`removed`",
];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !matches!(name, "node_modules" | "dist" | "target" | "corpus") {
            sources(&path, found);
        } else if path
            .extension()
            .is_some_and(|kind| kind == "rs" || kind == "js" || kind == "ts")
        {
            found.push(path);
        }
    }
}

/// Names of Rust tests, and titles of JavaScript ones as far as they are literal.
fn tests() -> (HashSet<String>, String) {
    let mut files = Vec::new();
    for directory in TESTED {
        sources(&Path::new(ROOT).join(directory), &mut files);
    }
    let (mut names, mut scripts) = (HashSet::new(), String::new());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        if file.extension().is_some_and(|kind| kind == "rs") {
            // Stories are told to each store by a macro, and one that is told to none is a warning.
            let beginnings: &[&str] = if file.components().any(|part| part.as_os_str() == "story") {
                &["async "]
            } else {
                &["#[test]", "#[tokio::test"]
            };
            // What stands between the attribute and its function: other attributes, `async`.
            let functions = beginnings
                .iter()
                .flat_map(|beginning| text.split(beginning).skip(1))
                .filter_map(|rest| rest.split("fn ").nth(1)?.split('(').next());
            names.extend(functions.map(str::to_owned));
        } else {
            scripts.push_str(&text);
        }
    }
    (names, scripts)
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let table = fs::read_to_string(Path::new(ROOT).join("docs/protocol.md")).unwrap();
    let (names, scripts) = tests();
    for line in table.lines().filter(|line| line.starts_with('|')) {
        let Some(cell) = line.trim_end_matches('|').rsplit('|').next() else {
            continue;
        };
        for name in cell.split('`').skip(1).step_by(2) {
            let is_rust = names.contains(name);
            assert!(
                is_rust || scripts.contains(name),
                "no test is called `{name}`: {line}"
            );
        }
    }
}

#[test]
fn the_table_has_everything_that_the_contract_has() {
    let table = fs::read_to_string(Path::new(ROOT).join("docs/protocol.md")).unwrap();
    for item in CONTRACT {
        let is_row = |line: &str| line.starts_with(&format!("| {item} |"));
        let row = table
            .lines()
            .find(|line| is_row(line))
            .unwrap_or_else(|| panic!("no row: {item}"));
        let tests = row.trim_end_matches('|').rsplit('|').next().unwrap();
        assert!(tests.contains('`'), "no test: {row}");
    }
}
