//! ICMP about what went to a peer, told to the client (RFC 8656 §11.5).
use holdspace_turn::Icmp;
use holdspace_turn::stun::{Attribute, Class, Method, Writer};

use crate::lab::{Lab, address, client};

const PEER: &str = "8.8.8.8:4000";
const PEER_IPV6: &str = "[2a00::8]:4000";

fn icmp(kind: u8, code: u8) -> Icmp {
    Icmp {
        kind,
        code,
        mtu: 1280,
    }
}

#[test]
fn a_client_is_told_of_a_packet_that_did_not_reach_its_peer() {
    let mut lab = Lab::new();
    let (mut caller, relayed) = lab.allocated(&client(1));
    let peer = address(PEER);
    assert_eq!(lab.failed(relayed, peer, icmp(3, 3)), None);
    let permit = caller.create_permission(&[peer]);
    assert_eq!(lab.code(&client(1), &permit), 0);
    let (to, told) = lab.failed(relayed, peer, icmp(3, 3)).unwrap();
    assert_eq!(
        (to, told.class, told.method),
        (client(1), Class::Indication, Method::Data)
    );
    assert_eq!(told.address(Attribute::XOR_PEER_ADDRESS), Some(peer));
    assert_eq!(told.get(Attribute::ICMP).unwrap(), [0, 0, 6, 3, 0, 0, 0, 0]);
    assert_eq!(told.get(Attribute::DATA), None);
    assert_eq!(
        lab.failed(relayed, address("8.8.4.4:4000"), icmp(3, 3)),
        None
    );
    lab.wait(300);
    assert_eq!(lab.failed(relayed, peer, icmp(3, 3)), None);
}

#[test]
fn messages_about_ways_and_lengths_are_told_and_no_others() {
    let mut lab = Lab::new();
    let mut caller = lab.caller(&client(1), "alice");
    let request = caller.sealed(Method::Allocate, |writer: &mut Writer<'_>| {
        writer
            .attribute(Attribute::REQUESTED_TRANSPORT, &crate::caller::UDP)
            .attribute(Attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]);
    });
    assert_eq!(lab.code(&client(1), &request), 0);
    let (peer, peer_ipv6) = (address(PEER), address(PEER_IPV6));
    let permit = caller.create_permission(&[peer, peer_ipv6]);
    assert_eq!(lab.code(&client(1), &permit), 0);
    let open: Vec<_> = lab.network.open.values().copied().collect();
    let of = |peer: std::net::SocketAddr| {
        *open
            .iter()
            .find(|open| open.is_ipv4() == peer.is_ipv4())
            .unwrap()
    };
    let mut value = |peer, kind, code| {
        let told = lab.failed(of(peer), peer, icmp(kind, code))?;
        told.1.get(Attribute::ICMP)
    };
    // Of RFC 792, RFC 1191 §4.
    assert_eq!(value(peer, 3, 4).unwrap(), [0, 0, 6, 4, 0, 0, 5, 0]);
    assert_eq!(value(peer, 11, 1).unwrap(), [0, 0, 22, 1, 0, 0, 0, 0]);
    // Of RFC 4443 §3.
    assert_eq!(value(peer_ipv6, 1, 4).unwrap(), [0, 0, 2, 4, 0, 0, 0, 0]);
    assert_eq!(value(peer_ipv6, 2, 0).unwrap(), [0, 0, 4, 0, 0, 0, 5, 0]);
    assert_eq!(value(peer_ipv6, 3, 0).unwrap(), [0, 0, 6, 0, 0, 0, 0, 0]);
    for kind in (0..=2).chain(4..=10).chain(12..=255) {
        assert_eq!(value(peer, kind, 0), None, "{kind}");
    }
    for kind in [0].into_iter().chain(4..=255) {
        assert_eq!(value(peer_ipv6, kind, 0), None, "{kind}");
    }
}
