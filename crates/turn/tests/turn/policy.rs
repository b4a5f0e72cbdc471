//! The table of addresses.
use std::net::{Ipv4Addr, Ipv6Addr};

use holdspace_turn::Policy;

/// One address of each closed kind of IPv4.
const CLOSED: [&str; 22] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
];

const OPEN: [&str; 9] = [
    "1.1.1.1",
    "9.255.255.255",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "198.20.0.0",
    "223.255.255.255",
];

/// Every way in which an IPv6 address carries an IPv4 address.
pub(crate) fn embeddings(ip: Ipv4Addr) -> Vec<Ipv6Addr> {
    let [a, b, c, d] = ip.octets().map(u16::from);
    let (high, low) = ((a << 8) | b, (c << 8) | d);
    vec![
        Ipv6Addr::new(0, 0, 0, 0, 0, 0xFFFF, high, low),
        Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0, 0, 0, 0, 0xFFFF, 0, high, low),
        Ipv6Addr::new(0x64, 0xFF9B, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0x64, 0xFF9B, 1, 0, 0, 0, high, low),
        Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        Ipv6Addr::new(0x2001, 0, 0x4136, 0xE378, 0x8000, 0x63BF, !high, !low),
        Ipv6Addr::new(0x2001, 0, high, low, 0x8000, 0x63BF, 0x1234, 0x5678),
        Ipv6Addr::new(0x2a00, 1, 2, 3, 0, 0x5EFE, high, low),
        Ipv6Addr::new(0x2a00, 1, 2, 3, 0x0200, 0x5EFE, high, low),
    ]
}

#[test]
fn special_ipv4_is_closed_in_every_form() {
    let policy = Policy::default();
    for text in CLOSED {
        let ip: Ipv4Addr = text.parse().unwrap();
        assert!(!policy.is_open(ip.into()), "{ip}");
        for ip in embeddings(ip) {
            assert!(!policy.is_open(ip.into()), "{text} as {ip}");
        }
    }
}

#[test]
fn public_ipv4_is_open_also_behind_nat64_and_6to4() {
    let policy = Policy::default();
    for text in OPEN {
        let ip: Ipv4Addr = text.parse().unwrap();
        assert!(policy.is_open(ip.into()), "{ip}");
        let open: Vec<usize> = (0..)
            .zip(embeddings(ip))
            .filter(|(_, ip)| policy.is_open((*ip).into()))
            .map(|(index, _)| index)
            .collect();
        assert_eq!(open, [3, 5, 8, 9], "{ip}");
    }
}

#[test]
fn special_ipv6_is_closed() {
    let policy = Policy::default();
    for text in [
        "::",
        "::1",
        "100::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "3fff::1",
        "5f00::1",
        "4000::1",
        "64:ff9b:1::808:808",
        "8000::1",
    ] {
        assert!(!policy.is_open(text.parse().unwrap()), "{text}");
    }
    for text in ["2001:4860:4860::8888", "2a00:1450::1", "2606:4700::1"] {
        assert!(policy.is_open(text.parse().unwrap()), "{text}");
    }
}

#[test]
fn the_operator_opens_addresses_as_they_are_and_closes_them_in_every_form() {
    let allow = Policy {
        allow: vec!["10.1.0.0/16".parse().unwrap()],
        deny: vec![],
    };
    assert!(allow.is_open("10.1.2.3".parse().unwrap()));
    assert!(!allow.is_open("10.2.2.3".parse().unwrap()));
    for ip in embeddings(Ipv4Addr::new(10, 1, 2, 3)) {
        assert!(!allow.is_open(ip.into()), "{ip}");
    }
    let deny = Policy {
        allow: vec!["8.8.0.0/16".parse().unwrap()],
        deny: vec!["8.8.8.0/24".parse().unwrap()],
    };
    assert!(deny.is_open("8.8.4.4".parse().unwrap()));
    assert!(!deny.is_open("8.8.8.8".parse().unwrap()));
    for ip in embeddings(Ipv4Addr::new(8, 8, 8, 8)) {
        assert!(!deny.is_open(ip.into()), "{ip}");
    }
}
