//! The vectors of RFC 5769, and malformed messages.
use proptest::prelude::*;

use super::*;
use crate::stun::{Algorithm, Writer};

const REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e00\
    01ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2802800\
    04e57a3bcf";
const RESPONSE_IPV4: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147\
    e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
const RESPONSE_IPV6: &str = "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a147\
    0113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";
const LONG_TERM_REQUEST: &str = "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b9\
    00000015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341001400\
    0b6578616d706c652e6f726700000800\
    14f67024656dd64a3e02b8e0712e85c9a28ca89666";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn the_short_term_vectors_of_rfc_5769_are_sealed_and_read() {
    let key = Key::short_term("VOkJxbRl1RmTxUk/WvJxBt");
    let request = bytes(REQUEST);
    let request = Message::parse(&request).unwrap();
    assert_eq!(
        (request.class(), request.method()),
        (Class::Request, Method::Binding)
    );
    assert_eq!(request.get(Attribute::USERNAME), Some(&b"evtj:h6vY"[..]));
    assert!(request.has_fingerprint() && request.is_sealed_by(&key));
    for (response, address) in [
        (RESPONSE_IPV4, "192.0.2.1:32853"),
        (
            RESPONSE_IPV6,
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
        ),
    ] {
        let response = bytes(response);
        let response = Message::parse(&response).unwrap();
        assert_eq!(response.class(), Class::Success);
        assert_eq!(
            response.xor_address(Attribute::XOR_MAPPED_ADDRESS),
            Some(address.parse().unwrap())
        );
        assert!(response.is_sealed_by(&key) && !response.is_sealed_by(&Key::short_term("other")));
    }
}

#[test]
fn the_long_term_vector_of_rfc_5769_is_sealed() {
    let request = bytes(LONG_TERM_REQUEST);
    let request = Message::parse(&request).unwrap();
    let username = std::str::from_utf8(request.get(Attribute::USERNAME).unwrap()).unwrap();
    assert_eq!(
        request.get(Attribute::NONCE),
        Some(&b"f//499k954d6OL34oL9FSTvy64sA"[..])
    );
    let key = Key::long_term(Algorithm::Md5, username, "example.org", "TheMatrIX");
    assert!(request.is_sealed_by(&key));
    let other = Key::long_term(Algorithm::Sha256, username, "example.org", "TheMatrIX");
    assert!(!request.is_sealed_by(&other));
}

#[test]
fn a_response_is_written_as_rfc_5769_has_it() {
    let expected = bytes(RESPONSE_IPV4);
    let transaction = Message::parse(&expected).unwrap().transaction();
    let mut written = b"before".to_vec();
    let mut writer = Writer::new(&mut written, Class::Success, Method::Binding, transaction);
    writer.attribute(Attribute::SOFTWARE, b"test vector");
    writer.xor_address(
        Attribute::XOR_MAPPED_ADDRESS,
        "192.0.2.1:32853".parse().unwrap(),
    );
    writer.finish();
    // The RFC pads with a space, we with zero; nothing else differs before the seal.
    let mut before_seal = expected[..expected.len() - 32].to_vec();
    before_seal[3] -= 32;
    before_seal[35] = 0;
    assert_eq!(&written[6..], before_seal);
}

#[test]
fn what_is_written_with_either_seal_is_read() {
    let key = Key::long_term(Algorithm::Sha256, "user", "realm", "password");
    for seal in [Seal::Sha1, Seal::Sha256] {
        let mut written = Vec::new();
        let mut writer = Writer::new(
            &mut written,
            Class::Request,
            Method::Refresh,
            TransactionId([7; 12]),
        );
        writer
            .number(Attribute::LIFETIME, 600)
            .seal(seal, &key)
            .fingerprint();
        writer.finish();
        let message = Message::parse(&written).unwrap();
        assert!(message.is_sealed_by(&key) && message.has_fingerprint());
        assert_eq!(message.seal(), Some(seal));
        // FINGERPRINT stands behind the seal.
        for index in 0..written.len() - 8 {
            let mut changed = written.clone();
            changed[index] ^= 1;
            let is_sealed =
                Message::parse(&changed).is_ok_and(|message| message.is_sealed_by(&key));
            assert!(!is_sealed, "byte {index} is not protected");
        }
    }
}

#[test]
fn attributes_behind_the_seal_do_not_count() {
    let key = Key::long_term(Algorithm::Md5, "user", "realm", "password");
    let mut written = Vec::new();
    let mut writer = Writer::new(
        &mut written,
        Class::Request,
        Method::Refresh,
        TransactionId([7; 12]),
    );
    writer.seal(Seal::Sha1, &key).number(Attribute::LIFETIME, 0);
    writer.finish();
    let message = Message::parse(&written).unwrap();
    assert!(message.is_sealed_by(&key));
    assert_eq!(message.get(Attribute::LIFETIME), None);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_fail(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(message) = Message::parse(&data) {
            let _ = message.peers().count();
        }
    }

    #[test]
    fn changed_vectors_are_read_or_refused(at in 0_usize..108, value in any::<u8>(), end in 0_usize..109) {
        let mut data = bytes(REQUEST);
        data[at] = value;
        data.truncate(end);
        if let Ok(message) = Message::parse(&data) {
            prop_assert_eq!(end, 108);
            for (_, value) in message.attributes() {
                prop_assert!(value.len() < 108);
            }
        }
    }
}
