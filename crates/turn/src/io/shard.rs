//! One thread of the relay: its poll, its sockets, its core.

mod datagrams;
mod sending;
mod streams;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, UdpSocket};
use mio::{Events, Interest, Poll, Token, Waker};

use super::connections::{Admission, Connections};
use super::features::Features;
use super::floods::Floods;
use super::listeners::Listeners;
use super::outbox::Outbox;
use super::path::Way;
use super::relayed::{Inlet, Opener, Relayed, Side};
use super::slots::{Arrival, Slots};
use crate::core::{Core, RelayId, Shared, Transport};
use crate::counters::{Board, Count};
use crate::time::Moment;

pub(crate) const EVENTS: usize = 1024;
const TICK: Duration = Duration::from_secs(1);
/// What connections have brought to send is kept together up to here, so that thousands of them in one turn take no more.
const WAITING_BYTES_MAX: usize = 1 << 18;

/// What a token stands for, in its lowest bits.
const KINDS: usize = 8;
const WAKER: usize = 0;
const LISTENER: usize = 1;
const RELAY: usize = 2;
const STREAMS: usize = 3;
const CONNECTION: usize = 4;
const CONNECTED_RELAY: usize = 5;

fn token(kind: usize, index: usize) -> Token {
    Token(index * KINDS + kind)
}

fn inlet_token(inlet: Inlet) -> Token {
    let kind = match inlet.side {
        Side::Open => RELAY,
        Side::Connected => CONNECTED_RELAY,
    };
    token(kind, inlet.relay.0 as usize)
}

fn opener<'a>(relayed: &'a mut Relayed, poll: &'a Poll, way: &'a Way) -> Opener<'a> {
    Opener {
        relayed,
        registry: poll.registry(),
        way,
        token: inlet_token,
    }
}

/// How a shard is told to end.
#[derive(Debug)]
pub(crate) struct Control {
    is_stopping: Arc<AtomicBool>,
    waker: Waker,
}

impl Control {
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        // Without it the shard sees the flag at its next tick.
        drop(self.waker.wake());
    }
}

/// What a shard has in common with others.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) shared: Arc<Shared>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) tls_config: Option<Arc<rustls::ServerConfig>>,
    pub(crate) idle_max: Duration,
    pub(crate) features: Features,
    /// The beginning of time.
    pub(crate) start: Instant,
}

#[derive(Debug)]
pub(crate) struct Shard {
    surroundings: Surroundings,
    poll: Poll,
    core: Core,
    way: Way,
    slots: Slots,
    outbox: Outbox,
    relayed: Relayed,
    listeners: Vec<UdpSocket>,
    ready_listeners: Vec<bool>,
    /// Of each listener.
    floods: Vec<Floods>,
    streams: Vec<(TcpListener, Transport)>,
    ready_streams: Vec<bool>,
    connections: Connections,
    arrivals: Vec<Arrival>,
    scratch: Vec<u8>,
    now: Moment,
    next_tick: Moment,
    board: Arc<Board>,
    is_stopping: Arc<AtomicBool>,
}

impl Shard {
    pub(crate) fn new(
        surroundings: Surroundings,
        listeners: Listeners,
        seed: &[u8; 32],
        board: Arc<Board>,
    ) -> io::Result<(Self, Control)> {
        let poll = Poll::new()?;
        let way = Way::new(surroundings.features);
        let mut udp: Vec<UdpSocket> = listeners.udp.into_iter().map(UdpSocket::from_std).collect();
        for (index, socket) in udp.iter_mut().enumerate() {
            way.prepare(socket)?;
            poll.registry()
                .register(socket, token(LISTENER, index), Interest::READABLE)?;
        }
        let mut streams: Vec<(TcpListener, Transport)> = listeners
            .streams
            .into_iter()
            .map(|(listener, transport)| (TcpListener::from_std(listener), transport))
            .collect();
        for (index, (listener, _)) in streams.iter_mut().enumerate() {
            poll.registry()
                .register(listener, token(STREAMS, index), Interest::READABLE)?;
        }
        let is_stopping = Arc::new(AtomicBool::new(false));
        let waker = Waker::new(poll.registry(), token(WAKER, 0))?;
        let control = Control {
            is_stopping: is_stopping.clone(),
            waker,
        };
        let shard = Self {
            core: Core::new(surroundings.shared.clone(), seed),
            relayed: Relayed::new(way.connected_max()),
            way,
            slots: Slots::new(),
            outbox: Outbox::new(surroundings.features.has_gso),
            ready_listeners: vec![false; udp.len()],
            floods: udp.iter().map(Floods::new).collect(),
            listeners: udp,
            ready_streams: vec![false; streams.len()],
            streams,
            connections: Connections::default(),
            arrivals: Vec::new(),
            scratch: vec![0; 16 * 1024],
            now: Moment::default(),
            next_tick: Moment::default(),
            board,
            is_stopping,
            poll,
            surroundings,
        };
        Ok((shard, control))
    }

    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// When the poll fails.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        while !self.is_stopping.load(Ordering::Relaxed) {
            self.round(&mut events)?;
        }
        self.end();
        Ok(())
    }

    /// Waits until there is something to do, and gives everybody who has something one turn.
    pub(crate) fn round(&mut self, events: &mut Events) -> io::Result<()> {
        match self.poll.poll(events, Some(self.patience())) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        self.set_now();
        for event in &*events {
            self.note(event);
        }
        self.turn();
        Ok(())
    }

    /// How long there is nothing to do unless something comes.
    fn patience(&self) -> Duration {
        let is_busy = self.relayed.ready_count() + self.connections.ready_count() > 0
            || self.ready_listeners.contains(&true);
        if is_busy {
            return Duration::ZERO;
        }
        let next = (self.floods.iter())
            .filter_map(Floods::next_release)
            .fold(self.next_tick, Moment::min);
        Duration::from_millis(next.as_millis().saturating_sub(self.now.as_millis())).min(TICK)
    }

    fn set_now(&mut self) {
        let millis = self.surroundings.start.elapsed().as_millis();
        self.now = Moment::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
    }

    fn note(&mut self, event: &mio::event::Event) {
        let (kind, index) = (event.token().0 % KINDS, event.token().0 / KINDS);
        match kind {
            LISTENER => self.ready_listeners[index] = true,
            RELAY | CONNECTED_RELAY => {
                let relay = RelayId(u32::try_from(index).unwrap_or(u32::MAX));
                let side = if kind == RELAY {
                    Side::Open
                } else {
                    Side::Connected
                };
                let inlet = Inlet { relay, side };
                if event.is_error() {
                    self.relayed.mark_failed(inlet);
                }
                self.relayed.mark_ready(inlet);
            }
            STREAMS => self.ready_streams[index] = true,
            CONNECTION => {
                self.connections.mark_ready(index);
                if event.is_writable() {
                    self.connections.mark_dirty(index);
                }
            }
            _ => {}
        }
    }

    /// Everybody who has something gets one turn.
    fn turn(&mut self) {
        for index in 0..self.listeners.len() {
            if self.floods[index].release(self.now) {
                self.drop_floods(index);
            }
            if self.ready_listeners[index] {
                self.receive_from_clients(index);
            }
        }
        for _ in 0..self.relayed.ready_count() {
            if let Some(inlet) = self.relayed.next_ready() {
                self.receive_from_peers(inlet);
            }
        }
        for index in 0..self.streams.len() {
            if self.ready_streams[index] {
                self.accept(index);
            }
        }
        for _ in 0..self.connections.ready_count() {
            if let Some(index) = self.connections.next_ready() {
                self.receive_from_connection(index);
            }
            if self.outbox.heads_bytes() > WAITING_BYTES_MAX {
                self.send_waiting();
            }
        }
        self.flush();
        let connected = opener(&mut self.relayed, &self.poll, &self.way).connect_favourites();
        self.core.tally().add(Count::Connected, connected);
        if self.now >= self.next_tick {
            self.tick();
        }
        self.board.show(self.core.tally());
    }

    fn tick(&mut self) {
        self.next_tick = self.now + TICK;
        let mut opener = opener(&mut self.relayed, &self.poll, &self.way);
        self.core.tick(self.now, &mut opener);
        self.forget_closed();
        self.hang_up_idle();
    }

    fn end(&mut self) {
        self.set_now();
        self.hang_up_all();
        let mut opener = opener(&mut self.relayed, &self.poll, &self.way);
        self.core.clear(self.now, &mut opener);
        self.board.show(self.core.tally());
    }
}
