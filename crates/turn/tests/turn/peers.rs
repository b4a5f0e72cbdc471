//! Permissions, channels and data (RFC 8656 §9 to §12).
use holdspace_turn::stun::{Attribute, Class, Method, Writer};
use holdspace_turn::{Client, Count, RelayAddress, Rules, Transport};

use crate::caller::{Response, channel_data};
use crate::lab::{Lab, address, client, rules};

type Written = fn(&mut Writer<'_>);

const PEER: &str = "8.8.8.8:4000";

#[test]
fn data_goes_both_ways_by_indications_for_five_minutes() {
    let mut lab = Lab::new();
    let (mut caller, relayed) = lab.allocated(&client(1));
    let peer = address(PEER);
    let data = caller.send(peer, b"hello");
    assert_eq!(lab.sent(&client(1), &data), None);
    assert_eq!(lab.arrive(relayed, peer, b"hello"), None);
    let permit = caller.create_permission(&[peer]);
    assert_eq!(lab.code(&client(1), &permit), 0);
    let sent = lab.sent(&client(1), &data).unwrap();
    assert_eq!(
        (sent.from, sent.to, &sent.data[..]),
        (relayed, peer, &b"hello"[..])
    );
    let (to, received) = lab.arrive(relayed, peer, b"world!!").unwrap();
    let received = Response::read(&received);
    assert_eq!(
        (to, received.class, received.method),
        (client(1), Class::Indication, Method::Data)
    );
    assert_eq!(received.address(Attribute::XOR_PEER_ADDRESS), Some(peer));
    assert_eq!(received.get(Attribute::DATA).unwrap(), b"world!!");
    // A permission is for an address, not for a port (RFC 8656 §9).
    assert!(lab.arrive(relayed, address("8.8.8.8:1"), b"").is_some());
    assert_eq!(lab.arrive(relayed, address("8.8.4.4:4000"), b"hello"), None);
    lab.wait(299);
    assert!(lab.sent(&client(1), &data).is_some() && lab.arrive(relayed, peer, b"").is_some());
    lab.wait(1);
    assert!(lab.sent(&client(1), &data).is_none() && lab.arrive(relayed, peer, b"").is_none());
}

#[test]
fn channels_go_both_ways_and_last_longer_than_their_permission() {
    let mut lab = Lab::new();
    let (mut caller, relayed) = lab.allocated(&client(1));
    let peer = address(PEER);
    let data = channel_data(0x4001, b"hello");
    assert_eq!(lab.sent(&client(1), &data), None);
    let bind = caller.channel_bind(0x4001, peer);
    assert_eq!(lab.code(&client(1), &bind), 0);
    assert_eq!(
        lab.code(&client(1), &bind),
        0,
        "a binding is refreshed by itself"
    );
    let sent = lab.sent(&client(1), &data).unwrap();
    assert_eq!(
        (sent.from, sent.to, &sent.data[..]),
        (relayed, peer, &b"hello"[..])
    );
    assert_eq!(
        lab.arrive(relayed, peer, b"world").unwrap().1,
        channel_data(0x4001, b"world")
    );
    assert_eq!(
        lab.arrive(relayed, peer, b"").unwrap().1,
        channel_data(0x4001, b"")
    );
    // Another port of the peer has a permission and no channel.
    let (_, other) = lab.arrive(relayed, address("8.8.8.8:1"), b"hello").unwrap();
    assert_eq!(Response::read(&other).method, Method::Data);
    lab.wait(300);
    assert_eq!(lab.arrive(relayed, peer, b"world"), None);
    assert!(lab.sent(&client(1), &data).is_some());
    let refresh = caller.refresh(3600);
    assert_eq!(lab.code(&client(1), &refresh), 0);
    lab.wait(300);
    assert_eq!(lab.sent(&client(1), &data), None);
}

#[test]
fn streams_are_padded_and_datagrams_are_not() {
    let mut lab = Lab::new();
    let stream = Client {
        transport: Transport::Tcp,
        ..client(1)
    };
    let (mut caller, relayed) = lab.allocated(&stream);
    let bind = caller.channel_bind(0x4000, address(PEER));
    assert_eq!(lab.code(&stream, &bind), 0);
    let (_, received) = lab.arrive(relayed, address(PEER), b"world").unwrap();
    assert_eq!(received, [&[0x40, 0, 0, 5][..], b"world\0\0\0"].concat());
}

#[test]
fn a_channel_is_one_peer_and_a_peer_one_channel() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let (peer, other) = (address(PEER), address("8.8.4.4:4000"));
    let mut bind = |number, peer| {
        let request = caller.channel_bind(number, peer);
        lab.code(&client(1), &request)
    };
    assert_eq!(bind(0x4000, peer), 0);
    assert_eq!((bind(0x4000, other), bind(0x4001, peer)), (400, 400));
    assert_eq!(bind(0x4001, other), 0);
    assert_eq!(
        [0x3FFF, 0x8000, 0, 0xFFFF].map(|number| bind(number, address("9.9.9.9:1"))),
        [400; 4]
    );
    assert_eq!(bind(0x7FFF, address("9.9.9.9:1")), 0);
}

#[test]
fn malformed_requests_are_bad_and_change_nothing() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let peer: Written = |writer| {
        writer.xor_address(Attribute::XOR_PEER_ADDRESS, address(PEER));
    };
    let cases: [(Method, Vec<Written>); 6] = [
        (Method::CreatePermission, vec![]),
        (
            Method::CreatePermission,
            vec![|writer| {
                writer.attribute(Attribute::XOR_PEER_ADDRESS, &[0, 1, 2]);
            }],
        ),
        (
            Method::CreatePermission,
            vec![peer, |writer| {
                writer.attribute(Attribute::XOR_PEER_ADDRESS, &[0, 3, 0, 0, 1, 1, 1, 1]);
            }],
        ),
        (Method::ChannelBind, vec![peer]),
        (
            Method::ChannelBind,
            vec![|writer| {
                writer.attribute(Attribute::CHANNEL_NUMBER, &[0x40, 0, 0, 0]);
            }],
        ),
        (
            Method::ChannelBind,
            vec![peer, |writer| {
                writer.attribute(Attribute::CHANNEL_NUMBER, &[0x40, 0]);
            }],
        ),
    ];
    for (method, attributes) in cases {
        let request = caller.sealed(method, |writer| {
            for attribute in &attributes {
                attribute(writer);
            }
        });
        assert_eq!(lab.code(&client(1), &request), 400);
    }
    let data = caller.send(address(PEER), b"hello");
    assert_eq!(lab.sent(&client(1), &data), None);
}

#[test]
fn permissions_come_all_or_none_and_have_a_limit() {
    let mut lab = Lab::with(Rules {
        permissions_max: 2,
        channels_max: 1,
        ..rules()
    });
    let (mut caller, _) = lab.allocated(&client(1));
    let [first, second, third, closed] =
        ["8.8.8.8:1", "8.8.4.4:1", "9.9.9.9:1", "10.0.0.1:1"].map(address);
    let mut permit = |lab: &mut Lab, peers: &[_]| {
        let request = caller.create_permission(peers);
        lab.code(&client(1), &request)
    };
    assert_eq!(permit(&mut lab, &[first, closed]), 403);
    assert_eq!(permit(&mut lab, &[first, second, third]), 508);
    assert_eq!(permit(&mut lab, &[first, first, second, second]), 0);
    assert_eq!(
        (permit(&mut lab, &[third]), permit(&mut lab, &[first])),
        (508, 0)
    );
    let mut bind = |lab: &mut Lab, number, peer| {
        let request = caller.channel_bind(number, peer);
        lab.code(&client(1), &request)
    };
    assert_eq!(
        (
            bind(&mut lab, 0x4000, first),
            bind(&mut lab, 0x4001, second)
        ),
        (0, 508)
    );
    lab.wait(300);
    let request = caller.create_permission(&[third]);
    assert_eq!(
        lab.code(&client(1), &request),
        0,
        "what has expired takes no room"
    );
}

#[test]
fn two_clients_of_this_relay_meet_and_find_nothing_else_at_its_address() {
    // Behind a one-to-one NAT the advertised address is not the one that sockets have.
    let behind_nat = RelayAddress {
        bind: "10.0.0.5".parse().unwrap(),
        advertised: "192.0.2.10".parse().unwrap(),
    };
    let mut lab = Lab::with(Rules {
        relay_ipv4: Some(behind_nat),
        ..rules()
    });
    let (mut alice, alice_relayed) = lab.allocated(&client(1));
    let (mut bob, bob_relayed) = lab.allocated(&client(2));
    let [alice_binds, bob_permits] = [
        alice.channel_bind(0x4000, bob_relayed),
        bob.create_permission(&[alice_relayed]),
    ];
    assert_eq!(
        (
            lab.code(&client(1), &alice_binds),
            lab.code(&client(2), &bob_permits)
        ),
        (0, 0)
    );
    let sent = lab
        .sent(&client(1), &channel_data(0x4000, b"hello"))
        .unwrap();
    assert_eq!(sent.from.ip().to_string(), "10.0.0.5");
    assert_eq!(
        (sent.to.ip().to_string(), sent.to.port()),
        ("10.0.0.5".to_owned(), bob_relayed.port())
    );
    let (to, received) = lab.arrive(sent.to, sent.from, b"hello").unwrap();
    assert_eq!(to, client(2));
    assert_eq!(
        Response::read(&received).address(Attribute::XOR_PEER_ADDRESS),
        Some(alice_relayed)
    );
    // Once bob is gone, nothing is sent to what was his port.
    let end = bob.refresh(0);
    assert_eq!(lab.code(&client(2), &end), 0);
    assert_eq!(lab.sent(&client(1), &channel_data(0x4000, b"hello")), None);
    for port in [3478, bob_relayed.port()] {
        let request = alice.channel_bind(0x4001, std::net::SocketAddr::new(bob_relayed.ip(), port));
        assert_eq!(
            lab.code(&client(1), &request),
            if port == 3478 { 403 } else { 400 }
        );
    }
    let closed = alice.create_permission(&[address("10.0.0.5:9")]);
    assert_eq!(lab.code(&client(1), &closed), 403);
}

#[test]
fn fragments_are_forbidden_where_that_can_be_done() {
    for can_forbid_fragments in [true, false] {
        let mut lab = Lab::with(Rules {
            can_forbid_fragments,
            ..rules()
        });
        let (mut caller, _) = lab.allocated(&client(1));
        let permit = caller.create_permission(&[address(PEER)]);
        assert_eq!(lab.code(&client(1), &permit), 0);
        let mut data = Vec::new();
        let mut writer = Writer::new(
            &mut data,
            Class::Indication,
            Method::Send,
            caller.next_transaction(),
        );
        writer
            .xor_address(Attribute::XOR_PEER_ADDRESS, address(PEER))
            .attribute(Attribute::DATA, b"hello");
        writer.attribute(Attribute::DONT_FRAGMENT, b"");
        writer.finish();
        assert_eq!(
            lab.sent(&client(1), &data).map(|sent| sent.dont_fragment),
            can_forbid_fragments.then_some(true)
        );
    }
}

#[test]
fn a_user_over_his_bandwidth_loses_packets() {
    let mut lab = Lab::with(Rules {
        bytes_per_second_per_user_max: Some(10_000),
        ..rules()
    });
    let (mut caller, relayed) = lab.allocated(&client(1));
    let bind = caller.channel_bind(0x4000, address(PEER));
    assert_eq!(lab.code(&client(1), &bind), 0);
    let data = channel_data(0x4000, &[0; 1000]);
    assert_eq!(
        (0..100)
            .filter(|_| lab.sent(&client(1), &data).is_some())
            .count(),
        5
    );
    assert_eq!(lab.arrive(relayed, address(PEER), &[0; 1000]), None);
    assert_eq!(lab.core.counters().get(Count::DroppedBandwidth), 96);
    lab.wait(1);
    assert!(lab.arrive(relayed, address(PEER), &[0; 1000]).is_some());
}

#[test]
fn datagrams_of_any_length_are_relayed_or_dropped() {
    let mut lab = Lab::new();
    let (mut caller, relayed) = lab.allocated(&client(1));
    let bind = caller.channel_bind(0x4000, address(PEER));
    assert_eq!(lab.code(&client(1), &bind), 0);
    for length in [0, 1, 65_471, 65_472, 65_507, 65_535] {
        let data = vec![7; length];
        assert_eq!(
            lab.sent(&client(1), &channel_data(0x4000, &data))
                .unwrap()
                .data,
            data
        );
        assert_eq!(
            lab.arrive(relayed, address(PEER), &data).unwrap().1,
            channel_data(0x4000, &data)
        );
        let indication = lab.arrive(relayed, address("8.8.8.8:1"), &data);
        assert_eq!(indication.is_some(), length <= 65_471);
        if let Some((_, indication)) = indication {
            assert_eq!(
                Response::read(&indication).get(Attribute::DATA).unwrap(),
                data
            );
        }
        let mut short = channel_data(0x4000, &data);
        if short.len() > 4 {
            short.pop();
            assert_eq!(lab.sent(&client(1), &short), None);
        }
    }
}
