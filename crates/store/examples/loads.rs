//! Measures the SQLite store: loads a second and the time of one, alone and beside others, with a warm
//! cache, without one, and beside writes; what a durable write costs alone and in company; and opening.
//!
//! `cargo run --release -p holdspace-store --example loads [-- DIRECTORY]`

use std::sync::Arc;
use std::time::{Duration, Instant};

use holdspace_domain::{
    NewSession, PaymentStatus, Person, Role, Session, SessionId, SessionType, Timestamp, UserId,
};
use holdspace_store::{NewUser, Options, SessionStore, Sqlite, UserStore};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const SESSIONS: u32 = 1000;
const CALLERS: u32 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let url = format!("sqlite:{directory}/loads-{}.db", std::process::id());
    let store = Arc::new(Sqlite::open(&url, Options::default()).await?);
    let sessions = fill(&store).await?;

    for callers in [1, CALLERS] {
        let count = 400_000 / callers;
        let taken = crowd(callers, &store, move |store, caller| async move {
            for turn in 0..count {
                load(&store, caller + turn).await?;
            }
            Ok(())
        })
        .await?;
        report("loads, warm", callers, callers * count, taken);
    }
    for callers in [1, CALLERS] {
        let count = 40_000 / callers;
        let taken = crowd(callers, &store, move |store, caller| async move {
            for turn in 0..count {
                // Nothing unknown is ever cached.
                let id = SessionId::from_bytes([0xff; 12]);
                let found = store.load_session(id).await?;
                assert!(found.is_none(), "{caller} {turn}");
            }
            Ok(())
        })
        .await?;
        report("loads, never cached", callers, callers * count, taken);
    }
    for callers in [1, 32, 256] {
        let count = 512 / callers;
        let taken = crowd(callers, &store, {
            let sessions = Arc::clone(&sessions);
            move |store, caller| {
                let mut session = sessions[caller as usize].clone();
                async move {
                    let booking = store.load_session(session.id).await?;
                    session.version = booking.map_or(0, |booking| booking.session.version);
                    for _ in 0..count {
                        assert!(store.save_session(&session).await?);
                        session.version += 1;
                    }
                    Ok(())
                }
            }
        })
        .await?;
        report("saves", callers, callers * count, taken);
    }
    beside_writes(&store, &sessions).await?;
    store.close().await;
    reopen(&url).await?;
    remove(&url);
    Ok(())
}

/// Loads of all sessions while somebody saves 20 times a second.
async fn beside_writes(store: &Arc<Sqlite>, sessions: &[Session]) -> Result<(), Failure> {
    let writer = tokio::spawn({
        let store = Arc::clone(store);
        let mut session = sessions[SESSIONS as usize - 1].clone();
        async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(50));
            loop {
                ticks.tick().await;
                if !matches!(store.save_session(&session).await, Ok(true)) {
                    break;
                }
                session.version += 1;
            }
        }
    });
    let count = 10_000;
    let taken = crowd(CALLERS, store, move |store, caller| async move {
        for turn in 0..count {
            load(&store, caller * 31 + turn).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    })
    .await?;
    report(
        "loads beside 20 saves a second",
        CALLERS,
        CALLERS * count,
        taken,
    );
    writer.abort();
    Ok(())
}

/// How long a start waits for a known database.
async fn reopen(url: &str) -> Result<(), Failure> {
    const TIMES: u32 = 20;
    let start = Instant::now();
    for _ in 0..TIMES {
        let store = Sqlite::open(url, Options::default()).await?;
        store.close().await;
    }
    report("opened and closed", 1, TIMES, start.elapsed());
    Ok(())
}

async fn load(store: &Sqlite, number: u32) -> Result<(), Failure> {
    let found = store.load_session(id(number % SESSIONS)).await?;
    assert!(found.is_some());
    Ok(())
}

/// Runs `act` once for each caller, all at once, and says how long it took.
async fn crowd<F>(
    callers: u32,
    store: &Arc<Sqlite>,
    act: impl Fn(Arc<Sqlite>, u32) -> F,
) -> Result<Duration, Failure>
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let start = Instant::now();
    let acts: Vec<_> = (0..callers)
        .map(|caller| tokio::spawn(act(Arc::clone(store), caller)))
        .collect();
    for act in acts {
        act.await??;
    }
    Ok(start.elapsed())
}

fn report(what: &str, callers: u32, count: u32, taken: Duration) {
    let each = taken.as_secs_f64() / f64::from(count);
    println!(
        "{what:32} {callers:4} callers {:12.0} a second {:10.2} µs each",
        1.0 / each,
        each * 1e6,
    );
}

fn id(number: u32) -> SessionId {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    SessionId::from_bytes(bytes)
}

async fn fill(store: &Arc<Sqlite>) -> Result<Arc<Vec<Session>>, Failure> {
    for number in [1, 2] {
        let person = Person {
            id: UserId::from_bytes([number; 12]),
            name: "Somebody".to_owned(),
            email: format!("{number}@example.org"),
            role: Role::Client,
        };
        let user = NewUser {
            person,
            password: None,
        };
        store.insert_user(&user).await?;
    }
    let now = Timestamp::from_millis(1_765_807_200_000);
    let mut sessions = Vec::new();
    for number in 0..SESSIONS {
        let new = NewSession {
            id: id(number),
            external_id: None,
            client: UserId::from_bytes([1; 12]),
            psychologist: UserId::from_bytes([2; 12]),
            guests: vec![],
            session_date: now,
            duration_minutes: 50,
            session_type: SessionType::Individual,
            confirmed: true,
            payment: PaymentStatus::Completed,
        };
        sessions.push(Session::book(new, 8, now)?);
    }
    let inserts: Vec<_> = sessions
        .iter()
        .map(|session| {
            let (store, session) = (Arc::clone(store), session.clone());
            tokio::spawn(async move { store.insert_session(&session).await })
        })
        .collect();
    for insert in inserts {
        insert.await??;
    }
    Ok(Arc::new(sessions))
}

fn remove(url: &str) {
    let path = url.trim_start_matches("sqlite:");
    for companion in ["", "-wal", "-shm"] {
        // What is left over is only a file in the directory that was given.
        let _ = std::fs::remove_file(format!("{path}{companion}"));
    }
}
