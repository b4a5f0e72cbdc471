//! A disk that is full and gets room again, and one that is read-only: each a mount of the server's own.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::plain_client::{Answer, Client};
use crate::practice::{self, LENIENT, Practice, booking, stored, text};
use crate::process::{Server, command};

/// A namespace of mounts needs root, or a namespace of users to be root in.
fn unshare() -> Option<Command> {
    for flags in ["-m", "-rm"] {
        let tried = Command::new("unshare").args([flags, "true"]).output();
        if tried.is_ok_and(|output| output.status.success()) {
            let mut unshare = Command::new("unshare");
            unshare.arg(flags);
            return Some(unshare);
        }
    }
    println!("this system lets nobody mount: only the store's own tests of a full disk were run");
    None
}

/// `serve` in a namespace where `mount`, a line of shell, has been run in the folder.
fn serve_after(folder: &Path, mount: &str, environment: &[(&str, &str)]) -> Option<Command> {
    let mut unshare = unshare()?;
    let serve = command(folder, &["serve"], environment);
    unshare
        .args(["sh", "-c", &format!("{mount} && exec \"$0\" serve")])
        .arg(serve.get_program())
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(environment.iter().copied());
    Some(unshare)
}

/// A server whose database lies on a disk of 3 MiB.
struct SmallDisk {
    server: Server,
    filler: PathBuf,
}

impl SmallDisk {
    fn open(practice: &Practice) -> Option<Self> {
        let disk = practice.folder().join("disk");
        fs::create_dir(&disk).unwrap();
        let secret = fs::read_to_string(practice.folder().join("holdspace.db.secret")).unwrap();
        let database = ("DATABASE_URL", "sqlite:disk/visits.db");
        let environment = [&LENIENT[..], &[database, ("JWT_SECRET", secret.trim())]].concat();
        let mount = "mount -t tmpfs -o size=3m none disk";
        let server = Server::start_as(serve_after(practice.folder(), mount, &environment)?);
        // The server's own view of the folder.
        let pid = server.pid().as_raw_nonzero();
        let filler = PathBuf::from(format!("/proc/{pid}/root{}/filler", disk.display()));
        Some(Self { server, filler })
    }

    /// Takes every byte that is left.
    fn fill(&self) {
        let mut filler = File::create(&self.filler).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(&self.filler).unwrap();
    }
}

/// Every kind of write, against sessions that are in the state for it.
fn writes(sessions: &[String; 4], number: usize) -> [(&'static str, String, Value); 5] {
    let [roomless, confirmed, started, other] = sessions;
    [
        (
            "POST",
            "/sessions".to_owned(),
            booking(&format!("late-{number}")),
        ),
        (
            "POST",
            format!("/video-calls/generate-room/{roomless}"),
            json!({}),
        ),
        ("POST", format!("/video-calls/start/{confirmed}"), json!({})),
        ("POST", format!("/video-calls/end/{started}"), json!({})),
        (
            "PATCH",
            format!("/sessions/{other}"),
            json!({"status": "Cancelled"}),
        ),
    ]
}

/// Four sessions, the third of which is in progress.
fn four(admin: &mut Client, name: &str) -> [String; 4] {
    let sessions = [0, 1, 2, 3].map(|index| practice::book(admin, &format!("{name}-{index}")));
    let start = format!("/video-calls/start/{}", sessions[2]);
    assert_eq!(admin.call("POST", &start, None, None).unwrap().status, 200);
    sessions
}

fn assert_unavailable(answer: &Answer) {
    let told = (answer.status, answer.code(), answer.header("retry-after"));
    assert_eq!(told, (503, "SERVICE_UNAVAILABLE", "1"), "{answer:?}");
}

#[test]
fn a_full_disk_is_answered_503_until_there_is_room_again() {
    let practice = Practice::open();
    let Some(disk) = SmallDisk::open(&practice) else {
        return;
    };
    let mut admin = Client::connect(disk.server.address, &practice.admin).unwrap();
    let sessions = four(&mut admin, "early");
    let mut known: Vec<Value> = Vec::new();
    for id in &sessions {
        known.push(stored(&mut admin, id).unwrap());
    }

    disk.fill();
    let refused = loop {
        assert!(known.len() < 5000, "the disk does not fill");
        let late = booking(&format!("late-{}", known.len()));
        let answer = admin.call("POST", "/sessions", None, Some(&late)).unwrap();
        if answer.status != 201 {
            break answer;
        }
        known.push(answer.body["data"]["session"].clone());
    };
    assert_unavailable(&refused);
    for (method, path, body) in writes(&sessions, known.len()) {
        for key in [None, Some("k")] {
            // The key of a PATCH is nothing, and does not get in its way.
            assert_unavailable(&admin.call(method, &path, key, Some(&body)).unwrap());
        }
    }
    assert!(disk.server.get("/healthz", &[]).starts_with("HTTP/1.1 200"));
    assert!(disk.server.get("/readyz", &[]).starts_with("HTTP/1.1 503"));
    assert_known(&mut admin, &known);

    disk.free();
    for (method, path, body) in writes(&sessions, known.len()) {
        let answer = admin.call(method, &path, Some("k"), Some(&body)).unwrap();
        assert!(
            matches!(answer.status, 200 | 201),
            "{method} {path} {answer:?}"
        );
        assert_eq!(answer.header("idempotency-replayed"), "");
    }
    assert!(disk.server.get("/readyz", &[]).starts_with("HTTP/1.1 200"));
    assert_known(&mut admin, &known[sessions.len()..]);
    let statuses = sessions.map(|id| text(&stored(&mut admin, &id).unwrap()["status"]));
    assert_eq!(
        statuses,
        ["Confirmed", "In Progress", "Completed", "Cancelled"]
    );
    disk.server.signal(Signal::TERM);
    assert_eq!(disk.server.end().0.code(), Some(0));
}

/// Every session is as it was acknowledged.
fn assert_known(admin: &mut Client, known: &[Value]) {
    for session in known {
        assert_eq!(stored(admin, &text(&session["id"])).unwrap(), *session);
    }
}

/// Makes a database with a session in it, and ends its server well.
fn filled() -> Practice {
    let practice = Practice::open();
    let server = practice.serve();
    let mut admin = Client::connect(server.address, &practice.admin).unwrap();
    four(&mut admin, "visit");
    server.signal(Signal::TERM);
    assert_eq!(server.end().0.code(), Some(0));
    practice
}

/// Runs `serve`, three times as a supervisor would: exit code 3, one line that says what is wrong, and
/// nothing touched.
fn assert_refused(folder: &Path, mut serve: impl FnMut() -> Command, complaint: &str) {
    let database = folder.join("holdspace.db");
    let before = fs::read(&database).unwrap();
    for _ in 0..3 {
        let output = serve().output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.starts_with("holdspace: ") && said.contains(complaint),
            "{said}"
        );
        let untouched = fs::read(&database).unwrap() == before;
        assert!(untouched, "{complaint}: it was touched");
    }
}

#[test]
fn a_read_only_disk_is_a_clear_line() {
    let practice = filled();
    let folder = practice.folder();
    let mount = "mount --bind . . && mount -o remount,ro,bind .";
    if serve_after(folder, mount, &LENIENT).is_none() {
        return;
    }
    // The shell's own folder still is the one below the mount.
    let absolute = format!("cd / && cd {0} && {mount} && cd {0}", folder.display());
    let serve = || serve_after(folder, &absolute, &LENIENT).unwrap();
    // Whichever is met first: the file, or one that has to be made beside it.
    assert_refused(folder, serve, "cannot be");
}

#[test]
fn a_damaged_or_newer_database_is_a_clear_line_and_left_as_it_is() {
    let practice = filled();
    let folder = practice.folder();
    let path = folder.join("holdspace.db");
    let whole = fs::read(&path).unwrap();
    let serve = || command(folder, &["serve"], &[("PORT", "0")]);

    let mut newer = whole.clone();
    // The user version (https://sqlite.org/fileformat2.html#database_header).
    newer[60..64].copy_from_slice(&9999_u32.to_be_bytes());
    let mut scribbled = whole.clone();
    scribbled[2 * 4096..][..64].fill(0xa5);
    let mut not_a_database = whole.clone();
    not_a_database[..16].fill(b'x');
    let cut_off = whole[..whole.len() - 4096].to_vec();
    for (content, complaint) in [
        (newer, "newer version"),
        (scribbled, "is damaged"),
        (not_a_database, "is not an SQLite database"),
        (cut_off, "is damaged"),
    ] {
        fs::write(&path, content).unwrap();
        assert_refused(folder, serve, complaint);
    }
    fs::write(&path, whole).unwrap();
    practice.serve();
}
