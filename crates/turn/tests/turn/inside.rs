//! The machine's own public addresses are no peers, whatever listens there.
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use holdspace_turn::{Policy, Rules};

use crate::lab::{Lab, client, rules};
use crate::policy::embeddings;

const OWN: Ipv4Addr = Ipv4Addr::new(8, 8, 4, 4);

fn lab(inside: &[IpAddr], allow: &[&str]) -> Lab {
    Lab::with(Rules {
        inside: inside.to_vec(),
        policy: Policy {
            allow: allow.iter().map(|text| text.parse().unwrap()).collect(),
            deny: vec![],
        },
        ..rules()
    })
}

#[test]
fn another_address_of_the_machine_is_closed_at_every_port_and_in_every_embedding() {
    let embedded = embeddings(OWN).into_iter().map(IpAddr::from);
    for ip in embedded.chain([OWN.into()]) {
        let mut lab = lab(&[OWN.into()], &[]);
        let (mut caller, _) = lab.allocated(&client(1));
        let family = if ip.is_ipv4() { 403 } else { 443 };
        for port in [1, 3478, 60_000] {
            let peer = SocketAddr::new(ip, port);
            let permission = caller.create_permission(&[peer]);
            assert_eq!(lab.code(&client(1), &permission), family, "{peer}");
            let channel = caller.channel_bind(0x4000, peer);
            assert_eq!(lab.code(&client(1), &channel), family, "{peer}");
        }
    }
}

#[test]
fn an_operator_may_open_it() {
    let mut lab = lab(&[OWN.into()], &["8.8.4.4"]);
    let (mut caller, _) = lab.allocated(&client(1));
    let peer = SocketAddr::new(OWN.into(), 4000);
    let permission = caller.create_permission(&[peer]);
    assert_eq!(lab.code(&client(1), &permission), 0);
    assert!(lab.sent(&client(1), &caller.send(peer, b"hello")).is_some());
}

#[test]
fn an_address_that_the_machine_gets_later_closes_under_a_permission() {
    let mut lab = lab(&[], &[]);
    let (mut caller, _) = lab.allocated(&client(1));
    let peer = SocketAddr::new(OWN.into(), 4000);
    let permission = caller.create_permission(&[peer]);
    assert_eq!(lab.code(&client(1), &permission), 0);
    assert!(lab.sent(&client(1), &caller.send(peer, b"hello")).is_some());
    lab.shared.set_inside(&[OWN.into()]);
    lab.wait(1);
    assert!(lab.sent(&client(1), &caller.send(peer, b"hello")).is_none());
    let permission = caller.create_permission(&[peer]);
    assert_eq!(lab.code(&client(1), &permission), 403);
}

#[test]
fn two_allocations_at_an_address_of_the_machine_still_meet() {
    let relay = crate::lab::RELAY.parse().unwrap();
    let mut lab = lab(&[relay], &[]);
    let (mut caller, _) = lab.allocated(&client(1));
    let (_, other) = lab.allocated(&client(2));
    let permission = caller.create_permission(&[other]);
    assert_eq!(lab.code(&client(1), &permission), 0);
    assert!(
        lab.sent(&client(1), &caller.send(other, b"hello"))
            .is_some()
    );
    let elsewhere = SocketAddr::new(relay, 22);
    assert!(
        lab.sent(&client(1), &caller.send(elsewhere, b"hello"))
            .is_none()
    );
}
