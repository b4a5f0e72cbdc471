//! A running relay: every transport, family and path.
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use holdspace_turn::stun::{Attribute, Method, Writer};
use holdspace_turn::{Config, Count, Credential, Credentials, Path, Relay, StartError, Transport};

use crate::caller::{Response, channel_data};
use crate::lab::People;
use crate::live::{Live, PATHS, config, peer, receive};
use crate::wire::{Wire, padded};

const TRANSPORTS: [Transport; 3] = [Transport::Udp, Transport::Tcp, Transport::Tls];

#[test]
fn data_goes_both_ways_over_every_transport_and_family() {
    for path in PATHS {
        let live = Live::start(path);
        for transport in TRANSPORTS {
            for index in [0, 1] {
                exchange(&mut Wire::open(&live, transport, index), index == 1);
            }
        }
        let counters = live.relay.counters();
        assert_eq!(counters.get(Count::Allocated), 6, "{path:?}");
        assert_eq!(counters.get(Count::SentPackets), 18);
    }
}

fn exchange(wire: &mut Wire, is_ipv6: bool) {
    let relayed = wire.allocate(is_ipv6);
    let peer = peer(relayed.ip());
    let to = peer.local_addr().unwrap();
    wire.permit(to);
    let indication = wire.caller.send(to, b"by an indication");
    wire.send(&indication);
    assert_eq!(receive(&peer), (b"by an indication".to_vec(), relayed));
    peer.send_to(b"back!", relayed).unwrap();
    let back = Response::read(&wire.receive());
    assert_eq!(back.method, Method::Data);
    assert_eq!(back.get(Attribute::DATA).unwrap(), b"back!");
    let mut unfragmented = Vec::new();
    let mut writer = Writer::new(
        &mut unfragmented,
        holdspace_turn::stun::Class::Indication,
        Method::Send,
        wire.caller.next_transaction(),
    );
    writer
        .xor_address(Attribute::XOR_PEER_ADDRESS, to)
        .attribute(Attribute::DATA, b"in one piece");
    writer.attribute(Attribute::DONT_FRAGMENT, b"");
    writer.finish();
    wire.send(&unfragmented);
    if cfg!(target_os = "linux") {
        assert_eq!(receive(&peer), (b"in one piece".to_vec(), relayed));
    }
    wire.bind(0x4000, to);
    wire.send(&channel_data(0x4000, b"by a channel"));
    assert_eq!(receive(&peer), (b"by a channel".to_vec(), relayed));
    for data in [&b"back again"[..], b"", &[7; 1200]] {
        peer.send_to(data, relayed).unwrap();
        assert_eq!(wire.receive(), channel_data(0x4000, data));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_is_told_of_a_closed_port_and_reaches_others_all_the_same() {
    for path in PATHS {
        reach_others(path);
    }
}

/// The portable path tells nothing.
#[cfg(target_os = "linux")]
fn reach_others(path: Path) {
    let is_told = path == Path::Fastest;
    let mut live = Live::start(path);
    for transport in TRANSPORTS {
        for index in [0, 1] {
            let mut wire = Wire::open(&live, transport, index);
            let relayed = wire.allocate(index == 1);
            let (open, closed) = (peer(relayed.ip()), peer(relayed.ip()));
            let gone = closed.local_addr().unwrap();
            drop(closed);
            wire.permit(gone);
            for number in 0..20 {
                let lost = wire.caller.send(gone, b"is anybody there?");
                wire.send(&lost);
                let data = wire.caller.send(open.local_addr().unwrap(), &[number]);
                wire.send(&data);
                assert_eq!(receive(&open).0, [number]);
                if !is_told {
                    continue;
                }
                let told = Response::read(&wire.receive());
                assert_eq!(told.method, Method::Data);
                assert_eq!(told.address(Attribute::XOR_PEER_ADDRESS), Some(gone));
                let unreachable = if index == 1 { [2, 4] } else { [6, 3] };
                assert_eq!(told.get(Attribute::ICMP).unwrap()[2..4], unreachable);
            }
        }
    }
    live.relay.stop();
    let counters = live.relay.counters();
    assert_eq!(counters.get(Count::Icmp), if is_told { 120 } else { 0 });
    assert_eq!(counters.get(Count::DroppedSend), 0);
}

#[test]
fn bursts_from_allocation_to_allocation_keep_their_order_and_lengths() {
    for path in PATHS {
        let live = Live::start(path);
        let mut alice = Wire::open(&live, Transport::Tcp, 0);
        let mut bob = Wire::open(&live, Transport::Udp, 0);
        let (alice_relayed, bob_relayed) = (alice.allocate(false), bob.allocate(false));
        alice.bind(0x4000, bob_relayed);
        bob.bind(0x4001, alice_relayed);
        // What comes in one read leaves as one burst, arrives as one, and is taken apart again.
        let lengths = [
            1200, 1200, 1200, 700, 1200, 1200, 0, 1, 1, 1, 1200, 1200, 1199,
        ];
        for round in 0..20_u8 {
            let datagrams: Vec<Vec<u8>> = (0_u8..)
                .zip(lengths)
                .map(|(index, length)| vec![round ^ (index << 4); length])
                .collect();
            let stream: Vec<u8> = datagrams
                .iter()
                .flat_map(|data| padded(&channel_data(0x4000, data)))
                .collect();
            alice.send_bytes(&stream);
            let mut received: Vec<Vec<u8>> = datagrams.iter().map(|_| bob.receive()).collect();
            let mut sent: Vec<Vec<u8>> = datagrams
                .iter()
                .map(|data| channel_data(0x4001, data))
                .collect();
            received.sort();
            sent.sort();
            assert_eq!(received, sent, "{path:?} {round}");
        }
    }
}

#[test]
fn a_long_burst_arrives_in_order() {
    for path in PATHS {
        let live = Live::start(path);
        let mut alice = Wire::open(&live, Transport::Tcp, 0);
        let relayed = alice.allocate(false);
        let peer = peer(relayed.ip());
        alice.bind(0x4000, peer.local_addr().unwrap());
        for _ in 0..10 {
            let datagrams: Vec<Vec<u8>> = (0..50_u16)
                .map(|number| number.to_be_bytes().repeat(500))
                .collect();
            let stream: Vec<u8> = datagrams
                .iter()
                .flat_map(|data| channel_data(0x4000, data))
                .collect();
            alice.send_bytes(&stream);
            for datagram in datagrams {
                assert_eq!(receive(&peer).0, datagram, "{path:?}");
            }
        }
    }
}

/// Which threads of the relay were asked who somebody is.
#[derive(Default)]
struct Asked {
    people: People,
    threads: Mutex<BTreeSet<String>>,
}

impl Credentials for Asked {
    fn find(&self, username: &str) -> Option<Credential> {
        let thread = thread::current().name().unwrap_or_default().to_owned();
        self.threads.lock().unwrap().insert(thread);
        self.people.find(username)
    }
}

/// The system hands clients out by their addresses: that 64 of them all come to one of two would be a fault.
#[cfg(target_os = "linux")]
#[test]
fn every_shard_gets_its_part_of_the_clients() {
    for transport in TRANSPORTS {
        let (mut config, roots) = config();
        config.shards = 2;
        let asked = Arc::new(Asked::default());
        let relay = Relay::start(&config, asked.clone()).unwrap();
        for _ in 0..64 {
            Wire::to(relay.addresses(), &roots, transport, 0).allocate(false);
        }
        assert_eq!(asked.threads.lock().unwrap().len(), 2, "{transport:?}");
    }
}

#[test]
fn shards_share_their_ports_and_count_together() {
    for path in PATHS {
        let live = Live::with(|config| {
            config.path = path;
            config.shards = 3;
        });
        let mut wires: Vec<Wire> = (0..24)
            .map(|_| Wire::open(&live, Transport::Udp, 0))
            .collect();
        let mut relayed: Vec<SocketAddr> =
            wires.iter_mut().map(|wire| wire.allocate(false)).collect();
        relayed.sort_unstable();
        relayed.dedup();
        assert_eq!(relayed.len(), 24);
        // From any shard to any other.
        let (first, others) = wires.split_first_mut().unwrap();
        let first_relayed = first.relayed();
        for (index, other) in (0..).zip(others) {
            let other_relayed = other.relayed();
            first.bind(0x4000 + index, other_relayed);
            other.permit(first_relayed);
            first.send(&channel_data(0x4000 + index, b"hello"));
            assert_eq!(
                Response::read(&other.receive())
                    .get(Attribute::DATA)
                    .unwrap(),
                b"hello"
            );
        }
    }
}

#[test]
fn a_taken_port_is_told_in_one_line() {
    for path in PATHS {
        for shards in [1, 2] {
            let live = Live::with(|config| {
                config.path = path;
                config.shards = shards;
            });
            let address = live.relay.addresses().udp[0];
            let config = Config {
                udp: vec![address],
                shards,
                ..Config::default()
            };
            let error = Relay::start(&config, live.people.clone()).unwrap_err();
            let text = error.to_string();
            assert!(
                text.starts_with(&format!("cannot listen at {address} (udp): Address")),
                "{text}"
            );
            assert!(matches!(error, StartError::Listen(_)));
        }
    }
}

#[test]
fn a_stopped_relay_tells_what_was_used_and_frees_its_ports() {
    for path in PATHS {
        let mut live = Live::start(path);
        let mut wire = Wire::open(&live, Transport::Udp, 0);
        let relayed = wire.allocate(false);
        let peer = peer(relayed.ip());
        wire.bind(0x4000, peer.local_addr().unwrap());
        wire.send(&channel_data(0x4000, b"hello"));
        receive(&peer);
        peer.send_to(b"hi", relayed).unwrap();
        wire.receive();
        live.relay.stop();
        assert_eq!(
            *live.people.released.lock(),
            ["1 alice by udp: 5 sent, 2 received"]
        );
        let again = Config {
            udp: live.relay.addresses().udp.clone(),
            ..Config::default()
        };
        Relay::start(&again, live.people.clone()).unwrap();
        std::net::UdpSocket::bind(relayed).unwrap();
    }
}

#[test]
fn its_way_with_datagrams_is_told() {
    assert_eq!(
        Live::start(Path::Portable).relay.features(),
        "one datagram a system call"
    );
    if cfg!(target_os = "linux") {
        assert!(
            Live::start(Path::Fastest)
                .relay
                .features()
                .starts_with("recvmmsg, sendmmsg")
        );
    }
}
