//! Allocate and Refresh (RFC 8656 §7, §8).
use holdspace_turn::stun::{Attribute, Family, Method, Writer};
use holdspace_turn::{Count, Rules, Transport};

use crate::caller::{Caller, Response, UDP};
use crate::lab::{Lab, RELAY, RELAY_IPV6, address, client, rules};

type Attributes = fn(&mut Writer<'_>);

fn ask(lab: &mut Lab, number: u8, attributes: Attributes) -> Response {
    let mut caller = lab.caller(&client(number), "alice");
    let request = caller.sealed(Method::Allocate, attributes);
    lab.ask(&client(number), &request).unwrap()
}

#[test]
fn the_answers_to_allocate_are_those_of_the_rfc() {
    let cases: [(Attributes, u16); 14] = [
        (|_| {}, 400),
        (
            |writer| {
                writer.attribute(Attribute::REQUESTED_TRANSPORT, &[6, 0, 0, 0]);
            },
            442,
        ),
        (
            |writer| {
                writer.attribute(Attribute::REQUESTED_TRANSPORT, &[17]);
            },
            400,
        ),
        (
            |writer| {
                udp(writer).attribute(Attribute(0x7777), b"?");
            },
            420,
        ),
        (
            |writer| {
                udp(writer).attribute(Attribute(0xF777), b"?");
            },
            0,
        ),
        (
            |writer| {
                udp(writer).attribute(Attribute::LIFETIME, &[1]);
            },
            400,
        ),
        (
            |writer| {
                udp(writer).attribute(Attribute::EVEN_PORT, &[]);
            },
            400,
        ),
        (
            |writer| {
                udp(writer).attribute(Attribute::RESERVATION_TOKEN, b"12345678");
            },
            508,
        ),
        (
            |writer| {
                udp(writer).attribute(Attribute::RESERVATION_TOKEN, b"1234");
            },
            400,
        ),
        (
            |writer| {
                udp(writer)
                    .attribute(Attribute::RESERVATION_TOKEN, b"12345678")
                    .attribute(Attribute::EVEN_PORT, &[0]);
            },
            400,
        ),
        (
            |writer| {
                udp(writer).attribute(Attribute::REQUESTED_ADDRESS_FAMILY, &[3, 0, 0, 0]);
            },
            440,
        ),
        (
            |writer| {
                udp(writer).attribute(Attribute::ADDITIONAL_ADDRESS_FAMILY, &[1, 0, 0, 0]);
            },
            400,
        ),
        (
            |writer| {
                udp(writer)
                    .attribute(Attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0])
                    .attribute(Attribute::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]);
            },
            400,
        ),
        (
            |writer| {
                udp(writer)
                    .attribute(Attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0])
                    .attribute(Attribute::EVEN_PORT, &[0x80]);
            },
            400,
        ),
    ];
    for (index, (attributes, code)) in cases.into_iter().enumerate() {
        let mut lab = Lab::new();
        let response = ask(&mut lab, 1, attributes);
        assert_eq!(response.code(), code, "case {index}");
        assert_eq!(
            lab.network.open.len(),
            usize::from(code == 0),
            "case {index}"
        );
    }
}

fn udp<'a, 'b>(writer: &'a mut Writer<'b>) -> &'a mut Writer<'b> {
    writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP)
}

#[test]
fn unknown_attributes_are_named() {
    let mut lab = Lab::new();
    let response = ask(&mut lab, 1, |writer| {
        udp(writer).attribute(Attribute(0x7777), b"?");
    });
    assert_eq!(
        response.get(Attribute::UNKNOWN_ATTRIBUTES).unwrap(),
        [0x77, 0x77]
    );
}

#[test]
fn an_allocation_has_a_port_of_the_range_and_its_lifetime() {
    for (asked, granted) in [
        (None, 600),
        (Some(0), 600),
        (Some(700), 700),
        (Some(u32::MAX), 3600),
    ] {
        let mut lab = Lab::with(Rules {
            ports: 50000..=50009,
            ..rules()
        });
        let mut caller = lab.caller(&client(1), "alice");
        let request = caller.sealed(Method::Allocate, |writer| {
            udp(writer);
            if let Some(asked) = asked {
                writer.number(Attribute::LIFETIME, asked);
            }
        });
        let response = lab.ask(&client(1), &request).unwrap();
        assert_eq!(response.lifetime(), granted);
        assert_eq!(response.relayed().ip().to_string(), RELAY);
        assert!((50000..=50009).contains(&response.relayed().port()));
        assert_eq!(
            response.address(Attribute::XOR_MAPPED_ADDRESS),
            Some(client(1).address)
        );
        lab.wait(u64::from(granted) - 1);
        assert_eq!(lab.network.open.len(), 1);
        lab.wait(1);
        assert!(lab.network.open.is_empty());
        assert_eq!(lab.core.counters().get(Count::Expired), 1);
    }
}

#[test]
fn one_user_has_few_ports_kept_and_others_all_the_same() {
    let mut lab = Lab::new();
    let pair = |lab: &mut Lab, number, user: &str| {
        let mut caller = lab.caller(&client(number), user);
        let request = caller.sealed(Method::Allocate, |writer| {
            udp(writer).attribute(Attribute::EVEN_PORT, &[0x80]);
        });
        lab.code(&client(number), &request)
    };
    let codes: Vec<u16> = (1..=17)
        .map(|number| pair(&mut lab, number, "alice"))
        .collect();
    assert_eq!((codes[..16].iter().sum::<u16>(), codes[16]), (0, 508));
    assert_eq!(pair(&mut lab, 18, "user-2"), 0);
    lab.wait(31);
    assert_eq!(pair(&mut lab, 19, "alice"), 0);
}

#[test]
fn the_same_request_again_gets_the_same_answer_and_another_one_a_refusal() {
    let mut lab = Lab::new();
    let mut caller = lab.caller(&client(1), "alice");
    let request = caller.sealed(Method::Allocate, |writer| {
        udp(writer).attribute(Attribute::EVEN_PORT, &[0x80]);
    });
    let first = lab.ask(&client(1), &request).unwrap();
    assert_eq!(lab.ask(&client(1), &request).unwrap(), first);
    assert_eq!(lab.network.open.len(), 1);
    let another = caller.allocate();
    assert_eq!(lab.code(&client(1), &another), 437);
    let last = caller.refresh(0);
    let gone = lab.ask(&client(1), &last).unwrap();
    assert_eq!((gone.code(), gone.lifetime()), (0, 0));
    assert_eq!(lab.ask(&client(1), &last).unwrap(), gone);
    let later = caller.refresh(0);
    assert_eq!(lab.code(&client(1), &later), 437);
    // What is late or played back does not end the next allocation.
    let another = caller.allocate();
    assert_eq!(lab.code(&client(1), &another), 0);
    assert_eq!(lab.ask(&client(1), &last).unwrap(), gone);
    assert_eq!(lab.network.open.len(), 1);
}

#[test]
fn an_even_port_brings_the_next_one_by_its_token() {
    let mut lab = Lab::new();
    let first = ask(&mut lab, 1, |writer| {
        udp(writer).attribute(Attribute::EVEN_PORT, &[0x80]);
    });
    assert!(first.relayed().port().is_multiple_of(2));
    let token = first.get(Attribute::RESERVATION_TOKEN).unwrap();
    let claim = |caller: &mut Caller| {
        caller.sealed(Method::Allocate, |writer| {
            udp(writer).attribute(Attribute::RESERVATION_TOKEN, &token);
        })
    };
    let mut other = lab.caller(&client(2), "user-2");
    let request = claim(&mut other);
    assert_eq!(lab.code(&client(2), &request), 508, "it is somebody else's");
    let mut caller = lab.caller(&client(3), "alice");
    let request = claim(&mut caller);
    let second = lab.ask(&client(3), &request).unwrap();
    assert_eq!(second.relayed().port(), first.relayed().port() + 1);
    let mut late = lab.caller(&client(4), "alice");
    let request = claim(&mut late);
    assert_eq!(lab.code(&client(4), &request), 508, "it serves once");
}

#[test]
fn a_port_that_nobody_came_for_is_given_to_others_after_its_time() {
    let mut lab = Lab::with(Rules {
        ports: 50000..=50001,
        ..rules()
    });
    let even: Attributes = |writer| {
        udp(writer).attribute(Attribute::EVEN_PORT, &[0x80]);
    };
    assert_eq!(ask(&mut lab, 1, even).code(), 0);
    assert_eq!(
        ask(&mut lab, 2, |writer| {
            udp(writer);
        })
        .code(),
        508
    );
    lab.wait(30);
    assert_eq!(
        ask(&mut lab, 2, |writer| {
            udp(writer);
        })
        .code(),
        0
    );
}

#[test]
fn both_families_are_had_at_once_and_ended_one_by_one() {
    let mut lab = Lab::new();
    let mut caller = lab.caller(&client(1), "alice");
    let request = caller.sealed(Method::Allocate, |writer| {
        udp(writer).attribute(Attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]);
    });
    let response = lab.ask(&client(1), &request).unwrap();
    let relayed: Vec<Vec<u8>> = response
        .message()
        .attributes()
        .filter(|(kind, _)| *kind == Attribute::XOR_RELAYED_ADDRESS)
        .map(|(_, value)| value.to_vec())
        .collect();
    assert_eq!(
        relayed.iter().map(|value| value[1]).collect::<Vec<_>>(),
        [Family::Ipv4 as u8, Family::Ipv6 as u8]
    );
    let end = |caller: &mut Caller, family: u8| {
        caller.sealed(Method::Refresh, |writer| {
            writer
                .number(Attribute::LIFETIME, 0)
                .attribute(Attribute::REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0]);
        })
    };
    let first = end(&mut caller, 1);
    let answer = lab.ask(&client(1), &first).unwrap();
    assert_eq!((answer.code(), answer.lifetime()), (0, 0));
    assert_eq!(lab.ask(&client(1), &first).unwrap(), answer);
    let again = end(&mut caller, 1);
    assert_eq!(lab.code(&client(1), &again), 443);
    assert!(
        lab.network
            .open
            .values()
            .all(|open| open.ip().to_string() == RELAY_IPV6)
    );
    let peers = [address("8.8.8.8:1"), address("[2a00::1]:1")];
    let [ipv4, ipv6] = peers.map(|peer| caller.create_permission(&[peer]));
    assert_eq!(
        (lab.code(&client(1), &ipv4), lab.code(&client(1), &ipv6)),
        (443, 0)
    );
    let last = end(&mut caller, 2);
    assert_eq!(lab.code(&client(1), &last), 0);
    assert!(lab.network.open.is_empty());
    assert_eq!(lab.core.counters().allocations(), 0);
}

#[test]
fn a_relay_without_ipv6_says_so_and_gives_what_it_has() {
    let mut lab = Lab::with(Rules {
        relay_ipv6: None,
        ..rules()
    });
    let only = ask(&mut lab, 1, |writer| {
        udp(writer).attribute(Attribute::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]);
    });
    assert_eq!(only.code(), 440);
    let both = ask(&mut lab, 1, |writer| {
        udp(writer).attribute(Attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]);
    });
    assert_eq!(both.code(), 0);
    assert_eq!(
        both.get(Attribute::ADDRESS_ERROR_CODE).unwrap()[..4],
        [2, 0, 4, 40]
    );
}

#[test]
fn ports_that_other_programs_hold_are_passed_over_until_none_is_left() {
    let mut lab = Lab::with(Rules {
        ports: 50000..=50003,
        allocations_per_user_max: 10,
        ..rules()
    });
    lab.network.busy = vec![address("192.0.2.10:50001")];
    for number in 1..=3 {
        assert_eq!(
            ask(&mut lab, number, |writer| {
                udp(writer);
            })
            .code(),
            0
        );
    }
    assert_eq!(
        ask(&mut lab, 4, |writer| {
            udp(writer);
        })
        .code(),
        508
    );
    let mut caller = lab.caller(&client(1), "alice");
    let request = caller.refresh(0);
    assert_eq!(lab.code(&client(1), &request), 0);
    assert_eq!(
        ask(&mut lab, 4, |writer| {
            udp(writer);
        })
        .code(),
        0
    );
}

#[test]
fn quotas_are_kept_by_user_and_in_all() {
    let mut lab = Lab::with(Rules {
        allocations_per_user_max: 2,
        allocations_max: 3,
        ..rules()
    });
    let codes: Vec<u16> = [
        (1, "alice/1"),
        (2, "alice/2"),
        (3, "alice/3"),
        (4, "user-4"),
        (5, "user-5"),
    ]
    .into_iter()
    .map(|(number, username)| {
        let mut caller = lab.caller(&client(number), username);
        let request = caller.allocate();
        lab.code(&client(number), &request)
    })
    .collect();
    assert_eq!(codes, [0, 0, 486, 0, 508]);
    lab.wait(600);
    let mut caller = lab.caller(&client(3), "alice/3");
    let request = caller.allocate();
    assert_eq!(lab.code(&client(3), &request), 0);
}

#[test]
fn an_allocation_belongs_to_the_name_that_made_it() {
    let mut lab = Lab::new();
    lab.allocated(&client(1));
    let mut other = lab.caller(&client(1), "user-2");
    let peer = address("8.8.8.8:9");
    for request in [
        other.refresh(0),
        other.create_permission(&[peer]),
        other.channel_bind(0x4000, peer),
    ] {
        assert_eq!(lab.code(&client(1), &request), 441);
    }
    let request = other.allocate();
    assert_eq!(lab.code(&client(1), &request), 437);
    // From another address it is not there at all.
    let mut moved = lab.caller(&client(2), "alice");
    for request in [
        moved.refresh(0),
        moved.create_permission(&[peer]),
        moved.channel_bind(0x4000, peer),
    ] {
        assert_eq!(lab.code(&client(2), &request), 437);
    }
}

#[test]
fn a_shorter_lifetime_frees_the_port_in_time() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    for seconds in [3600, 600, 3600, 600] {
        let request = caller.refresh(seconds);
        assert_eq!(lab.ask(&client(1), &request).unwrap().lifetime(), seconds);
        lab.wait(10);
    }
    lab.wait(590);
    assert!(lab.network.open.is_empty());
}

#[test]
fn a_draining_relay_keeps_who_is_there_and_sends_others_on() {
    let alternate = address("198.51.100.1:3478");
    for alternates in [vec![address("[2a00::1]:3478"), alternate], vec![]] {
        let has_alternate = !alternates.is_empty();
        let mut lab = Lab::with(Rules {
            alternates,
            ..rules()
        });
        let (mut caller, _) = lab.allocated(&client(1));
        lab.shared.drain();
        let request = caller.refresh(600);
        assert_eq!(lab.code(&client(1), &request), 0);
        let response = ask(&mut lab, 2, |writer| {
            udp(writer);
        });
        if has_alternate {
            assert_eq!(response.code(), 300);
            assert_eq!(
                response.get(Attribute::ALTERNATE_SERVER).unwrap(),
                [0, 1, 0x0D, 0x96, 198, 51, 100, 1]
            );
            assert!(response.message().seal().is_some());
        } else {
            assert_eq!(response.code(), 508);
        }
    }
}

#[test]
fn an_allocation_ends_with_its_connection_and_its_owner_is_told() {
    let mut lab = Lab::new();
    let stream = holdspace_turn::Client {
        transport: Transport::Tls,
        link: 7,
        ..client(1)
    };
    lab.allocated(&stream);
    assert!(lab.core.has_allocation(&stream));
    lab.core.disconnected(&stream, lab.now, &mut lab.network);
    assert!(lab.network.open.is_empty() && !lab.core.has_allocation(&stream));
    assert_eq!(
        *lab.people.released.lock(),
        ["1 alice by tls: 0 sent, 0 received"]
    );
}
