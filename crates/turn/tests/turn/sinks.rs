//! Addresses that no peer may have × CreatePermission, ChannelBind, Send: nothing ever leaves for them.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use holdspace_turn::stun::Method;
use holdspace_turn::{Action, Count, Policy, Transport};

use crate::caller::channel_data;
use crate::lab::{Lab, client};
use crate::live::{Live, PATHS};
use crate::policy::embeddings;
use crate::wire::Wire;

const INSIDE: [Ipv4Addr; 16] = [
    Ipv4Addr::UNSPECIFIED,
    Ipv4Addr::new(0, 0, 0, 1),
    Ipv4Addr::new(10, 0, 0, 1),
    Ipv4Addr::new(100, 64, 0, 1),
    Ipv4Addr::LOCALHOST,
    Ipv4Addr::new(127, 1, 2, 3),
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(172, 16, 0, 1),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(192, 168, 0, 1),
    Ipv4Addr::new(198, 18, 0, 1),
    Ipv4Addr::new(203, 0, 113, 1),
    Ipv4Addr::new(224, 0, 0, 1),
    Ipv4Addr::new(239, 255, 255, 250),
    Ipv4Addr::new(240, 0, 0, 1),
    Ipv4Addr::BROADCAST,
];

const INSIDE_IPV6: [&str; 8] = [
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "fec0::1",
];

fn inside() -> Vec<IpAddr> {
    let ipv4 = INSIDE.into_iter().flat_map(|ip| {
        std::iter::once(ip.into()).chain(embeddings(ip).into_iter().map(IpAddr::from))
    });
    ipv4.chain(INSIDE_IPV6.iter().map(|ip| ip.parse().unwrap()))
        .collect()
}

#[test]
fn every_way_to_every_closed_address_is_refused() {
    let addresses = inside();
    assert_eq!(addresses.len(), 16 * 11 + 8);
    for ip in addresses {
        let mut lab = Lab::new();
        let mut caller = lab.caller(&client(1), "alice");
        let request = caller.sealed(Method::Allocate, |writer| {
            writer.attribute(
                holdspace_turn::stun::Attribute::REQUESTED_TRANSPORT,
                &crate::caller::UDP,
            );
            writer.attribute(
                holdspace_turn::stun::Attribute::ADDITIONAL_ADDRESS_FAMILY,
                &[2, 0, 0, 0],
            );
        });
        assert_eq!(lab.code(&client(1), &request), 0);
        let peer = SocketAddr::new(ip, 4000);
        for request in [
            caller.create_permission(&[peer]),
            caller.channel_bind(0x4000, peer),
        ] {
            assert_eq!(lab.code(&client(1), &request), 403, "{ip}");
        }
        for data in [caller.send(peer, b"hello"), channel_data(0x4000, b"hello")] {
            let mut out = Vec::new();
            let action =
                lab.core
                    .handle_client(&client(1), &data, lab.now, &mut lab.network, &mut out);
            assert_eq!(action, Action::Nothing, "{ip}");
        }
        assert_eq!(lab.core.counters().get(Count::RefusedPeer), 2);
    }
}

/// Sockets at this machine's inside, and what reaches them.
struct Sinks(Vec<UdpSocket>);

impl Sinks {
    fn open() -> Self {
        let ips: [IpAddr; 3] = [
            Ipv4Addr::LOCALHOST.into(),
            Ipv4Addr::new(127, 0, 0, 2).into(),
            Ipv6Addr::LOCALHOST.into(),
        ];
        let sockets: Vec<UdpSocket> = ips
            .into_iter()
            .map(|ip| UdpSocket::bind((ip, 0)).unwrap())
            .collect();
        for socket in &sockets {
            socket.set_nonblocking(true).unwrap();
        }
        Self(sockets)
    }

    /// Every address by which somebody could try to reach them.
    fn targets(&self) -> Vec<SocketAddr> {
        let mut targets = Vec::new();
        for socket in &self.0 {
            let address = socket.local_addr().unwrap();
            targets.push(address);
            match address.ip() {
                IpAddr::V4(ip) => {
                    targets.push(SocketAddr::new(
                        Ipv4Addr::UNSPECIFIED.into(),
                        address.port(),
                    ));
                    targets.extend(
                        embeddings(ip)
                            .into_iter()
                            .map(|ip| SocketAddr::new(ip.into(), address.port())),
                    );
                }
                IpAddr::V6(_) => targets.push(SocketAddr::new(
                    Ipv6Addr::UNSPECIFIED.into(),
                    address.port(),
                )),
            }
        }
        targets
    }

    fn are_dry(&self) -> bool {
        let mut buffer = [0; 64];
        self.0
            .iter()
            .all(|socket| socket.recv_from(&mut buffer).is_err())
    }
}

#[test]
fn nothing_arrives_inside_not_even_at_the_relays_own_address() {
    for path in PATHS {
        let live = Live::with(|config| {
            config.path = path;
            config.rules.policy = Policy::default();
        });
        let sinks = Sinks::open();
        let mut wires = [
            Wire::open(&live, Transport::Udp, 0),
            Wire::open(&live, Transport::Udp, 1),
        ];
        wires[0].allocate(false);
        wires[1].allocate(true);
        for wire in &mut wires {
            for (number, target) in (0x4000..).zip(sinks.targets()) {
                let permission = wire.caller.create_permission(&[target]);
                let is_permitted = wire.ask(&permission).code() == 0;
                // A permission names no port: at the relay's own address it is for other allocations.
                assert_eq!(is_permitted, target.ip() == wire.relayed().ip(), "{target}");
                let channel = wire.caller.channel_bind(number, target);
                assert!([403, 443].contains(&wire.ask(&channel).code()), "{target}");
                let indication = wire.caller.send(target, b"hello");
                wire.send(&indication);
                wire.send(&channel_data(number, b"hello"));
            }
            // What was sent before has been handled when this is answered.
            let last = wire.caller.refresh(600);
            assert_eq!(wire.ask(&last).code(), 0);
        }
        assert!(sinks.are_dry(), "{path:?}");
        assert_eq!(live.relay.counters().get(Count::SentPackets), 0);
    }
}
