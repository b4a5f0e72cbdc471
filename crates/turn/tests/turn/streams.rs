//! TCP and TLS: where messages end, and what one client can do to others.
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use holdspace_turn::stun::{Attribute, Method};
use holdspace_turn::{Count, Path, Transport};

use crate::caller::channel_data;
use crate::live::{Live, PATHS, PATIENCE, peer, receive};
use crate::wire::{Wire, padded};

#[test]
fn messages_are_found_however_the_stream_is_cut() {
    for path in PATHS {
        for transport in [Transport::Tcp, Transport::Tls] {
            let live = Live::start(path);
            let mut wire = Wire::open(&live, transport, 0);
            let relayed = wire.allocate(false);
            let peer = peer(relayed.ip());
            let to = peer.local_addr().unwrap();
            wire.bind(0x4000, to);
            let mut stream = Vec::new();
            for index in 0..4_u8 {
                stream.extend(padded(&channel_data(
                    0x4000,
                    &vec![index; usize::from(index)],
                )));
                stream.extend(wire.caller.send(to, &vec![index; usize::from(index) + 3]));
            }
            let expected: Vec<Vec<u8>> = (0..4_u8)
                .flat_map(|index| [0, 3].map(|more| vec![index; usize::from(index) + more]))
                .collect();
            let arrive = || {
                for data in &expected {
                    assert_eq!(receive(&peer).0, *data);
                }
            };
            for cut in 0..stream.len() {
                wire.send_bytes(&stream[..cut]);
                wire.send_bytes(&stream[cut..]);
                arrive();
            }
            for byte in &stream {
                wire.send_bytes(&[*byte]);
            }
            arrive();
        }
    }
}

#[test]
fn a_stream_that_is_something_else_is_closed() {
    for path in PATHS {
        let live = Live::start(path);
        for bytes in [
            &b"\x80\0\0\0"[..],
            &[0x16, 3, 1, 2, 0, 1, 0, 1],
            &[0xFF; 4],
            &[0, 1, 0, 1],
        ] {
            let mut wire = Wire::open(&live, Transport::Tcp, 0);
            wire.send_bytes(bytes);
            assert_eq!(wire.try_receive(), None);
        }
        let mut plain = TcpStream::connect(live.relay.addresses().tls[0]).unwrap();
        plain.set_read_timeout(Some(PATIENCE)).unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut rest = Vec::new();
        // An alert, and the end.
        drop(std::io::Read::read_to_end(&mut plain, &mut rest));
        assert!(rest.len() <= 7, "{rest:?}");
    }
}

#[test]
fn a_stranger_cannot_make_the_relay_hold_much() {
    for path in PATHS {
        let live = Live::start(path);
        let mut wire = Wire::open(&live, Transport::Tcp, 0);
        wire.send_bytes(&[0x40, 0, 0xFF, 0xFF]);
        wire.send_bytes(&[0; 3000]);
        assert_eq!(wire.try_receive(), None);
    }
}

#[test]
fn idle_connections_are_closed_and_those_with_an_allocation_stay() {
    for path in PATHS {
        let live = Live::with(|config| {
            config.path = path;
            config.idle_max = Duration::from_millis(1500);
        });
        let mut busy = Wire::open(&live, Transport::Tcp, 0);
        busy.allocate(false);
        let mut idle = Wire::open(&live, Transport::Tcp, 0);
        assert_eq!(idle.try_receive(), None);
        let request = busy.caller.refresh(600);
        assert_eq!(busy.ask(&request).code(), 0);
    }
}

#[test]
fn connections_of_one_address_are_limited() {
    for path in PATHS {
        let live = Live::with(|config| {
            config.path = path;
            config.connections_per_address_max = 2;
        });
        let binding = |wire: &mut Wire| {
            let request = wire.caller.plain(Method::Binding, |_| {});
            wire.send(&request);
            wire.try_receive().is_some()
        };
        let mut first = Wire::open(&live, Transport::Tcp, 0);
        let mut second = Wire::open(&live, Transport::Tcp, 0);
        assert!(binding(&mut first) && binding(&mut second));
        assert_eq!(Wire::open(&live, Transport::Tcp, 0).try_receive(), None);
        assert!(
            binding(&mut Wire::open(&live, Transport::Tcp, 1)),
            "another address has its own number"
        );
    }
}

#[test]
fn the_allocation_of_a_closed_connection_is_gone() {
    for path in PATHS {
        closes_what_is_gone(path);
    }
}

fn closes_what_is_gone(path: Path) {
    let live = Live::start(path);
    let mut wire = Wire::open(&live, Transport::Tls, 0);
    let relayed = wire.allocate(false);
    drop(wire);
    // Its port can be had again as soon as the relay has noticed.
    let mut other = Wire::open(&live, Transport::Udp, 0);
    let request = other.caller.plain(Method::Binding, |_| {});
    for _ in 0..10_000 {
        other.ask(&request);
        if std::net::UdpSocket::bind(relayed).is_ok() {
            return;
        }
    }
    panic!("{relayed} is still taken");
}

#[test]
fn a_client_that_stops_reading_loses_its_own_packets_and_nobody_elses() {
    for path in PATHS {
        let live = Live::start(path);
        let mut deaf = Wire::open(&live, Transport::Tcp, 0);
        let mut other = Wire::open(&live, Transport::Udp, 0);
        let (deaf_relayed, other_relayed) = (deaf.allocate(false), other.allocate(false));
        let peer = peer(deaf_relayed.ip());
        let to = peer.local_addr().unwrap();
        deaf.bind(0x4000, to);
        other.bind(0x4000, to);
        let mut rounds = 0;
        while live.relay.counters().get(Count::DroppedSend) < 1000 {
            for _ in 0..20 {
                peer.send_to(&[9; 1200], deaf_relayed).unwrap();
            }
            peer.send_to(b"for the other", other_relayed).unwrap();
            assert_eq!(other.receive(), channel_data(0x4000, b"for the other"));
            rounds += 1;
            assert!(rounds < 100_000, "a buffer has no bound");
        }
        // What the deaf one reads at last is whole messages.
        for _ in 0..100 {
            assert_eq!(deaf.receive(), channel_data(0x4000, &[9; 1200]));
        }
    }
}

#[test]
fn data_of_every_length_passes_over_a_stream() {
    for path in PATHS {
        let live = Live::start(path);
        let mut wire = Wire::open(&live, Transport::Tls, 0);
        let relayed = wire.allocate(false);
        let peer = peer(relayed.ip());
        wire.bind(0x4FFF, peer.local_addr().unwrap());
        for length in [0, 1, 2, 3, 4, 1499, 16_384, 65_507] {
            let data = vec![3; length];
            wire.send(&channel_data(0x4FFF, &data));
            assert_eq!(receive(&peer).0, data);
            peer.send_to(&data, relayed).unwrap();
            assert_eq!(wire.receive(), channel_data(0x4FFF, &data));
        }
        // More than a datagram can carry: dropped, and the stream goes on.
        wire.send(&channel_data(0x4FFF, &vec![3; 65_535]));
        // The second answer comes after what the first one counted was shown.
        for _ in 0..2 {
            let request = wire.caller.refresh(600);
            assert!(wire.ask(&request).get(Attribute::LIFETIME).is_some());
        }
        assert_eq!(live.relay.counters().get(Count::DroppedSend), 1);
    }
}

/// Ends the flood, also when the test has failed.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_flood_of_one_allocation_leaves_the_others_alone() {
    for path in PATHS {
        let live = Live::start(path);
        let mut flooded = Wire::open(&live, Transport::Udp, 0);
        let mut other = Wire::open(&live, Transport::Udp, 0);
        let (flooded_relayed, other_relayed) = (flooded.allocate(false), other.allocate(false));
        let (enemy, friend) = (peer(flooded_relayed.ip()), peer(other_relayed.ip()));
        flooded.bind(0x4000, enemy.local_addr().unwrap());
        other.bind(0x4000, friend.local_addr().unwrap());
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    drop(enemy.send_to(&[9; 1200], flooded_relayed));
                }
            });
            let _end = End(&is_over);
            for number in 0..200_u8 {
                other.send(&channel_data(0x4000, &[number]));
                assert_eq!(receive(&friend).0, [number]);
                friend.send_to(&[number], other_relayed).unwrap();
                assert_eq!(other.receive(), channel_data(0x4000, &[number]));
            }
        });
    }
}
