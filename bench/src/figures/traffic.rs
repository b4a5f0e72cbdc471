//! Pairs of sockets in many rooms that signal to each other. Whoever receives checks every byte and the order; a
//! message that is lost, changed, doubled or out of its place fails the benchmark.
use std::cell::{Cell, RefCell};
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Error, Result, bail, ensure};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{Instant, sleep};

use crate::payload::{BURST, Script, Side};
use crate::socketio::Socket;
use crate::subject::{Kind, Running};
use crate::wire::{self, Frames, Wire};

pub(super) const ROOMS: usize = 50;
const TICK: Duration = Duration::from_millis(1);
/// Messages still on their way this long after the last one was sent are lost.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// How messages follow each other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// So many a second, and at least so many, over all sides in turn, so that each comes alone on its connection.
    Alone { per_second: u32, messages: usize },
    /// In each room both sides negotiate without pause: each sends a whole burst in one write, as candidates are gathered
    /// together, and answers each burst that has arrived with the next.
    Bursts { duration: Duration },
    /// In each room a burst of each side is always on its way, each message in a write of its own, and each that arrives
    /// is answered with one.
    Singly { duration: Duration },
}

/// The rooms of one server.
#[derive(Debug)]
pub(super) struct Traffic {
    senders: Vec<Rc<Sender>>,
    shared: Rc<Shared>,
    readers: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Sender {
    wire: Rc<Wire>,
    script: RefCell<Script>,
    next: Cell<usize>,
}

/// What a receiver does with what arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Answering {
    #[default]
    Not,
    Singly,
    Bursts,
}

#[derive(Debug, Default)]
struct Shared {
    sent: Cell<usize>,
    received: Cell<usize>,
    answering: Cell<Answering>,
    failure: RefCell<Option<Error>>,
}

/// One end of a pair before the traffic begins.
struct End {
    wire: Rc<Wire>,
    frames: Frames,
    /// Its public id, where the server gives one.
    id: String,
}

impl Traffic {
    /// Connects both people of the first visits, who join their rooms.
    pub(super) async fn open(running: &Running<'_>) -> Result<Self> {
        let mut traffic = Self {
            senders: Vec::new(),
            shared: Rc::default(),
            readers: Vec::new(),
        };
        let mut answering = Vec::new();
        for room in 0..ROOMS {
            let [first, second] = connect_pair(running, room)
                .await
                .with_context(|| format!("room {room}"))?;
            let [field_in, field_out] = ["to", "from"];
            let relay = running.kind == Kind::Relay;
            // The bare relay passes on what it gets, "to" and all.
            let script = |side, receiver: &str, sender: &str| {
                let expected = if relay {
                    Script::new(side, room, field_in, receiver)
                } else {
                    Script::new(side, room, field_out, sender)
                };
                (Script::new(side, room, field_in, receiver), expected)
            };
            let (offers, expected_offers) = script(Side::Offering, &second.id, &first.id);
            let (answers, expected_answers) = script(Side::Answering, &first.id, &second.id);
            let offering = traffic.add(first, offers, expected_answers);
            traffic.senders.push(offering);
            answering.push(traffic.add(second, answers, expected_offers));
        }
        traffic.senders.append(&mut answering);
        Ok(traffic)
    }

    /// Sends at `pace`, waits until all has arrived, and tells how many messages that were.
    pub(super) async fn run(&self, pace: Pace) -> Result<usize> {
        let before = self.shared.received.get();
        match pace {
            Pace::Alone {
                per_second,
                messages,
            } => self.send_spaced(per_second, messages).await?,
            Pace::Bursts { duration } => self.send_loaded(Answering::Bursts, duration).await?,
            Pace::Singly { duration } => self.send_loaded(Answering::Singly, duration).await?,
        }
        let deadline = Instant::now() + DELIVERY_TIMEOUT;
        while self.shared.received.get() < self.shared.sent.get() {
            self.check()?;
            let missing = self.shared.sent.get() - self.shared.received.get();
            ensure!(Instant::now() < deadline, "{missing} messages were lost");
            sleep(TICK).await;
        }
        self.check()?;
        Ok(self.shared.received.get() - before)
    }

    async fn send_spaced(&self, per_second: u32, messages: usize) -> Result<()> {
        let interval = Duration::from_secs(1) / per_second;
        // Whole rounds of whole bursts, so that the mix is exact.
        let mut due = Instant::now();
        for number in 0..messages.next_multiple_of(self.senders.len() * BURST) {
            while Instant::now() < due {
                self.check()?;
                sleep(TICK).await;
            }
            self.senders[number % self.senders.len()]
                .send(&self.shared)
                .await?;
            due += interval;
        }
        Ok(())
    }

    async fn send_loaded(&self, answering: Answering, duration: Duration) -> Result<()> {
        self.shared.answering.set(answering);
        let end = Instant::now() + duration;
        for sender in &self.senders {
            match answering {
                Answering::Bursts => sender.send_burst(&self.shared).await?,
                _ => {
                    for _ in 0..BURST {
                        sender.send(&self.shared).await?;
                    }
                }
            }
        }
        while Instant::now() < end {
            self.check()?;
            sleep(TICK).await;
        }
        self.shared.answering.set(Answering::Not);
        Ok(())
    }

    fn add(&mut self, end: End, script: Script, expected: Script) -> Rc<Sender> {
        let sender = Rc::new(Sender {
            wire: end.wire,
            script: RefCell::new(script),
            next: Cell::new(0),
        });
        let (reading, shared) = (Rc::clone(&sender), Rc::clone(&self.shared));
        self.readers.push(spawn_local(async move {
            if let Err(error) = read(end.frames, expected, &reading, &shared).await {
                shared.failure.borrow_mut().get_or_insert(error);
            }
        }));
        sender
    }

    fn check(&self) -> Result<()> {
        match self.shared.failure.borrow_mut().take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.abort();
        }
    }
}

impl Sender {
    async fn send(&self, shared: &Shared) -> Result<()> {
        let number = self.next.get();
        self.next.set(number + 1);
        let frame = wire::text_frame(self.script.borrow_mut().line(number));
        shared.sent.set(shared.sent.get() + 1);
        self.wire.write(&frame).await
    }

    /// A burst in one write.
    async fn send_burst(&self, shared: &Shared) -> Result<()> {
        let first = self.next.get();
        self.next.set(first + BURST);
        let mut frames = Vec::new();
        for number in first..first + BURST {
            frames.extend_from_slice(&wire::text_frame(self.script.borrow_mut().line(number)));
        }
        shared.sent.set(shared.sent.get() + BURST);
        self.wire.write(&frames).await
    }
}

async fn read(
    mut frames: Frames,
    mut expected: Script,
    sender: &Sender,
    shared: &Shared,
) -> Result<()> {
    for number in 0.. {
        let message = frames.next().await?;
        let wanted = expected.line(number);
        if message != wanted {
            bail!(
                "message {number} was lost, changed or out of order: {} came instead of {}",
                message.escape_ascii(),
                wanted.escape_ascii()
            );
        }
        shared.received.set(shared.received.get() + 1);
        match shared.answering.get() {
            Answering::Bursts if (number + 1) % BURST == 0 => sender.send_burst(shared).await?,
            Answering::Singly => sender.send(shared).await?,
            _ => {}
        }
    }
    Ok(())
}

async fn connect_pair(running: &Running<'_>, room: usize) -> Result<[End; 2]> {
    let (address, visit) = (running.child.address, &running.visits[room]);
    if running.kind == Kind::Relay {
        let path = format!("/relay/{}", visit.room);
        return Ok([
            connect_bare(address, &path).await?,
            connect_bare(address, &path).await?,
        ]);
    }
    let mut ends = Vec::with_capacity(2);
    for person in &visit.people {
        let mut socket = Socket::connect(address, Ipv4Addr::LOCALHOST, &person.token(room)).await?;
        socket.join(&visit.room, person).await?;
        ends.push(socket);
    }
    ends[0].wait_for("user-joined").await?;
    let ends = ends.into_iter().map(|socket| End {
        wire: socket.wire,
        frames: socket.frames,
        id: socket.id,
    });
    ends.collect::<Vec<_>>()
        .try_into()
        .map_err(|_| Error::msg("two people a room"))
}

async fn connect_bare(address: std::net::SocketAddr, path: &str) -> Result<End> {
    let (wire, frames) = wire::connect(address, Ipv4Addr::LOCALHOST, path).await?;
    // As long as a socket's id, so that messages are as long as everywhere.
    Ok(End {
        wire,
        frames,
        id: "x".repeat(20),
    })
}
