//! A peer that most goes to gets a socket of its own, which nobody notices.
use std::net::{SocketAddr, UdpSocket};

use holdspace_turn::stun::{Attribute, Method};
use holdspace_turn::{Count, Path, Transport};

use crate::caller::{Response, channel_data};
use crate::live::{Live, PATHS, peer, receive};
use crate::wire::Wire;

/// More than make a favourite, also of somebody after another one.
const MANY: usize = 400;
const CHANNEL: u16 = 0x4000;

/// A client with an allocation and a channel to each of two peers.
struct Trio {
    live: Live,
    wire: Wire,
    relayed: SocketAddr,
    peers: [UdpSocket; 2],
}

impl Trio {
    fn start(path: Path, index: usize) -> Self {
        let live = Live::start(path);
        let mut wire = Wire::open(&live, Transport::Udp, index);
        let relayed = wire.allocate(index == 1);
        let peers = [peer(relayed.ip()), peer(relayed.ip())];
        for (number, peer) in (CHANNEL..).zip(&peers) {
            wire.bind(number, peer.local_addr().unwrap());
        }
        Self {
            live,
            wire,
            relayed,
            peers,
        }
    }

    /// Data to a peer and back.
    fn exchange(&mut self, who: usize, data: &[u8]) {
        let message = channel_data(CHANNEL + u16::try_from(who).unwrap(), data);
        self.wire.send(&message);
        assert_eq!(receive(&self.peers[who]), (data.to_vec(), self.relayed));
        self.peers[who].send_to(data, self.relayed).unwrap();
        assert_eq!(self.wire.receive(), message);
    }

    fn exchange_many(&mut self, who: usize) {
        for number in 0..MANY {
            self.exchange(who, &number.to_be_bytes());
        }
    }

    /// How often a socket was connected.
    fn connected(&self) -> u64 {
        self.live.relay.counters().get(Count::Connected)
    }
}

#[test]
fn everybody_reaches_the_client_and_is_reached_whoever_gets_most() {
    for path in PATHS {
        for index in [0, 1] {
            let is_fast = cfg!(target_os = "linux") && path == Path::Fastest;
            let mut trio = Trio::start(path, index);
            for (who, connected) in [(0, 1), (1, 2), (0, 3)] {
                trio.exchange_many(who);
                trio.exchange(0, b"the first");
                trio.exchange(1, b"the second");
                assert_eq!(trio.connected(), if is_fast { connected } else { 0 });
            }
            let refresh = trio.wire.caller.refresh(0);
            assert_eq!(trio.wire.ask(&refresh).code(), 0);
            UdpSocket::bind(trio.relayed).expect("the port is free again");
        }
    }
}

#[test]
fn a_favourite_does_not_open_the_door_to_strangers() {
    for path in PATHS {
        let mut trio = Trio::start(path, 0);
        trio.exchange_many(0);
        let stranger = UdpSocket::bind("127.0.0.9:0").unwrap();
        stranger.send_to(b"let me in", trio.relayed).unwrap();
        trio.exchange(0, b"nobody was there");
        trio.exchange(1, b"nor here");
        let dropped = trio.live.relay.counters().get(Count::DroppedStranger);
        assert_eq!(dropped, 1, "{path:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_is_told_that_its_favourite_is_gone_and_reaches_the_other() {
    let mut trio = Trio::start(Path::Fastest, 0);
    trio.exchange_many(0);
    let gone = trio.peers[0].local_addr().unwrap();
    // In the place of the first: nobody is at its port now.
    trio.peers[0] = peer(trio.relayed.ip());
    for _ in 0..20 {
        trio.wire.send(&channel_data(CHANNEL, b"are you there?"));
        let told = Response::read(&trio.wire.receive());
        assert_eq!(told.method, Method::Data);
        assert_eq!(told.address(Attribute::XOR_PEER_ADDRESS), Some(gone));
        assert!(told.get(Attribute::ICMP).is_some());
        trio.exchange(1, b"but you are");
    }
    assert_eq!(trio.live.relay.counters().get(Count::DroppedSend), 0);
}

/// From the socket that all hear, and soon from the one that is connected.
#[test]
fn bursts_to_a_favourite_arrive_whole_and_in_order() {
    for path in PATHS {
        let mut trio = Trio::start(path, 0);
        trio.exchange_many(0);
        let to = trio.peers[0].local_addr().unwrap();
        let mut stream = Wire::open(&trio.live, Transport::Tcp, 0);
        let relayed = stream.allocate(false);
        stream.bind(CHANNEL, to);
        for _ in 0..30 {
            let burst: Vec<u8> = (0..16)
                .flat_map(|number| channel_data(CHANNEL, &[number; 1200]))
                .collect();
            stream.send_bytes(&burst);
            for number in 0..16 {
                assert_eq!(receive(&trio.peers[0]), (vec![number; 1200], relayed));
            }
        }
        trio.exchange(0, b"and the other one is still there");
        let is_fast = cfg!(target_os = "linux") && path == Path::Fastest;
        assert_eq!(trio.connected(), if is_fast { 2 } else { 0 });
    }
}
