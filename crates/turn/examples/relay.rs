//! A relay on loopback with TURN REST credentials of the secret `secret`, until standard input ends:
//! `cargo run --release -p holdspace-turn --example relay -- 127.0.0.1:3478`.
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use holdspace_turn::{Config, Policy, Relay, RelayAddress, Rules, SharedSecrets};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: SocketAddr = std::env::args()
        .nth(1)
        .as_deref()
        .unwrap_or("127.0.0.1:3478")
        .parse()?;
    let config = Config {
        rules: Rules {
            relay_ipv4: Some(RelayAddress::from(IpAddr::from([127, 0, 0, 1]))),
            relay_ipv6: Some(RelayAddress::from(IpAddr::from(
                std::net::Ipv6Addr::LOCALHOST,
            ))),
            policy: Policy {
                allow: vec!["127.0.0.0/8".parse()?, "::1".parse()?],
                deny: vec![],
            },
            allocations_per_user_max: 100_000,
            allocations_max: 100_000,
            challenges_per_second_max: 60_000,
            ..Rules::default()
        },
        udp: vec![address],
        tcp: vec![address],
        ..Config::default()
    };
    let relay = Relay::start(&config, Arc::new(SharedSecrets::new(["secret"])))?;
    println!(
        "listening at {:?} with {}",
        relay.addresses(),
        relay.features()
    );
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for (name, number) in relay.counters().iter().filter(|(_, number)| *number > 0) {
        println!("{name} {number}");
    }
    Ok(())
}
