//! Who is let in, and what the others are told (RFC 8489 §9.2).
use std::time::Duration;

use holdspace_turn::stun::{Algorithm, Attribute, Class, Method, Seal};
use holdspace_turn::{Client, Count, Rules, Standing, Transport};

use crate::caller::{Caller, REALM, UDP};
use crate::lab::{Lab, address, client, rules};

#[test]
fn a_stranger_is_challenged_with_a_choice_of_algorithms() {
    let mut lab = Lab::new();
    let mut caller = Caller::new("alice", "secret");
    let request = caller.plain(Method::Allocate, |writer| {
        writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP);
    });
    let challenge = lab.ask(&client(1), &request).unwrap();
    assert_eq!((challenge.class, challenge.code()), (Class::Error, 401));
    assert_eq!(challenge.get(Attribute::REALM).unwrap(), REALM.as_bytes());
    assert!(
        challenge
            .get(Attribute::NONCE)
            .unwrap()
            .starts_with(b"obMatJos2gAAA")
    );
    assert_eq!(
        challenge.get(Attribute::PASSWORD_ALGORITHMS).unwrap(),
        [0, 2, 0, 0, 0, 1, 0, 0]
    );
    assert_eq!(challenge.get(Attribute::SOFTWARE), None);
}

#[test]
fn every_combination_of_algorithm_and_seal_is_let_in_and_answered_in_kind() {
    for algorithm in [None, Some(Algorithm::Md5), Some(Algorithm::Sha256)] {
        for seal in [Seal::Sha1, Seal::Sha256] {
            let mut lab = Lab::new();
            let mut caller = lab.caller(&client(1), "alice");
            (caller.algorithm, caller.seal) = (algorithm, seal);
            let request = caller.allocate();
            let response = lab.ask(&client(1), &request).unwrap();
            assert_eq!(response.code(), 0);
            assert_eq!(response.message().seal(), Some(seal));
            assert!(response.message().is_sealed_by(&caller.key()));
        }
    }
}

#[test]
fn an_old_client_without_the_cookie_is_let_in() {
    // A nonce that does not begin like ours is stale, but its sender's password may be right.
    let mut lab = Lab::new();
    let mut caller = Caller::new("alice", "secret");
    caller.nonce = b"0123456789abcdef".to_vec();
    let request = caller.allocate();
    let stale = lab.ask(&client(1), &request).unwrap();
    assert_eq!(stale.code(), 438);
    assert!(stale.message().is_sealed_by(&caller.key()));
    caller.learn(&stale.message());
    let request = caller.allocate();
    assert_eq!(lab.code(&client(1), &request), 0);
}

#[test]
fn a_client_that_was_robbed_of_the_choice_is_refused() {
    let mut lab = Lab::new();
    let caller = lab.caller(&client(1), "alice");
    for (offered, chosen) in [
        (Some(&[0, 1, 0, 0][..]), Some(&[0, 1, 0, 0][..])),
        (None, Some(&[0, 1, 0, 0])),
        (Some(&[0, 2, 0, 0, 0, 1, 0, 0]), None),
        (Some(&[0, 2, 0, 0, 0, 1, 0, 0]), Some(&[0, 3, 0, 0])),
        (Some(&[0, 2, 0, 0, 0, 1, 0, 0]), Some(&[0, 2])),
    ] {
        let request = caller.clone().sealed(Method::Allocate, |writer| {
            writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP);
            if let Some(offered) = offered {
                writer.attribute(Attribute::PASSWORD_ALGORITHMS, offered);
            }
            if let Some(chosen) = chosen {
                writer.attribute(Attribute::PASSWORD_ALGORITHM, chosen);
            }
        });
        assert_eq!(
            lab.code(&client(1), &request),
            400,
            "{offered:?} {chosen:?}"
        );
    }
}

#[test]
fn wrong_credentials_read_the_same_whatever_is_wrong() {
    let mut lab = Lab::new();
    for (username, password) in [("alice", "wrong"), ("mallory", "secret"), ("", "secret")] {
        let mut caller = lab.caller(&client(1), "alice");
        (caller.username, caller.password) = (username.to_owned(), password.to_owned());
        let request = caller.allocate();
        let response = lab.ask(&client(1), &request).unwrap();
        assert_eq!(response.code(), 401);
        assert_eq!(response.message().seal(), None);
    }
}

#[test]
fn a_request_with_a_seal_and_without_its_attributes_is_bad() {
    let mut lab = Lab::new();
    let caller = lab.caller(&client(1), "alice");
    let all = [Attribute::USERNAME, Attribute::REALM, Attribute::NONCE];
    for left_out in all {
        let request = caller.clone().plain(Method::Allocate, |writer| {
            for kind in all.into_iter().filter(|kind| *kind != left_out) {
                writer.attribute(kind, b"alice");
            }
            writer.seal(Seal::Sha1, &caller.key());
        });
        assert_eq!(lab.code(&client(1), &request), 400, "without {left_out:?}");
    }
}

#[test]
fn a_nonce_serves_its_own_address_for_its_hour() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let elsewhere = caller.refresh(600);
    assert_eq!(lab.code(&client(2), &elsewhere), 438);
    for _ in 0..6 {
        lab.wait(590);
        let request = caller.refresh(600);
        assert_eq!(lab.code(&client(1), &request), 0);
    }
    lab.wait(61);
    let request = caller.refresh(600);
    let stale = lab.ask(&client(1), &request).unwrap();
    assert_eq!(stale.code(), 438);
    caller.learn(&stale.message());
    let request = caller.refresh(600);
    assert_eq!(lab.code(&client(1), &request), 0);
}

#[test]
fn two_secrets_are_good_while_one_follows_the_other() {
    let mut lab = Lab::new();
    *lab.people.passwords.lock() = vec!["new".to_owned(), "secret".to_owned()];
    let (mut caller, _) = lab.allocated(&client(1));
    *lab.people.passwords.lock() = vec!["new".to_owned()];
    let request = caller.refresh(600);
    assert_eq!(lab.code(&client(1), &request), 401);
    caller.password = "new".to_owned();
    let request = caller.refresh(600);
    assert_eq!(lab.code(&client(1), &request), 0);
}

#[test]
fn what_is_over_is_refused_at_once() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    *lab.people.standing.lock() = Standing::Over;
    let peer = address("8.8.8.8:9");
    for request in [
        caller.refresh(600),
        caller.create_permission(&[peer]),
        caller.channel_bind(0x4000, peer),
    ] {
        let response = lab.ask(&client(1), &request).unwrap();
        assert_eq!(response.code(), 403);
        assert!(response.message().is_sealed_by(&caller.key()));
    }
    let mut other = lab.caller(&client(2), "alice");
    let request = other.allocate();
    assert_eq!(lab.code(&client(2), &request), 403);
}

#[test]
fn an_allocation_outlives_its_credential_by_one_lifetime() {
    let mut lab = Lab::new();
    *lab.people.standing.lock() = Standing::Valid {
        remaining: Duration::from_secs(50),
    };
    let mut caller = lab.caller(&client(1), "alice");
    let request = caller.sealed(Method::Allocate, |writer| {
        writer
            .attribute(Attribute::REQUESTED_TRANSPORT, &UDP)
            .number(Attribute::LIFETIME, 3600);
    });
    assert_eq!(lab.ask(&client(1), &request).unwrap().lifetime(), 650);
    lab.wait(650);
    assert!(lab.network.open.is_empty());
}

#[test]
fn one_address_gets_few_challenges_and_a_connection_as_many_as_it_asks_for() {
    let mut lab = Lab::new();
    let mut caller = Caller::new("alice", "secret");
    let request = caller.plain(Method::Allocate, |_| {});
    let answers = (0..100)
        .filter(|_| lab.ask(&client(1), &request).is_some())
        .count();
    assert_eq!(answers, 10);
    assert_eq!(lab.core.counters().get(Count::Unanswered), 90);
    let stream = Client {
        transport: Transport::Tcp,
        ..client(1)
    };
    assert!((0..100).all(|_| lab.ask(&stream, &request).is_some()));
    lab.wait(1);
    assert!(lab.ask(&client(1), &request).is_some());
}

/// Bytes of IPv4 and UDP before each message.
const HEADER_BYTES: usize = 28;

/// Somebody behind one NAT with others.
fn neighbour(port: u16) -> Client {
    Client {
        address: (client(1).address.ip(), port).into(),
        ..client(1)
    }
}

/// Somebody forges the address of a clinic, as much as is answered and no more, while people there work. Beside ten
/// refusals a second, what the relay sends because of both stays below 1.5 times what comes from there.
#[test]
fn who_forges_a_busy_address_makes_no_reflector_of_the_relay() {
    let mut lab = Lab::new();
    let mut people: Vec<_> = (1..=5)
        .map(neighbour)
        .map(|client| (client, lab.allocated(&client).0))
        .collect();
    // The shortest request, which is answered at length.
    let forged = Caller::new("alice", "secret").plain(Method::Allocate, |_| {});
    let (mut came_bytes, mut went_bytes, mut earned) = (0, 0, 0);
    for second in 0..1200 {
        lab.wait(1);
        for (client, caller) in &mut people {
            let request = caller.refresh(600);
            let answer = lab.ask(client, &request).unwrap();
            came_bytes += request.len() + HEADER_BYTES;
            went_bytes += answer.bytes.len() + HEADER_BYTES;
        }
        // Half of the time credit comes together.
        let most = if second % 40 < 20 { 0 } else { 1000 };
        let refusals: Vec<_> = (0..most)
            .map_while(|_| lab.ask(&neighbour(9), &forged))
            .collect();
        for refusal in refusals.iter().skip(10) {
            came_bytes += forged.len() + HEADER_BYTES;
            went_bytes += refusal.bytes.len() + HEADER_BYTES;
            earned += 1;
        }
    }
    assert!(earned > 10_000, "{earned}");
    assert!(
        2 * went_bytes <= 3 * came_bytes,
        "{went_bytes} for {came_bytes}"
    );
}

/// Each asks again after half a second, a second and so on (RFC 8489 §6.2.1), here all in the same instants.
#[test]
fn seventy_behind_one_nat_get_in_within_two_seconds_although_they_come_at_once() {
    let mut lab = Lab::new();
    let mut waiting: Vec<u16> = (1..=70).collect();
    for pause_seconds in [0, 1, 1] {
        lab.wait(pause_seconds);
        let mut challenged = Vec::new();
        waiting.retain(|port| {
            let from = neighbour(*port);
            let mut caller = Caller::new("alice", "secret");
            let plain = caller.plain(Method::Allocate, |_| {});
            let answer = lab.ask(&from, &plain);
            let is_waiting = answer.is_none();
            challenged.extend(answer.map(|answer| (from, caller, answer)));
            is_waiting
        });
        for (from, mut caller, challenge) in challenged {
            caller.learn(&challenge.message());
            let request = caller.allocate();
            assert_ne!(lab.code(&from, &request), 401);
        }
    }
    assert_eq!(waiting, [0; 0]);
}

#[test]
fn software_and_fingerprint_are_sent_where_they_are_wanted() {
    let mut lab = Lab::with(Rules {
        software: Some("holdspace".to_owned()),
        ..rules()
    });
    let request = Caller::new("alice", "secret").plain(Method::Binding, |writer| {
        writer.fingerprint();
    });
    let response = lab.ask(&client(1), &request).unwrap();
    assert!(response.message().has_fingerprint());
    assert_eq!(response.get(Attribute::SOFTWARE).unwrap(), b"holdspace");
    assert_eq!(
        response.address(Attribute::XOR_MAPPED_ADDRESS),
        Some(client(1).address)
    );
}
