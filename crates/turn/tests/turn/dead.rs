//! A thread of the relay that has died is told of, and takes no other with it.
use std::sync::Arc;
use std::time::Instant;

use holdspace_turn::stun::{Attribute, Method};
use holdspace_turn::{Config, Credential, Credentials, Relay, Transport};

use crate::caller::UDP;
use crate::live::{PATIENCE, config};
use crate::wire::Wire;

/// An application with a fault.
struct Faulty;

impl Credentials for Faulty {
    fn find(&self, _username: &str) -> Option<Credential> {
        panic!("a fault of the application");
    }
}

#[test]
fn a_dead_thread_is_not_counted_as_running() {
    let (config, roots) = config();
    let config = Config {
        shards: 2,
        ..config
    };
    let mut relay = Relay::start(&config, Arc::new(Faulty)).unwrap();
    assert_eq!(relay.shards(), (2, 2));
    let mut wire = Wire::to(relay.addresses(), &roots, Transport::Udp, 0);
    let first = wire.caller.plain(Method::Allocate, |writer| {
        writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP);
    });
    let challenge = wire.ask(&first);
    wire.caller.learn(&challenge.message());
    let request = wire.caller.allocate();
    wire.send(&request);
    let start = Instant::now();
    while relay.shards() != (1, 2) {
        assert!(
            start.elapsed() < PATIENCE,
            "it runs on: {:?}",
            relay.shards()
        );
        std::thread::yield_now();
    }
    relay.stop();
    assert_eq!(relay.shards(), (0, 2));
}
