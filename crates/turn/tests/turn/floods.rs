//! One client that sends as fast as it can, and others who must not notice.
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use holdspace_turn::stun::{Attribute, Class, Method, Writer};
use holdspace_turn::{Path, Transport};

use crate::caller::channel_data;
use crate::live::{Live, PATHS, peer, receive};
use crate::wire::Wire;

const FLOOD: u16 = 0x4000;
const VOICE: u16 = 0x4001;
/// Packets of the quiet client, each way.
const PACKETS: u32 = 200;
/// Packets of the loud one before each of them: with what the system keeps of them they fit into the smallest queue that
/// is common (208 KB, which counts double), so that what is lost is lost by the relay; and they are far more than what
/// it takes for a flood.
const LOUDNESS: usize = 250;

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
    for number in 0..PACKETS {
        let data = number.to_be_bytes();
        for _ in 0..LOUDNESS {
            noise(&mut loud, &sink);
        }
        quiet.send(&channel_data(VOICE, &data));
        other.send_to(&data, relayed).unwrap();
        assert_eq!(receive(&other), (data.to_vec(), relayed), "{path:?}");
        assert_eq!(quiet.receive(), channel_data(VOICE, &data), "{path:?}");
    }
}
