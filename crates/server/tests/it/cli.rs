//! The commands: what they print, with which code they end, and that they work beside a running server.

use std::fs;

use tempfile::tempdir;

use crate::process::{self, Server, body, printed, refusal, run};

#[test]
fn help_teaches() {
    let folder = tempdir().unwrap();
    let help = printed(folder.path(), &["--help"]);
    for word in [
        "serve",
        "demo",
        "token",
        "migrate",
        "HOLDSPACE_<SECTION>__<KEY>",
        "Exit codes",
        "  3  the database",
    ] {
        assert!(help.contains(word), "{word} in {help}");
    }
    for arguments in [
        ["token", "--help"],
        ["session", "--help"],
        ["user", "--help"],
        ["serve", "--help"],
    ] {
        assert!(
            printed(folder.path(), &arguments).contains("Usage: holdspace"),
            "{arguments:?}"
        );
    }
    let completions = printed(folder.path(), &["completions", "bash"]);
    assert!(completions.contains("_holdspace()"));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &["serv"]).status.code(), Some(2));
}

#[test]
fn a_wrong_configuration_is_one_line_and_exit_code_2() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("typo.toml"), "[http]\nprot = 80\n").unwrap();
    fs::write(folder.join("key.pem"), "no key\n").unwrap();
    let public_key = [
        ("HOLDSPACE_AUTH__ALGORITHMS", "EdDSA"),
        ("HOLDSPACE_AUTH__PUBLIC_KEY_FILE", "key.pem"),
    ];
    let said = [
        refusal(folder, &["serve"], &[("PORT", "eighty")]),
        refusal(folder, &["serve"], &[("REDIS_URL", "redis://:hush@cache")]),
        refusal(folder, &["serve", "--config", "typo.toml"], &[]),
        refusal(
            folder,
            &["--config", "missing.toml", "config", "check"],
            &[],
        ),
        refusal(folder, &["config", "check"], &public_key),
        refusal(folder, &["serve"], &public_key),
    ];
    insta::assert_snapshot!(said.concat(), @r#"
    2 holdspace: http.port = "eighty" (PORT): must be a whole number from 0 to 65535
    2 holdspace: redis.url = "redis://…@cache" (REDIS_URL): Redis is not supported by this version, which runs as a single node
    2 holdspace: http.prot = 80 (typo.toml:2): unknown key; did you mean http.port?
    2 holdspace: missing.toml: cannot be read: No such file or directory (os error 2)
    2 holdspace: auth.public_key_file key.pem holds no RSA, P-256 or Ed25519 public key in PEM
    2 holdspace: auth.public_key_file key.pem holds no RSA, P-256 or Ed25519 public key in PEM
    "#);
    assert!(!folder.join("holdspace.db.secret").exists());
}

#[test]
fn a_configuration_is_shown_with_where_it_came_from() {
    let folder = tempdir().unwrap();
    fs::write(
        folder.path().join("holdspace.toml"),
        "[room]\nauto_end_seconds = 60\n",
    )
    .unwrap();
    let environment = [("JWT_SECRET", "hush"), ("HOST", "0.0.0.0")];
    let output = process::command(folder.path(), &["config", "check"], &environment)
        .output()
        .unwrap();
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r#"
    auth.jwt_secret = (hidden) (JWT_SECRET)
    http.host = "0.0.0.0" (HOST)
    room.auto_end_seconds = 60 (holdspace.toml:2)
    The configuration is good; what is not shown has its default.
    "#);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "a check makes nothing"
    );
}

#[test]
fn an_unusable_database_is_a_clear_line_and_exit_code_3() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    fs::write(
        folder.join("garbage.db"),
        "this is not a database".repeat(1000),
    )
    .unwrap();
    assert_eq!(
        printed(folder, &["migrate"]),
        "holdspace.db was brought from schema 0 to 2"
    );
    assert_eq!(
        printed(folder, &["migrate"]),
        "holdspace.db is up to date (schema 2)"
    );
    let mut newer = fs::read(folder.join("holdspace.db")).unwrap();
    // The `user_version` of the file's header (SQLite file format §1.3).
    newer[60..64].copy_from_slice(&9999_u32.to_be_bytes());
    fs::write(folder.join("newer.db"), newer).unwrap();
    let said = ["garbage.db", "newer.db", "no/such/folder.db"].map(|name| {
        let url = format!("sqlite:{name}");
        let said = refusal(folder, &["serve"], &[("DATABASE_URL", &url)]);
        said.replace(
            &format!("{}/", fs::canonicalize(folder).unwrap().display()),
            "",
        )
    });
    insta::assert_snapshot!(said.concat(), @r#"
    3 holdspace: garbage.db is not an SQLite database
    3 holdspace: newer.db was written by a newer version (schema 9999, this version knows 2); start that version or a later one
    3 holdspace: no/such/folder.db cannot be opened or made: No such file or directory (os error 2)
    "#);
}

#[test]
fn an_address_in_use_is_exit_code_1() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path(), "serve", &[]);
    let port = server.address.port().to_string();
    let said = refusal(folder.path(), &["serve"], &[("PORT", &port)]);
    assert!(
        said.starts_with(&format!("1 holdspace: cannot listen on 127.0.0.1:{port}: ")),
        "{said}"
    );
}

#[test]
fn people_and_sessions_are_stored_while_the_server_runs() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(folder, "serve", &[]);
    let client = printed(
        folder,
        &[
            "user",
            "add",
            "--name",
            "Sam",
            "--email",
            "sam@a.example",
            "--role",
            "client",
        ],
    );
    let other = [
        "user",
        "add",
        "--name",
        "Dr. No",
        "--email",
        "no@a.example",
        "--role",
        "psychologist",
    ];
    let psychologist = printed(folder, &other);
    assert_eq!(
        refusal(folder, &other, &[]),
        "1 holdspace: the id or e-mail address is known already\n"
    );
    let session = printed(
        folder,
        &[
            "session",
            "add",
            "--client",
            &client,
            "--psychologist",
            &psychologist,
            "--status",
            "confirmed",
            "--payment",
            "completed",
            "--external-id",
            "visit-7",
        ],
    );
    let again = [
        "session",
        "add",
        "--client",
        &client,
        "--psychologist",
        &psychologist,
        "--external-id",
        "visit-7",
    ];
    assert_eq!(printed(folder, &again), session);

    let list = printed(folder, &["session", "list", "--status", "confirmed"]);
    assert!(
        list.contains(&session) && list.ends_with("Sam, Dr. No"),
        "{list}"
    );
    let show = printed(folder, &["session", "show", &session]);
    assert!(show.contains("external id    visit-7"), "{show}");
    let unknown = refusal(
        folder,
        &["session", "show", "507f1f77bcf86cd799439011"],
        &[],
    );
    assert_eq!(unknown, "1 holdspace: there is no such session\n");

    let token = printed(
        folder,
        &[
            "token", "--user", &client, "--role", "client", "--ttl", "5m",
        ],
    );
    let path = format!("/api/v1/video-calls/can-join/{session}");
    let answer = server.get(&path, &[("x-auth-token", &token)]);
    assert!(body(&answer).contains(r#""canJoin":true"#), "{answer}");
}

#[test]
fn a_token_needs_an_algorithm_that_signs() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("key.pem"), "").unwrap();
    let others_sign = [
        ("HOLDSPACE_AUTH__ALGORITHMS", "EdDSA"),
        ("HOLDSPACE_AUTH__PUBLIC_KEY_FILE", "key.pem"),
    ];
    let arguments = [
        "token",
        "--user",
        "507f1f77bcf86cd799439011",
        "--role",
        "admin",
    ];
    let said = refusal(folder.path(), &arguments, &others_sign);
    assert_eq!(
        said,
        "2 holdspace: tokens are signed with HS256, which auth.algorithms does not accept\n"
    );
}

#[test]
fn the_demo_prints_two_links_that_can_be_joined() {
    let folder = tempdir().unwrap();
    let sessions: Vec<String> = (0..2)
        .map(|_| {
            let server = Server::start(folder.path(), "demo", &[]);
            let links = [server.line_with("/call/#"), server.line_with("/call/#")];
            server.line_with("Ctrl-C");
            let sessions = links.map(|link| {
                let (session, token) = fragment(&link);
                let path = format!("/api/v1/video-calls/can-join/{session}");
                let answer = server.get(&path, &[("x-auth-token", token)]);
                assert!(body(&answer).contains(r#""canJoin":true"#), "{answer}");
                session.to_owned()
            });
            assert_eq!(sessions[0], sessions[1]);
            sessions[0].clone()
        })
        .collect();
    assert_eq!(
        sessions[0], sessions[1],
        "a visit that can still be joined is offered again"
    );
}

fn fragment(link: &str) -> (&str, &str) {
    link.split_once("/call/#session=")
        .and_then(|(_, fragment)| fragment.split_once("&token="))
        .expect("a join link")
}
