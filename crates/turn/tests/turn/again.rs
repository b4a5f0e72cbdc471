//! What comes twice: sent again because an answer was lost, or played back by somebody later.
use std::time::Duration;

use holdspace_turn::stun::{Attribute, Method};
use holdspace_turn::{Client, Transport};

use crate::lab::{Lab, address, client};

const PEER: &str = "8.8.8.8:4000";

#[test]
fn every_request_is_answered_the_same_when_it_comes_again() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let client = Client {
            transport,
            ..client(1)
        };
        let mut lab = Lab::new();
        let mut caller = lab.caller(&client, "alice");
        let peer = address(PEER);
        let requests = [
            caller.plain(Method::Binding, |_| {}),
            caller.allocate(),
            caller.create_permission(&[peer]),
            caller.channel_bind(0x4000, peer),
            caller.refresh(700),
            caller.channel_bind(0x3FFF, peer),
            caller.create_permission(&[address("10.0.0.1:1")]),
            caller.allocate(),
            caller.refresh(0),
            caller.refresh(600),
        ];
        let codes = requests.map(|request| {
            let first = lab.ask(&client, &request).unwrap();
            for _ in 0..3 {
                lab.now = lab.now + Duration::from_millis(500);
                assert_eq!(lab.ask(&client, &request).unwrap(), first);
            }
            first.code()
        });
        assert_eq!(codes, [0, 0, 0, 0, 0, 400, 403, 437, 0, 437]);
    }
}

#[test]
fn what_is_played_back_does_nothing_once_its_time_is_over() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let peer = address(PEER);
    let requests = [
        caller.create_permission(&[peer]),
        caller.channel_bind(0x4000, peer),
        caller.refresh(600),
    ];
    for request in &requests {
        assert_eq!(lab.code(&client(1), request), 0);
        assert_eq!(lab.code(&client(2), request), 438, "from elsewhere");
    }
    lab.wait(600);
    for request in &requests {
        assert_eq!(lab.code(&client(1), request), 437, "after the allocation");
    }
    lab.wait(3600);
    let allocate = caller.allocate();
    for request in requests.iter().chain([&allocate]) {
        let stale = lab.ask(&client(1), request).unwrap();
        assert_eq!(stale.code(), 438, "after the nonce");
        assert_ne!(stale.get(Attribute::NONCE).unwrap(), caller.nonce);
    }
    assert_eq!(lab.holds(), (0, false, false));
}
