//! kill -9 at a random moment under load: nothing acknowledged is lost, no session is in two states, no
//! reply is forgotten, and the next server starts by itself.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::plain_client::{Answer, Client};
use crate::practice::{Practice, booking, seconds_ago, stored, text};
use crate::process::Server;

const ROUNDS: u64 = 50;
const WRITERS: u64 = 4;
/// A server is killed after at most so many acknowledged writes.
const WRITES_MAX: u64 = 40;
/// Repeats a run.
const SEED: &str = "HOLDSPACE_TEST_SEED";

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let seed = std::env::var(SEED)
        .map_or_else(|_| getrandom::u64().unwrap(), |seed| seed.parse().unwrap());
    println!("to repeat this run: {SEED}={seed}");
    let mut random = Random(seed);
    let practice = Practice::open();
    let mut server = practice.serve();
    let mut visits = Vec::new();
    for round in 0..ROUNDS {
        let mut made = write_until_killed(&practice, &server, round, &mut random);
        drop(server);
        server = practice.serve();
        let mut desk = Desk::open(server.address, &practice).unwrap();
        for visit in &mut made {
            visit.recover(&mut desk);
        }
        visits.append(&mut made);
    }
    let mut desk = Desk::open(server.address, &practice).unwrap();
    for visit in &visits {
        let found = stored(&mut desk.admin, &visit.id()).unwrap();
        assert!(agrees(&found, &visit.known), "{visit:?}\n{found}");
    }
    let started = visits
        .iter()
        .filter(|visit| !visit.known["videoCallStarted"].is_null());
    assert!(
        started.count() > 100,
        "the load was too small to mean anything"
    );
}

/// `SplitMix64`: all that a test needs.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn seconds(&mut self, end: u32) -> i64 {
        i64::try_from(self.below(end.into())).unwrap()
    }
}

/// Who writes: the platform and somebody in the call, each on a connection of their own.
struct Desk {
    admin: Client,
    psychologist: Client,
}

impl Desk {
    fn open(address: SocketAddr, practice: &Practice) -> std::io::Result<Self> {
        Ok(Self {
            admin: Client::connect(address, &practice.admin)?,
            psychologist: Client::connect(address, &practice.psychologist)?,
        })
    }

    fn send(&mut self, write: &Write) -> std::io::Result<Answer> {
        let client = match write.kind {
            Kind::Book | Kind::Cancel => &mut self.admin,
            _ => &mut self.psychologist,
        };
        let method = if write.kind == Kind::Cancel {
            "PATCH"
        } else {
            "POST"
        };
        client.call(method, &write.path, Some(&write.key), Some(&write.body))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Book,
    Room,
    Start,
    End,
    Cancel,
}

#[derive(Clone, Debug)]
struct Write {
    kind: Kind,
    path: String,
    key: String,
    body: Value,
}

/// One session, as far as its writer was told.
#[derive(Debug)]
struct Visit {
    external_id: String,
    /// The session by all that was acknowledged; null before it was booked.
    known: Value,
    /// What was sent and never answered.
    unanswered: Option<Write>,
    /// What was answered last, when it can be asked for again.
    answered: Option<(Write, u16, Value)>,
}

impl Visit {
    fn id(&self) -> String {
        text(&self.known["id"])
    }

    fn write(&self, kind: Kind, random: &mut Random) -> Write {
        let path = match kind {
            Kind::Book => "/sessions".to_owned(),
            Kind::Cancel => format!("/sessions/{}", self.id()),
            Kind::Room => format!("/video-calls/generate-room/{}", self.id()),
            Kind::Start => format!("/video-calls/start/{}", self.id()),
            Kind::End => format!("/video-calls/end/{}", self.id()),
        };
        let body = match kind {
            Kind::Book => booking(&self.external_id),
            Kind::Cancel => json!({"status": "Cancelled"}),
            Kind::Room => json!({}),
            Kind::Start => json!({"startTime": seconds_ago(400 + random.seconds(400))}),
            Kind::End => json!({"endTime": seconds_ago(random.seconds(400))}),
        };
        let key = format!("{} {kind:?}", self.external_id);
        Write {
            kind,
            path,
            key,
            body,
        }
    }

    /// Sends a write and takes its answer to heart.
    fn make(&mut self, write: Write, desk: &mut Desk) -> std::io::Result<()> {
        self.unanswered = Some(write.clone());
        let answer = desk.send(&write)?;
        assert!(matches!(answer.status, 200 | 201), "{write:?} {answer:?}");
        self.unanswered = None;
        let data = &answer.body["data"];
        match write.kind {
            Kind::Book | Kind::Cancel => self.known = data["session"].clone(),
            Kind::Room => self.known["roomId"] = data["roomId"].clone(),
            Kind::Start | Kind::End => {
                for name in [
                    "status",
                    "videoCallStarted",
                    "videoCallEnded",
                    "callDuration",
                ] {
                    if let Some(value) = data["session"].get(name) {
                        self.known[name] = value.clone();
                    }
                }
            }
        }
        // Only a POST is answered again (SPEC row 14).
        if write.kind != Kind::Cancel {
            self.answered = Some((write, answer.status, answer.body));
        }
        Ok(())
    }

    /// What the session is after `write`, if `found` is that.
    fn after(&self, write: &Write, found: &Value) -> Value {
        let mut after = self.known.clone();
        match write.kind {
            Kind::Book => {}
            Kind::Cancel => after["status"] = json!("Cancelled"),
            Kind::Room => after["roomId"] = found["roomId"].clone(),
            Kind::Start => {
                after["status"] = json!("In Progress");
                after["videoCallStarted"] = write.body["startTime"].clone();
            }
            Kind::End => {
                after["status"] = json!("Completed");
                after["videoCallEnded"] = write.body["endTime"].clone();
                after["callDuration"] = found["callDuration"].clone();
            }
        }
        after
    }

    /// Checks the session against what was acknowledged, on a server that was started after the kill,
    /// and sends again what was not answered.
    fn recover(&mut self, desk: &mut Desk) {
        if let Some((write, status, body)) = &self.answered {
            let again = desk.send(write).unwrap();
            assert_eq!((again.status, &again.body), (*status, body), "{write:?}");
            assert_eq!(again.header("idempotency-replayed"), "true", "{write:?}");
        }
        if self.known.is_null() {
            self.book_again(desk);
        }
        let found = stored(&mut desk.admin, &self.id()).unwrap();
        let unanswered = self.unanswered.take();
        let after = unanswered.as_ref().map(|write| self.after(write, &found));
        let expected =
            agrees(&found, &self.known) || after.is_some_and(|after| agrees(&found, &after));
        assert!(expected, "{self:?} {unanswered:?}\n{found}");
        assert_one_state(&found);
        if let Some(write) = unanswered.filter(|write| write.kind != Kind::Book) {
            let again = desk.send(&write).unwrap();
            let code = again.code();
            let documented = match again.status {
                200 => true,
                // Claimed, but not answered when the server was killed.
                409 => code == "IDEMPOTENCY_IN_FLIGHT",
                // The claim was taken over, after the write that had come to be recorded.
                400 => code == "CALL_ALREADY_STARTED",
                422 => code == "CALL_ALREADY_ENDED",
                _ => false,
            };
            assert!(documented, "{write:?} {again:?}");
        }
        self.known = stored(&mut desk.admin, &self.id()).unwrap();
        assert_one_state(&self.known);
    }

    /// The booking was not answered: whether it was recorded or not, there is one such session afterwards.
    fn book_again(&mut self, desk: &mut Desk) {
        let ids = [0, 1].map(|_| {
            let body = booking(&self.external_id);
            let answer = desk
                .admin
                .call("POST", "/sessions", None, Some(&body))
                .unwrap();
            assert!(matches!(answer.status, 200 | 201), "{answer:?}");
            self.known = answer.body["data"]["session"].clone();
            self.id()
        });
        assert_eq!(ids[0], ids[1]);
    }
}

/// Whether `found` is what is known, but for the time of the last change.
fn agrees(found: &Value, known: &Value) -> bool {
    let fields = known.as_object().unwrap().iter();
    let mut fields = fields.filter(|(name, _)| *name != "updatedAt");
    fields.all(|(name, value)| found[name] == *value)
}

fn assert_one_state(session: &Value) {
    let time = |name: &str| -> Option<Timestamp> {
        session[name].as_str().map(|text| text.parse().unwrap())
    };
    let (started, ended) = (time("videoCallStarted"), time("videoCallEnded"));
    let duration = session["callDuration"].as_i64();
    let fits = match session["status"].as_str().unwrap() {
        "Confirmed" => started.is_none() && ended.is_none() && duration.is_none(),
        "In Progress" => started.is_some() && ended.is_none() && duration.is_none(),
        "Cancelled" => ended.is_none() && duration.is_none(),
        "Completed" => {
            let (started, ended) = (started.unwrap(), ended.unwrap());
            let seconds = (ended.as_millisecond() - started.as_millisecond() + 500) / 1000;
            ended >= started && duration == Some((seconds + 30) / 60)
        }
        _ => false,
    };
    assert!(fits, "{session}");
    assert!(time("updatedAt") >= time("createdAt"), "{session}");
}

/// Loads the server from several clients at once, and kills it after a random number of acknowledged
/// writes. Gives the sessions that were made or asked for.
fn write_until_killed(
    practice: &Practice,
    server: &Server,
    round: u64,
    random: &mut Random,
) -> Vec<Visit> {
    let writes_left = AtomicU64::new(1 + random.below(WRITES_MAX));
    let (address, pid) = (server.address, server.pid());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| (writer, Random(random.next())))
        .collect();
    thread::scope(|scope| {
        let writers: Vec<_> = writers
            .into_iter()
            .map(|(writer, mut random)| {
                let writes_left = &writes_left;
                scope.spawn(move || {
                    let mut visits = Vec::new();
                    let Ok(mut desk) = Desk::open(address, practice) else {
                        return visits;
                    };
                    loop {
                        let mut visit = Visit {
                            external_id: format!("{round}-{writer}-{}", visits.len()),
                            known: Value::Null,
                            unanswered: None,
                            answered: None,
                        };
                        let ended = visit_until_killed(&mut visit, &mut desk, &mut random, || {
                            acknowledge(writes_left, pid);
                        });
                        visits.push(visit);
                        if ended.is_err() {
                            return visits;
                        }
                    }
                })
            })
            .collect();
        let visits = writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap());
        visits.collect()
    })
}

/// Counts an acknowledged write; the last of the round is the server's end.
fn acknowledge(writes_left: &AtomicU64, pid: Pid) {
    if writes_left.fetch_sub(1, Ordering::SeqCst) == 1 {
        kill_process(pid, Signal::KILL).unwrap();
    }
}

/// From booking to bill, with some that are cancelled on the way.
fn visit_until_killed(
    visit: &mut Visit,
    desk: &mut Desk,
    random: &mut Random,
    acknowledged: impl Fn(),
) -> std::io::Result<()> {
    let steps: &[Kind] = match random.below(5) {
        0 => &[Kind::Book, Kind::Room, Kind::Cancel],
        1 => &[Kind::Book, Kind::Start, Kind::Cancel],
        2 => &[Kind::Book, Kind::Start, Kind::Room, Kind::End],
        _ => &[Kind::Book, Kind::Room, Kind::Start, Kind::End],
    };
    for step in steps {
        let write = visit.write(*step, random);
        visit.make(write, desk)?;
        acknowledged();
    }
    Ok(())
}
