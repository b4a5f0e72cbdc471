//! Every field of a message, with one thing wrong at a time: a table of what the RFCs answer, and of what they pass over in
//! silence.
use holdspace_turn::Count;
use holdspace_turn::stun::{Attribute, Class, Method, Writer};

use crate::caller::{Caller, UDP};
use crate::lab::{Lab, address, client};

const PEER: &str = "8.8.8.8:4000";

/// A field that belongs into a request, with a value that is right.
struct Field {
    method: Method,
    kind: Attribute,
    value: &'static [u8],
}

const fn field(method: Method, kind: Attribute, value: &'static [u8]) -> Field {
    Field {
        method,
        kind,
        value,
    }
}

/// 8.8.8.8:4000 and a port of ::, XORed with the cookie as far as it goes.
const IPV4: &[u8] = &[0, 1, 0x2E, 0xB2, 0x29, 0x1A, 0xAC, 0x4A];
const IPV6: &[u8] = &[
    0, 2, 0x2E, 0xB2, 0x0B, 0x12, 0xA4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
];

/// Every field with a length of its own.
const FIELDS: [Field; 13] = [
    field(Method::Allocate, Attribute::REQUESTED_TRANSPORT, &UDP),
    field(Method::Allocate, Attribute::LIFETIME, &[0, 0, 2, 88]),
    field(Method::Allocate, Attribute::EVEN_PORT, &[0]),
    field(Method::Allocate, Attribute::DONT_FRAGMENT, &[]),
    field(Method::Allocate, Attribute::RESERVATION_TOKEN, b"12345678"),
    field(
        Method::Allocate,
        Attribute::REQUESTED_ADDRESS_FAMILY,
        &[1, 0, 0, 0],
    ),
    field(
        Method::Allocate,
        Attribute::ADDITIONAL_ADDRESS_FAMILY,
        &[2, 0, 0, 0],
    ),
    field(Method::Refresh, Attribute::LIFETIME, &[0, 0, 2, 88]),
    field(
        Method::Refresh,
        Attribute::REQUESTED_ADDRESS_FAMILY,
        &[1, 0, 0, 0],
    ),
    field(Method::CreatePermission, Attribute::XOR_PEER_ADDRESS, IPV4),
    field(Method::CreatePermission, Attribute::XOR_PEER_ADDRESS, IPV6),
    field(
        Method::ChannelBind,
        Attribute::CHANNEL_NUMBER,
        &[0x40, 0, 0, 0],
    ),
    field(Method::ChannelBind, Attribute::XOR_PEER_ADDRESS, IPV4),
];

/// Somebody who can ask for this: with an allocation, unless it is what he asks for.
fn caller(lab: &mut Lab, method: Method) -> Caller {
    if method == Method::Allocate {
        lab.caller(&client(1), "alice")
    } else {
        lab.allocated(&client(1)).0
    }
}

/// The other fields that a request needs, in case they are not the one in question.
fn needed(writer: &mut Writer<'_>, method: Method, but: Attribute) {
    let all: &[(Attribute, &[u8])] = match method {
        Method::Allocate => &[(Attribute::REQUESTED_TRANSPORT, &UDP)],
        Method::CreatePermission => &[(Attribute::XOR_PEER_ADDRESS, IPV4)],
        Method::ChannelBind => &[
            (Attribute::CHANNEL_NUMBER, &[0x40, 0, 0, 0]),
            (Attribute::XOR_PEER_ADDRESS, IPV4),
        ],
        _ => &[],
    };
    for (kind, value) in all.iter().filter(|(kind, _)| *kind != but) {
        writer.attribute(*kind, value);
    }
}

#[test]
fn a_field_that_is_too_short_or_too_long_is_bad_and_changes_nothing() {
    for Field {
        method,
        kind,
        value,
    } in &FIELDS
    {
        let longer = [value, &[0; 600][..]].concat();
        let lengths = (0..value.len()).chain([1, 2, 4, 600].map(|more| value.len() + more));
        for length in lengths.filter(|length| *length != value.len()) {
            let mut lab = Lab::new();
            let mut caller = caller(&mut lab, *method);
            let before = lab.holds();
            let request = caller.sealed(*method, |writer| {
                needed(writer, *method, *kind);
                writer.attribute(*kind, &longer[..length]);
            });
            let code = lab.code(&client(1), &request);
            assert_eq!(code, 400, "{method:?}, {kind:?} of {length} bytes");
            assert_eq!(lab.holds(), before, "{method:?}, {kind:?}");
        }
    }
}

#[test]
fn of_a_repeated_field_the_first_counts() {
    for Field {
        method,
        kind,
        value,
    } in &FIELDS
    {
        // The peers of CreatePermission are a list; tokens that are right are tested elsewhere.
        let is_list = *method == Method::CreatePermission;
        if is_list || *kind == Attribute::RESERVATION_TOKEN {
            continue;
        }
        for (values, code) in [([value, &[1, 2, 3][..]], 0), ([&[1, 2, 3][..], value], 400)] {
            let mut lab = Lab::new();
            let mut caller = caller(&mut lab, *method);
            let request = caller.sealed(*method, |writer| {
                needed(writer, *method, *kind);
                for value in values {
                    writer.attribute(*kind, value);
                }
            });
            assert_eq!(
                lab.code(&client(1), &request),
                code,
                "{method:?}, {kind:?} {values:?}"
            );
        }
    }
    for (values, code) in [
        ([IPV4, &[0, 1][..]], 400),
        ([&[0, 1][..], IPV4], 400),
        ([IPV4, IPV4], 0),
    ] {
        let mut lab = Lab::new();
        let mut caller = caller(&mut lab, Method::CreatePermission);
        let request = caller.sealed(Method::CreatePermission, |writer| {
            for value in values {
                writer.attribute(Attribute::XOR_PEER_ADDRESS, value);
            }
        });
        assert_eq!(lab.code(&client(1), &request), code);
    }
}

#[test]
fn of_repeated_credentials_the_first_count() {
    for kind in [Attribute::USERNAME, Attribute::REALM, Attribute::NONCE] {
        let mut lab = Lab::new();
        // By the old algorithm, which needs nothing of the nonce.
        let mut caller = lab.caller(&client(1), "alice");
        let request = caller.allocate();
        assert_eq!(lab.code(&client(1), &request), 0);
        let again = |is_first: bool| {
            let mut caller = caller.clone();
            let (mut bytes, transaction) = (Vec::new(), caller.next_transaction());
            let mut writer = Writer::new(&mut bytes, Class::Request, Method::Refresh, transaction);
            if is_first {
                writer.attribute(kind, b"other");
            }
            caller.write_credentials(&mut writer);
            writer.attribute(kind, b"other");
            writer.seal(caller.seal, &caller.key());
            writer.finish();
            bytes
        };
        assert_eq!(lab.code(&client(1), &again(false)), 0, "{kind:?}");
        // The nonce alone leaves no doubt about who asks.
        let code = if kind == Attribute::NONCE { 438 } else { 401 };
        assert_eq!(lab.code(&client(1), &again(true)), code, "{kind:?}");
    }
}

#[test]
fn credentials_that_are_too_long_are_wrong() {
    let mut lab = Lab::new();
    let caller = lab.caller(&client(1), "alice");
    let with = |username: &str, nonce: &[u8]| {
        let mut caller = caller.clone();
        (caller.username, caller.nonce) = (username.to_owned(), nonce.to_vec());
        caller.refresh(600)
    };
    let long = "alice/".to_owned() + &"a".repeat(508);
    assert_eq!(lab.code(&client(1), &with(&long, &caller.nonce)), 401);
    assert_eq!(lab.code(&client(1), &with("\u{0}", &caller.nonce)), 401);
    let long = [&caller.nonce[..], &[b'a'; 800]].concat();
    for nonce in [&long[..], &caller.nonce[1..], b"", b"\xFF"] {
        assert_eq!(lab.code(&client(1), &with("alice", nonce)), 438);
    }
}

#[test]
fn every_unknown_attribute_that_must_be_understood_is_named() {
    let unknown = [0x7777, 0x0001, 0x7FFF, 0x0003];
    let list: Vec<u8> = unknown.iter().copied().flat_map(u16::to_be_bytes).collect();
    let add = |writer: &mut Writer<'_>| {
        for kind in unknown {
            // Those that need not be understood are passed over.
            writer
                .attribute(Attribute(kind), b"?")
                .attribute(Attribute(kind | 0x8000), b"?");
        }
    };
    for method in [
        Method::Allocate,
        Method::Refresh,
        Method::CreatePermission,
        Method::ChannelBind,
    ] {
        let mut lab = Lab::new();
        let mut caller = caller(&mut lab, method);
        let before = lab.holds();
        let request = caller.sealed(method, |writer| {
            needed(writer, method, Attribute::DATA);
            add(writer);
        });
        let answer = lab.ask(&client(1), &request).unwrap();
        assert_eq!(answer.code(), 420);
        assert_eq!(answer.get(Attribute::UNKNOWN_ATTRIBUTES).unwrap(), list);
        assert!(answer.message().is_sealed_by(&caller.key()));
        assert_eq!(lab.holds(), before);
    }
    let mut lab = Lab::new();
    let request = Caller::new("", "").plain(Method::Binding, add);
    let answer = lab.ask(&client(1), &request).unwrap();
    assert_eq!(answer.code(), 420);
    assert_eq!(answer.get(Attribute::UNKNOWN_ATTRIBUTES).unwrap(), list);
}

#[test]
fn indications_with_anything_wrong_are_dropped_in_silence() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let permit = caller.create_permission(&[address(PEER)]);
    assert_eq!(lab.code(&client(1), &permit), 0);
    let mut with = |attributes: &[(Attribute, &[u8])]| {
        let (mut bytes, transaction) = (Vec::new(), caller.next_transaction());
        let mut writer = Writer::new(&mut bytes, Class::Indication, Method::Send, transaction);
        for (kind, value) in attributes {
            writer.attribute(*kind, value);
        }
        writer.finish();
        let sent = lab.sent(&client(1), &bytes);
        sent.map(|sent| sent.data)
    };
    let (to, data) = (Attribute::XOR_PEER_ADDRESS, Attribute::DATA);
    assert_eq!(with(&[(to, IPV4), (data, b"hello")]).unwrap(), b"hello");
    assert_eq!(with(&[(data, b"hello"), (to, IPV4)]).unwrap(), b"hello");
    assert_eq!(
        with(&[(to, IPV4), (data, b"first"), (data, b"second")]).unwrap(),
        b"first"
    );
    let bad: [&[(Attribute, &[u8])]; 7] = [
        &[],
        &[(to, IPV4)],
        &[(data, b"hello")],
        &[(to, &IPV4[..7]), (data, b"hello")],
        &[(to, &[IPV4, &[0]].concat()), (data, b"hello")],
        &[(to, &[0, 3, 0, 0, 1, 1, 1, 1]), (data, b"hello")],
        &[(to, IPV4), (data, b"hello"), (Attribute(0x7777), b"?")],
    ];
    for attributes in bad {
        assert_eq!(with(attributes), None, "{attributes:?}");
    }
    let malformed = lab.core.counters().get(Count::DroppedMalformed);
    assert_eq!(malformed, bad.len() as u64);
}
