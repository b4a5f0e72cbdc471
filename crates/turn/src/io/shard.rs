//! One thread of the relay: its poll, its sockets, its core.
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token, Waker};

use super::connection::{Connection, Reading};
use super::connections::{Admission, Connections};
use super::features::Features;
use super::floods::Floods;
use super::listeners::Listeners;
use super::outbox::{Outbox, Socket};
use super::path::{Drained, FEW, MANY, Way};
use super::relayed::{Opener, Relayed};
use super::slots::{Arrival, Slots};
use crate::core::{Action, Client, Core, Delivery, RelayId, Shared, Transport};
use crate::counters::{Board, Count};
use crate::frames::{Frame, next_frame};
use crate::time::Moment;

/// Calls to receive from one listener before others have their turn.
const LISTENER_TURNS_MAX: usize = 4;
/// Connections accepted before others have their turn.
const ACCEPTS_MAX: usize = 64;
/// What a client without an allocation may have on its way: no request is longer.
const STRANGER_INPUT_BYTES_MAX: usize = 2048;
const EVENTS: usize = 1024;
const TICK: Duration = Duration::from_secs(1);

/// What a token stands for, in its lowest bits.
const KINDS: usize = 8;
const WAKER: usize = 0;
const LISTENER: usize = 1;
const RELAY: usize = 2;
const STREAMS: usize = 3;
const CONNECTION: usize = 4;

fn token(kind: usize, index: usize) -> Token {
    Token(index * KINDS + kind)
}

fn relay_token(relay: RelayId) -> Token {
    token(RELAY, relay.0 as usize)
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
            way,
            slots: Slots::new(),
            outbox: Outbox::new(surroundings.features.has_gso),
            relayed: Relayed::default(),
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
            match self.poll.poll(&mut events, Some(self.patience())) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            self.set_now();
            for event in &events {
                self.note(event);
            }
            self.turn();
        }
        self.end();
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
            RELAY => self
                .relayed
                .mark_ready(RelayId(u32::try_from(index).unwrap_or(u32::MAX))),
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
            if let Some(relay) = self.relayed.next_ready() {
                self.receive_from_peers(relay);
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
        }
        self.flush();
        if self.now >= self.next_tick {
            self.tick();
        }
        self.board.show(self.core.tally());
    }

    fn receive_from_clients(&mut self, index: usize) {
        let link = u32::try_from(index).unwrap_or(u32::MAX);
        // Preparing for many costs, and mostly few have come: many are asked for once there were few.
        let mut messages_max = FEW;
        for _ in 0..LISTENER_TURNS_MAX {
            self.make_room();
            let drained = self.way.receive(
                &self.listeners[index],
                &mut self.slots,
                messages_max,
                &mut self.arrivals,
            );
            self.hear(index);
            self.each_arrival(|shard, from, start, bytes| {
                let client = Client {
                    transport: Transport::Udp,
                    link,
                    address: from,
                };
                shard.datagram_from_client(client, start, bytes);
            });
            if drained == Drained::Yes {
                self.ready_listeners[index] = false;
                self.floods[index].note_drained();
                return;
            }
            messages_max = MANY;
        }
    }

    /// Takes out of the arrivals what came from clients who are not heard.
    fn hear(&mut self, index: usize) {
        let floods = &mut self.floods[index];
        if floods.note(&self.arrivals, self.now) {
            self.core.tally().add(Count::Silenced, 1);
            self.drop_floods(index);
        }
        let floods = &self.floods[index];
        if floods.next_release().is_some() {
            let mut dropped = 0;
            self.arrivals.retain(|arrival| {
                let is_heard = !floods.is_silenced(arrival.from);
                if !is_heard {
                    dropped += arrival.datagrams().count();
                }
                is_heard
            });
            self.core.tally().add(Count::DroppedFlood, dropped as u64);
        }
    }

    /// Has the system drop what would be dropped once it is read. Where it cannot, reading costs the others a little.
    fn drop_floods(&self, index: usize) {
        let (listener, silenced) = (&self.listeners[index], self.floods[index].silenced());
        #[cfg(target_os = "linux")]
        drop(super::filter::drop_sources(listener, silenced));
        #[cfg(not(target_os = "linux"))]
        let _ = (listener, silenced);
    }

    fn receive_from_peers(&mut self, relay: RelayId) {
        self.make_room();
        let messages_max = self.relayed.messages_max(relay);
        let Some(socket) = self.relayed.get(relay) else {
            return;
        };
        let drained = self
            .way
            .receive(socket, &mut self.slots, messages_max, &mut self.arrivals);
        self.each_arrival(|shard, from, start, bytes| {
            shard.datagram_from_peer(relay, from, start, bytes);
        });
        self.relayed.note(relay, drained);
    }

    /// Hands over every datagram that has arrived, in order: where from, where in the slots, how long.
    fn each_arrival(&mut self, mut handle: impl FnMut(&mut Self, SocketAddr, usize, usize)) {
        let mut arrivals = std::mem::take(&mut self.arrivals);
        for arrival in &arrivals {
            for (start, bytes) in arrival.datagrams() {
                handle(self, arrival.from, start, bytes);
            }
        }
        arrivals.clear();
        self.arrivals = arrivals;
    }

    fn datagram_from_client(&mut self, client: Client, start: usize, bytes: usize) {
        let head = self.outbox.heads_bytes();
        let data = &self.slots.memory()[start..start + bytes];
        let mut opener = Opener {
            relayed: &mut self.relayed,
            registry: self.poll.registry(),
            way: &self.way,
            token: relay_token,
        };
        let action =
            self.core
                .handle_client(&client, data, self.now, &mut opener, self.outbox.heads());
        match action {
            Action::Nothing => {}
            Action::Reply => self.outbox.push(
                Socket::Listener(client.link),
                client.address,
                head,
                (0, 0),
                0,
            ),
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment: false,
            } => {
                let body = (self.slots.position(data), data.len());
                self.outbox.push(Socket::Relay(relay), to, head, body, 0);
            }
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment: true,
            } => {
                let data = data.to_vec();
                self.send_waiting();
                self.send_unfragmented(relay, to, &data);
            }
        }
        self.forget_closed();
    }

    fn datagram_from_peer(&mut self, relay: RelayId, from: SocketAddr, start: usize, bytes: usize) {
        let head = self.outbox.heads_bytes();
        let data = &self.slots.memory()[start..start + bytes];
        let Some(delivery) =
            self.core
                .handle_peer(relay, from, data, self.now, self.outbox.heads())
        else {
            return;
        };
        let Delivery {
            client,
            padding_bytes,
        } = delivery;
        if client.transport == Transport::Udp {
            let socket = Socket::Listener(client.link);
            self.outbox
                .push(socket, client.address, head, (start, bytes), padding_bytes);
            return;
        }
        let index = client.link as usize;
        let is_taken = self
            .connections
            .open
            .get_mut(index)
            .is_some_and(|connection| {
                connection.push([&self.outbox.heads()[head..], data, &[0; 3][..padding_bytes]])
            });
        self.outbox.take_back(head);
        if is_taken {
            self.connections.mark_dirty(index);
        } else {
            self.core.tally().add(Count::DroppedSend, 1);
        }
    }

    fn accept(&mut self, index: usize) {
        for _ in 0..ACCEPTS_MAX {
            let (listener, transport) = &self.streams[index];
            match listener.accept() {
                Ok((stream, address)) => {
                    let transport = *transport;
                    self.welcome(stream, transport, address);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.ready_streams[index] = false;
                    return;
                }
                // Without descriptors it is tried again at the next turn, not at once.
                Err(_) => return,
            }
        }
    }

    fn welcome(&mut self, stream: TcpStream, transport: Transport, address: SocketAddr) {
        if !self.surroundings.admission.enter(address.ip()) {
            return;
        }
        let entry = self.connections.open.vacant_entry();
        let index = entry.key();
        let client = Client {
            transport,
            link: u32::try_from(index).unwrap_or(u32::MAX),
            address,
        };
        drop(stream.set_nodelay(true));
        let Ok(mut connection) = Connection::new(
            client,
            self.now,
            stream,
            self.surroundings.tls_config.clone(),
        ) else {
            self.surroundings.admission.leave(address.ip());
            return;
        };
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered =
            self.poll
                .registry()
                .register(connection.stream(), token(CONNECTION, index), interest);
        if registered.is_err() {
            self.surroundings.admission.leave(address.ip());
            return;
        }
        entry.insert(connection);
        self.connections.mark_ready(index);
    }

    fn receive_from_connection(&mut self, index: usize) {
        let Some(connection) = self.connections.open.get_mut(index) else {
            return;
        };
        let reading = connection.read(&mut self.scratch);
        let client = connection.client;
        let input = std::mem::take(&mut connection.input);
        let Some(taken) = self.frames(client, index, &input) else {
            return self.hang_up(index);
        };
        let is_known = self.core.has_allocation(&client);
        if !is_known && input.len() - taken > STRANGER_INPUT_BYTES_MAX {
            return self.hang_up(index);
        }
        if let Some(connection) = self.connections.open.get_mut(index)
            && taken < input.len()
        {
            connection.input = input[taken..].to_vec();
        }
        // TLS may have something to say although no message came.
        self.connections.mark_dirty(index);
        match reading {
            Reading::Drained => {}
            Reading::More => self.connections.mark_ready(index),
            Reading::Ended => self.hang_up(index),
        }
    }

    /// Handles the messages at the beginning of `input`; how many bytes they take, or `None` when it is no such stream.
    fn frames(&mut self, client: Client, index: usize, input: &[u8]) -> Option<usize> {
        let mut taken = 0;
        loop {
            match next_frame(&input[taken..]).ok()? {
                Frame::Partial { .. } => return Some(taken),
                Frame::Whole {
                    message,
                    taken: bytes,
                } => {
                    taken += bytes;
                    self.message_from_connection(client, index, message);
                }
            }
        }
    }

    fn message_from_connection(&mut self, client: Client, index: usize, message: &[u8]) {
        let head = self.outbox.heads_bytes();
        let mut opener = Opener {
            relayed: &mut self.relayed,
            registry: self.poll.registry(),
            way: &self.way,
            token: relay_token,
        };
        match self
            .core
            .handle_client(&client, message, self.now, &mut opener, self.outbox.heads())
        {
            Action::Nothing => {}
            Action::Reply => {
                let reply = self.outbox.heads().split_off(head);
                if let Some(connection) = self.connections.open.get_mut(index)
                    && !connection.push([&reply, &[], &[]])
                {
                    self.core.tally().add(Count::DroppedSend, 1);
                }
            }
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment: false,
            } => {
                self.outbox.heads().extend_from_slice(data);
                self.outbox.push(Socket::Relay(relay), to, head, (0, 0), 0);
            }
            Action::Relay {
                relay,
                to,
                data,
                dont_fragment: true,
            } => {
                self.send_waiting();
                self.send_unfragmented(relay, to, data);
            }
        }
        self.forget_closed();
    }

    fn send_unfragmented(&mut self, relay: RelayId, to: SocketAddr, data: &[u8]) {
        let Some(socket) = self.relayed.get(relay) else {
            return;
        };
        #[cfg(target_os = "linux")]
        let sent = super::system::send_unfragmented(socket, data, to);
        // The rules of a relay elsewhere refuse DONT-FRAGMENT.
        #[cfg(not(target_os = "linux"))]
        let sent = socket.send_to(data, to).map(drop);
        if sent.is_err() {
            self.core.tally().add(Count::DroppedSend, 1);
        }
    }

    fn hang_up(&mut self, index: usize) {
        let Some(mut connection) = self.connections.open.try_remove(index) else {
            return;
        };
        connection.close();
        self.surroundings
            .admission
            .leave(connection.client.address.ip());
        let mut opener = Opener {
            relayed: &mut self.relayed,
            registry: self.poll.registry(),
            way: &self.way,
            token: relay_token,
        };
        self.core
            .disconnected(&connection.client, self.now, &mut opener);
        self.forget_closed();
    }

    /// What waited for a socket must not leave by the next one that has its number.
    fn forget_closed(&mut self) {
        while let Some(relay) = self.relayed.next_closed() {
            self.outbox.forget(Socket::Relay(relay));
        }
    }

    /// Makes sure that something can be received.
    fn make_room(&mut self) {
        if self.slots.is_full() {
            self.flush_datagrams();
        }
    }

    fn flush(&mut self) {
        self.flush_datagrams();
        while let Some(index) = self.connections.next_dirty() {
            if let Some(connection) = self.connections.open.get_mut(index)
                && connection.flush().is_err()
            {
                self.hang_up(index);
            }
        }
    }

    /// Sends what waits, after which the slots are free.
    fn flush_datagrams(&mut self) {
        self.send_waiting();
        self.slots.clear();
    }

    fn send_waiting(&mut self) {
        if !self.outbox.is_empty() {
            let mut dropped = 0;
            let Self {
                outbox,
                slots,
                way,
                relayed,
                listeners,
                ..
            } = self;
            outbox.flush(slots, |socket, messages, parts, memory| {
                let socket = match socket {
                    Socket::Listener(index) => listeners.get(index as usize),
                    Socket::Relay(relay) => relayed.get(relay),
                };
                if let Some(socket) = socket {
                    dropped += way.send(socket, messages, parts, memory);
                }
            });
            if dropped > 0 {
                self.core.tally().add(Count::DroppedSend, dropped as u64);
            }
        }
    }

    fn tick(&mut self) {
        self.next_tick = self.now + TICK;
        let mut opener = Opener {
            relayed: &mut self.relayed,
            registry: self.poll.registry(),
            way: &self.way,
            token: relay_token,
        };
        self.core.tick(self.now, &mut opener);
        self.forget_closed();
        let idle: Vec<usize> = self
            .connections
            .open
            .iter()
            .filter(|(_, connection)| connection.opened + self.surroundings.idle_max <= self.now)
            .filter(|(_, connection)| !self.core.has_allocation(&connection.client))
            .map(|(index, _)| index)
            .collect();
        for index in idle {
            self.hang_up(index);
        }
    }

    fn end(&mut self) {
        self.set_now();
        let open: Vec<usize> = self
            .connections
            .open
            .iter()
            .map(|(index, _)| index)
            .collect();
        for index in open {
            self.hang_up(index);
        }
        let mut opener = Opener {
            relayed: &mut self.relayed,
            registry: self.poll.registry(),
            way: &self.way,
            token: relay_token,
        };
        self.core.clear(self.now, &mut opener);
        self.board.show(self.core.tally());
    }
}
