//! Bad neighbours, and a bystander who must not notice: counted in turns of the relay and in packets of others that it
//! handled first, with the neighbour and without. No time is measured.
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use holdspace_turn::{Config, Count, Path, Stepped, Transport};
use rustls::RootCertStore;

use crate::caller::channel_data;
use crate::lab::People;
use crate::live::{PATHS, config, peer, receive};
use crate::wire::Wire;

const NUMBER: u16 = 0x4000;
const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Packets of the bystander, each way.
const PACKETS: u16 = 40;
/// Packets of the neighbour for each of them. With what the system keeps of them they fit into the smallest queue that
/// is common (208 KB, which counts double): what is lost is lost by the relay.
const BURST: usize = 400;
/// Bytes of a neighbour's stream for each of them: more than one turn takes.
const STREAM_BYTES: usize = 300_000;
/// Turns that a packet may take beyond those that it takes without the neighbour.
const MORE_TURNS: usize = 2;
/// Turns after which what waits for a client that does not read has reached its bound, each with 40 KB.
const FILLING_TURNS_MAX: usize = 2000;
/// A lost packet is noticed after so many.
const TURNS_MAX: usize = 100;

/// A relay that does nothing but what it is told to.
struct Street {
    relay: Stepped,
    roots: RootCertStore,
}

impl Street {
    fn start(path: Path) -> Self {
        let (config, roots) = config();
        let config = Config { path, ..config };
        let relay = Stepped::start(&config, Arc::new(People::default())).unwrap();
        Self { relay, roots }
    }

    /// Somebody with a channel to a peer of his own.
    fn move_in(&mut self, transport: Transport) -> Resident {
        let mut wire = Wire::to(self.relay.addresses(), &self.roots, transport, 0);
        let peer = peer(LOCALHOST);
        self.running(|| {
            wire.allocate(false);
            wire.bind(NUMBER, peer.local_addr().unwrap());
        });
        Resident { wire, peer }
    }

    /// The relay goes on by itself while `work` is done.
    fn running(&mut self, work: impl FnOnce()) {
        let (is_over, to) = (AtomicBool::new(false), self.relay.addresses().udp[0]);
        let relay = &mut self.relay;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    relay.round().unwrap();
                }
            });
            let _end = End(&is_over, to);
            work();
        });
    }

    /// Packets that it has handled, whoever they were of.
    fn handled(&self) -> u64 {
        let counters = self.relay.counters();
        counters.get(Count::SentPackets) + counters.get(Count::ReceivedPackets)
    }
}

/// Ends the thread that runs the relay, which may be waiting for something to come.
struct End<'a>(&'a AtomicBool, std::net::SocketAddr);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        let nudge = UdpSocket::bind((LOCALHOST, 0)).unwrap();
        nudge.send_to(&[0], self.1).unwrap();
    }
}

/// What a packet had to wait for.
#[derive(Clone, Copy, Debug, Default)]
struct Delay {
    turns: usize,
    /// Packets of others that were handled before it, or in the same turn.
    others: u64,
}

struct Resident {
    wire: Wire,
    peer: UdpSocket,
}

impl Resident {
    /// One packet each way: none is lost, none is overtaken, nothing else comes. The longer of both delays.
    fn exchange(&mut self, street: &mut Street, number: u16) -> Delay {
        let data = number.to_be_bytes();
        self.wire.send(&channel_data(NUMBER, &data));
        self.peer.send_to(&data, self.wire.relayed()).unwrap();
        settle();
        let before = street.handled();
        let (mut up, mut down) = (None, None);
        for turns in 1..=TURNS_MAX {
            street.relay.round().unwrap();
            settle();
            up = up.or_else(|| receive_now(&self.peer));
            down = down.or_else(|| self.wire.receive_now());
            if let (Some(up), Some(down)) = (&up, &down) {
                assert_eq!(*up, data);
                assert_eq!(*down, channel_data(NUMBER, &data));
                let others = street.handled() - before - 2;
                return Delay { turns, others };
            }
        }
        panic!("lost: {up:?} up, {down:?} down");
    }

    /// The longest delay of many exchanges; `disturb` is called before each.
    fn longest(&mut self, street: &mut Street, mut disturb: impl FnMut()) -> Delay {
        let mut longest = Delay::default();
        for number in 0..PACKETS {
            disturb();
            let delay = self.exchange(street, number);
            longest.turns = longest.turns.max(delay.turns);
            longest.others = longest.others.max(delay.others);
        }
        longest
    }
}

fn receive_now(socket: &UdpSocket) -> Option<Vec<u8>> {
    let mut buffer = [0; 64];
    socket.set_nonblocking(true).unwrap();
    let received = socket.recv(&mut buffer).ok();
    socket.set_nonblocking(false).unwrap();
    received.map(|bytes| buffer[..bytes].to_vec())
}

/// Waits until the system has delivered on this machine what was sent before: it does so in order.
fn settle() {
    let probe = peer(LOCALHOST);
    probe.send_to(&[1], probe.local_addr().unwrap()).unwrap();
    receive(&probe);
}

/// Somebody who does something bad before every packet of the bystander.
type Neighbour = fn(&mut Resident);

/// What lies before the bystander's packet in the same queue can only be handled first.
const TURNS_OF_A_BURST: usize = BURST / 100 + 1;
/// What one turn takes of a socket towards a peer, and of a stream of packets of 100 bytes.
const OF_A_SOCKET: u64 = 32;
const OF_A_STREAM: u64 = 64 * 1024 / 104;

fn burst(neighbour: &mut Resident) {
    let data = channel_data(NUMBER, &[7; 100]);
    for _ in 0..BURST {
        neighbour.wire.send(&data);
    }
}

/// Sends to a peer that never reads.
fn has_a_silent_peer(neighbour: &mut Resident) {
    burst(neighbour);
}

/// Sends to a peer that reads a packet now and then.
fn has_a_slow_peer(neighbour: &mut Resident) {
    burst(neighbour);
    receive_now(&neighbour.peer);
}

/// Sends to a peer that is gone: the system tells of every packet that nobody was there.
fn has_lost_its_peer(neighbour: &mut Resident) {
    neighbour.peer = peer(LOCALHOST);
    burst(neighbour);
}

fn floods_its_stream(neighbour: &mut Resident) {
    let data = channel_data(NUMBER, &[7; 100]).repeat(STREAM_BYTES / 104);
    neighbour.wire.flood(&data);
}

/// Is sent to as fast as its peer can, and reads nothing. The queue of its own socket, which holds many times what one
/// turn takes of it, may be full.
fn is_flooded(neighbour: &mut Resident) {
    flood_by(neighbour, &[9; 100]);
}

fn flood_by(neighbour: &Resident, data: &[u8]) {
    let to = neighbour.wire.relayed();
    for _ in 0..BURST {
        neighbour.peer.send_to(data, to).unwrap();
    }
}

/// Goes on until what a client does not read fills everything between.
fn fill(street: &mut Street, neighbour: &mut Resident) {
    for _ in 0..FILLING_TURNS_MAX {
        flood_by(neighbour, &[9; 1200]);
        street.relay.round().unwrap();
        if street.relay.counters().get(Count::DroppedSend) > 0 {
            return;
        }
    }
    panic!("a buffer has no bound");
}

/// One neighbour by one transport beside bystanders of two.
fn disturb(path: Path, transport: Transport, is_full: bool, act: Neighbour, most: Delay) {
    for bystander in [Transport::Udp, Transport::Tcp] {
        let mut street = Street::start(path);
        let mut neighbour = street.move_in(transport);
        let mut other = street.move_in(bystander);
        let without = other.longest(&mut street, || {});
        assert_eq!(without.others, 0);
        if is_full {
            fill(&mut street, &mut neighbour);
        }
        let with = other.longest(&mut street, || act(&mut neighbour));
        let turns = without.turns + most.turns;
        assert!(
            with.turns <= turns && with.others <= most.others,
            "{path:?}, a neighbour by {transport:?}, a bystander by {bystander:?}: {with:?} and {without:?} without"
        );
    }
}

#[test]
fn a_client_that_floods_by_udp_delays_nobody_beyond_what_was_there_first() {
    let most = Delay {
        turns: TURNS_OF_A_BURST + MORE_TURNS,
        others: BURST as u64,
    };
    for path in PATHS {
        for act in [has_a_silent_peer, has_a_slow_peer, has_lost_its_peer] {
            disturb(path, Transport::Udp, false, act, most);
        }
    }
}

#[test]
fn a_client_that_floods_its_stream_takes_its_turn_like_others() {
    for path in PATHS {
        for transport in [Transport::Tcp, Transport::Tls] {
            let most = Delay {
                turns: MORE_TURNS,
                others: 4 * OF_A_STREAM,
            };
            disturb(path, transport, false, floods_its_stream, most);
        }
    }
}

#[test]
fn a_flood_from_a_peer_takes_its_turn_like_others_also_when_the_client_does_not_read() {
    for path in PATHS {
        for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
            let most = Delay {
                turns: MORE_TURNS,
                others: 4 * OF_A_SOCKET,
            };
            disturb(
                path,
                transport,
                transport != Transport::Udp,
                is_flooded,
                most,
            );
        }
    }
}
