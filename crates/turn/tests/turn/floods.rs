//! One client that sends as fast as it can, and others who must not notice.
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use holdspace_turn::stun::{Attribute, Class, Method, Writer};
use holdspace_turn::{Path, Transport};

use crate::caller::channel_data;
use crate::live::{Live, PATHS, peer, waiting};
use crate::wire::Wire;

const FLOOD: u16 = 0x4000;
const VOICE: u16 = 0x4001;
/// Packets of the quiet client, each way.
const PACKETS: u32 = 500;
/// Packets of the loud one for each of them.
const LOUDNESS: usize = 400;
/// What the relay asks the system for, as its queue.
const QUEUE_BYTES: usize = 4 << 20;
/// How long what is on its way may take.
const REST: Duration = Duration::from_secs(2);

#[test]
fn a_client_that_floods_its_allocation_takes_nothing_from_others() {
    for path in PATHS {
        for noise in [by_a_channel, unfragmented, refresh] {
            flood(path, |loud, sink| {
                let noise = noise(loud, sink.local_addr().unwrap());
                move |loud: &mut Wire, _: &UdpSocket| loud.send(&noise)
            });
        }
    }
}

#[test]
fn a_peer_that_floods_an_allocation_takes_nothing_from_others() {
    for path in PATHS {
        flood(path, |loud, _| {
            let relayed = loud.relayed();
            move |_: &mut Wire, sink: &UdpSocket| {
                sink.send_to(&[7; 100], relayed).unwrap();
            }
        });
    }
}

fn by_a_channel(_: &mut Wire, _: SocketAddr) -> Vec<u8> {
    channel_data(FLOOD, &[7; 100])
}

fn refresh(loud: &mut Wire, _: SocketAddr) -> Vec<u8> {
    loud.caller.refresh(600)
}

/// The dearest of all data: every datagram is sent by itself, with options of its own.
fn unfragmented(loud: &mut Wire, to: SocketAddr) -> Vec<u8> {
    let mut bytes = Vec::new();
    let transaction = loud.caller.next_transaction();
    let mut writer = Writer::new(&mut bytes, Class::Indication, Method::Send, transaction);
    writer
        .xor_address(Attribute::XOR_PEER_ADDRESS, to)
        .attribute(Attribute::DATA, &[7; 100])
        .attribute(Attribute::DONT_FRAGMENT, b"");
    writer.finish();
    bytes
}

/// Has somebody be loud while others talk: the loud client and its peer are given to `begin`, then to what that gives.
fn flood<Noise: Fn(&mut Wire, &UdpSocket)>(
    path: Path,
    begin: impl FnOnce(&mut Wire, &UdpSocket) -> Noise,
) {
    let live = Live::start(path);
    let ip = IpAddr::from(Ipv4Addr::LOCALHOST);
    let (sink, other) = (peer(ip), peer(ip));
    let mut loud = Wire::open(&live, Transport::Udp, 0);
    loud.allocate(false);
    loud.bind(FLOOD, sink.local_addr().unwrap());
    let mut quiet = Wire::open(&live, Transport::Udp, 0);
    let relayed = quiet.allocate(false);
    quiet.bind(VOICE, other.local_addr().unwrap());

    let noise = begin(&mut loud, &sink);
    let (mut up, mut down) = (0, 0);
    for number in 0..PACKETS {
        for _ in 0..LOUDNESS {
            noise(&mut loud, &sink);
        }
        quiet.send(&channel_data(VOICE, &number.to_be_bytes()));
        other.send_to(&number.to_be_bytes(), relayed).unwrap();
        up += waiting(&other);
        down += quiet.waiting();
    }
    other.set_read_timeout(Some(REST)).unwrap();
    while up < PACKETS && other.recv(&mut [0; 64]).is_ok() {
        up += 1;
    }
    while down < PACKETS {
        quiet.receive();
        down += 1;
    }
    let lost_max = if queue_bytes_max() >= QUEUE_BYTES {
        0
    } else {
        PACKETS / 20
    };
    assert!(
        PACKETS - up <= lost_max,
        "{} of {PACKETS} were lost, {path:?}",
        PACKETS - up
    );
    assert_eq!(down, PACKETS);
}

/// What the system gives at most. Where that is less than is asked for, the beginning of a flood can fill it.
fn queue_bytes_max() -> usize {
    let text = std::fs::read_to_string("/proc/sys/net/core/rmem_max").unwrap();
    text.trim().parse().unwrap()
}
