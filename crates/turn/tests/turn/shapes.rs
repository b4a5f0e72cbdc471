//! The shape of a message: seals, what stands before and behind them, and lengths that are not what they seem.
use holdspace_turn::stun::{Attribute, Class, Message, Method, Seal, Writer};
use holdspace_turn::{Client, Transport};

use crate::caller::{Caller, Response, channel_data};
use crate::lab::{Lab, address, client};

const PEER: &str = "8.8.8.8:4000";
const HEADER_BYTES: usize = 20;

/// A request with its fields, its credentials, and what stands behind them.
fn sealed_before(
    caller: &mut Caller,
    method: Method,
    before: impl FnOnce(&mut Writer<'_>),
    behind: impl FnOnce(&mut Writer<'_>),
) -> Vec<u8> {
    let (mut bytes, transaction) = (Vec::new(), caller.next_transaction());
    let mut writer = Writer::new(&mut bytes, Class::Request, method, transaction);
    before(&mut writer);
    caller.write_credentials(&mut writer);
    writer.seal(caller.seal, &caller.key());
    behind(&mut writer);
    writer.finish();
    bytes
}

#[test]
fn the_order_before_the_seal_is_free() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let (mut bytes, transaction) = (Vec::new(), caller.next_transaction());
    let mut writer = Writer::new(&mut bytes, Class::Request, Method::ChannelBind, transaction);
    caller.write_credentials(&mut writer);
    writer
        .xor_address(Attribute::XOR_PEER_ADDRESS, address(PEER))
        .attribute(Attribute::CHANNEL_NUMBER, &[0x40, 0, 0, 0]);
    writer.seal(caller.seal, &caller.key()).fingerprint();
    writer.finish();
    assert_eq!(lab.code(&client(1), &bytes), 0);
}

#[test]
fn what_stands_behind_the_seal_does_not_count() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let late = sealed_before(
        &mut caller,
        Method::CreatePermission,
        |_| {},
        |writer| {
            writer.xor_address(Attribute::XOR_PEER_ADDRESS, address(PEER));
        },
    );
    assert_eq!(lab.code(&client(1), &late), 400);
    let end = sealed_before(
        &mut caller,
        Method::Refresh,
        |_| {},
        |writer| {
            writer
                .number(Attribute::LIFETIME, 0)
                .attribute(Attribute(0x7777), b"?");
        },
    );
    assert_eq!(lab.ask(&client(1), &end).unwrap().lifetime(), 600);
    let nameless = Caller::new("", "secret").plain(Method::Refresh, |writer| {
        writer.seal(caller.seal, &caller.key());
        caller.write_credentials(writer);
    });
    assert_eq!(lab.code(&client(1), &nameless), 400);
    assert_eq!(lab.holds(), (1, false, false));
}

#[test]
fn nothing_stands_behind_the_fingerprint() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let behind: [fn(&mut Writer<'_>); 2] = [
        |writer| {
            writer.fingerprint().number(Attribute::LIFETIME, 0);
        },
        |writer| {
            writer.fingerprint().fingerprint();
        },
    ];
    for behind in behind {
        let request = sealed_before(&mut caller, Method::Refresh, |_| {}, behind);
        assert_eq!(lab.ask(&client(1), &request), None);
    }
    let before = sealed_before(
        &mut caller,
        Method::Refresh,
        |writer| {
            writer.fingerprint();
        },
        |_| {},
    );
    assert_eq!(lab.ask(&client(1), &before), None);
    let mut wrong = sealed_before(
        &mut caller,
        Method::Refresh,
        |_| {},
        |writer| {
            writer.fingerprint();
        },
    );
    *wrong.last_mut().unwrap() ^= 1;
    assert_eq!(lab.ask(&client(1), &wrong), None);
}

#[test]
fn a_seal_of_another_length_or_with_any_bit_changed_is_wrong() {
    let mut lab = Lab::new();
    // Over a stream as many are told as ask.
    let client = Client {
        transport: Transport::Tcp,
        ..client(1)
    };
    let (mut caller, _) = lab.allocated(&client);
    for (seal, kind, bytes) in [
        (Seal::Sha1, Attribute::MESSAGE_INTEGRITY, 20),
        (Seal::Sha256, Attribute::MESSAGE_INTEGRITY_SHA256, 32),
    ] {
        caller.seal = seal;
        let good = caller.refresh(600);
        let (before, code) = good.split_at(good.len() - bytes);
        let mut with = |code: &[u8]| {
            let mut request = before[..before.len() - 4].to_vec();
            request.extend(kind.0.to_be_bytes());
            request.extend(u16::try_from(code.len()).unwrap().to_be_bytes());
            request.extend(code);
            request.resize(request.len().next_multiple_of(4), 0);
            let length = u16::try_from(request.len() - HEADER_BYTES).unwrap();
            request[2..4].copy_from_slice(&length.to_be_bytes());
            lab.code(&client, &request)
        };
        assert_eq!(with(code), 0);
        // A truncated SHA-256 is for usages that say so (RFC 8489 §14.6), and TURN does not.
        for length in (0..bytes).chain([bytes + 1, bytes + 4, 200]) {
            let mut other = code.to_vec();
            other.resize(length, 0);
            assert_eq!(with(&other), 401, "{seal:?} of {length} bytes");
        }
        for bit in 0..bytes * 8 {
            let mut other = code.to_vec();
            other[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(with(&other), 401, "{seal:?}, bit {bit}");
        }
    }
}

#[test]
fn of_two_seals_the_stronger_counts() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let (right, mut wrong) = (caller.clone(), caller.clone());
    wrong.password = "wrong".to_owned();
    let mut both = |first: &Caller, second: &Caller| {
        let (mut bytes, transaction) = (Vec::new(), caller.next_transaction());
        let mut writer = Writer::new(&mut bytes, Class::Request, Method::Refresh, transaction);
        caller.write_credentials(&mut writer);
        writer.seal(Seal::Sha1, &first.key());
        writer.seal(Seal::Sha256, &second.key());
        writer.finish();
        lab.code(&client(1), &bytes)
    };
    assert_eq!(both(&right, &right), 0);
    assert_eq!(both(&right, &wrong), 401);
}

#[test]
fn messages_that_are_misaligned_or_say_another_length_are_passed_over() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let good = caller.refresh(600);
    let right = u16::try_from(good.len() - HEADER_BYTES).unwrap();
    for length in (0..u16::MAX).filter(|length| *length != right) {
        let mut request = good.clone();
        request[2..4].copy_from_slice(&length.to_be_bytes());
        assert_eq!(lab.ask(&client(1), &request), None, "{length}");
    }
    // The same for the length of the first attribute: it moves all that follow.
    for length in (0..=u16::MAX).filter(|length| *length != 4) {
        let mut request = good.clone();
        request[HEADER_BYTES + 2..HEADER_BYTES + 4].copy_from_slice(&length.to_be_bytes());
        let code = lab
            .ask(&client(1), &request)
            .map_or(0, |answer| answer.code());
        assert!([0, 400, 401].contains(&code), "{length}: {code}");
    }
    for more in 1..4 {
        let longer = [&good[..], &vec![0; more]].concat();
        assert_eq!(lab.ask(&client(1), &longer), None);
    }
    assert_eq!(lab.code(&client(1), &good), 0);
}

#[test]
fn channel_data_is_relayed_as_long_as_it_says_and_no_longer() {
    let mut lab = Lab::new();
    let (mut caller, _) = lab.allocated(&client(1));
    let bind = caller.channel_bind(0x4000, address(PEER));
    assert_eq!(lab.code(&client(1), &bind), 0);
    let data: Vec<u8> = (0..65_535_u32).map(|at| at.to_be_bytes()[3]).collect();
    for length in (0..=u16::MAX)
        .step_by(251)
        .chain([1, 2, 3, 4, 65_534, 65_535])
    {
        let length = usize::from(length);
        let whole = channel_data(0x4000, &data[..length]);
        assert_eq!(lab.sent(&client(1), &whole).unwrap().data, data[..length]);
        for missing in [1, 2, 3, 4, 100]
            .into_iter()
            .filter(|missing| *missing <= length)
        {
            let cut = &whole[..whole.len() - missing];
            assert_eq!(lab.sent(&client(1), cut), None, "{length} less {missing}");
        }
        // Padding is allowed over UDP too (RFC 8656 §12.5).
        let padded = [&whole[..], &[0xAA; 3]].concat();
        let sent = lab.sent(&client(1), &padded).map(|sent| sent.data);
        assert!(sent.is_none_or(|sent| sent == data[..length]), "{length}");
    }
    for bytes in 0..4 {
        assert_eq!(lab.sent(&client(1), &[0x40, 0, 0, 0][..bytes]), None);
    }
}

#[test]
fn an_answer_holds_nothing_of_what_others_sent() {
    let mut lab = Lab::new();
    let (mut caller, relayed) = lab.allocated(&client(1));
    let secret = [0xA5; 1200];
    let bind = caller.channel_bind(0x4000, address(PEER));
    assert_eq!(lab.code(&client(1), &bind), 0);
    lab.arrive(relayed, address(PEER), &secret).unwrap();
    let mut out = secret.to_vec();
    out.clear();
    let request = Caller::new("", "").plain(Method::Allocate, |_| {});
    lab.core
        .handle_client(&client(2), &request, lab.now, &mut lab.network, &mut out);
    assert!(Message::parse(&out).is_ok());
    assert_eq!(Response::read(&out).code(), 401);
    assert!(!out.windows(4).any(|part| part == &secret[..4]));
}
