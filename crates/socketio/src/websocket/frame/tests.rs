use super::*;

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = Vec::new();
    write_header(&mut bytes, first & 0x0f, payload.len());
    bytes[0] = first;
    bytes[1] |= 0x80;
    bytes.extend(mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}

/// Decodes in reads of `step` bytes; what comes out is written down.
fn decode(bytes: &[u8], step: usize, limit: usize) -> Result<Vec<String>, FrameError> {
    let mut decoder = Decoder::new(limit);
    let mut messages = Vec::new();
    for chunk in bytes.chunks(step) {
        let mut chunk = chunk.to_vec();
        let mut input = Input::new(&mut chunk);
        while let Some(message) = decoder.next(&mut input)? {
            messages.push(format!("{message:?}"));
        }
        assert!(input.rest().is_empty());
    }
    Ok(messages)
}

fn decode_every_way(bytes: &[u8], limit: usize) -> Result<Vec<String>, FrameError> {
    let whole = decode(bytes, usize::MAX, limit);
    for step in [1, 2, 3, 5, 7, 13, 64] {
        let parts = decode(bytes, step, limit);
        assert_eq!(parts, whole, "in steps of {step}");
    }
    whole
}

#[test]
fn messages_are_the_same_however_the_bytes_arrive() {
    let long = "ž".repeat(40_000);
    let bytes = [
        frame(0x81, b"hello"),
        frame(0x82, &[0, 1, 2, 255]),
        frame(0x01, b"frag"),
        frame(0x89, b"ping between"),
        frame(0x00, b"ment"),
        frame(0x80, b"ed"),
        frame(0x81, b""),
        frame(0x8a, b"pong"),
        frame(0x81, &[b'x'; 126]),
        frame(0x81, long.as_bytes()),
        frame(0x88, &[3, 232, b'b', b'y', b'e']),
    ]
    .concat();
    let messages = decode_every_way(&bytes, 100_000).unwrap();
    let expected = [
        "Text(\"hello\")".to_owned(),
        "Binary([0, 1, 2, 255])".to_owned(),
        format!("{:?}", Message::Ping(b"ping between")),
        "Text(\"fragmented\")".to_owned(),
        "Text(\"\")".to_owned(),
        "Pong".to_owned(),
        format!("Text(\"{}\")", "x".repeat(126)),
        format!("Text(\"{long}\")"),
        "Close(Some(1000))".to_owned(),
    ];
    assert_eq!(messages, expected);
}

#[test]
fn what_the_rfc_forbids_is_refused() {
    let mut unmasked = Vec::new();
    write(&mut unmasked, TEXT, b"hello");
    let long_form = [0x81, 0xfe, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5].to_vec();
    let longer_form = [0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0].to_vec();
    let top_bit = [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0].to_vec();
    let cases = [
        ("no mask", unmasked),
        ("16-bit length for a short payload", long_form),
        ("64-bit length for a short payload", longer_form),
        ("a length with the top bit", top_bit),
        ("reserved bit 1", frame(0xc1, b"x")),
        ("reserved bit 2", frame(0xa1, b"x")),
        ("reserved bit 3", frame(0x91, b"x")),
        ("opcode 3", frame(0x83, b"x")),
        ("opcode 7", frame(0x87, b"x")),
        ("opcode 11", frame(0x8b, b"x")),
        ("opcode 15", frame(0x8f, b"x")),
        ("a fragmented ping", frame(0x09, b"x")),
        ("a fragmented close", frame(0x08, &[3, 232])),
        ("a ping of 126 bytes", frame(0x89, &[0; 126])),
        ("a continuation of nothing", frame(0x80, b"x")),
        (
            "a text inside a fragmented text",
            [frame(0x01, b"a"), frame(0x81, b"b")].concat(),
        ),
        (
            "a binary start inside a fragmented text",
            [frame(0x01, b"a"), frame(0x02, b"b")].concat(),
        ),
        (
            "a continuation after the end",
            [frame(0x01, b"a"), frame(0x80, b"b"), frame(0x80, b"c")].concat(),
        ),
        ("a close of one byte", frame(0x88, &[3])),
        (
            "a close with status 999",
            frame(0x88, &999u16.to_be_bytes()),
        ),
        (
            "a close with status 1005",
            frame(0x88, &1005u16.to_be_bytes()),
        ),
        (
            "a close with status 1006",
            frame(0x88, &1006u16.to_be_bytes()),
        ),
        (
            "a close with status 1015",
            frame(0x88, &1015u16.to_be_bytes()),
        ),
        (
            "a close with status 2999",
            frame(0x88, &2999u16.to_be_bytes()),
        ),
        (
            "a close with status 5000",
            frame(0x88, &5000u16.to_be_bytes()),
        ),
    ];
    for (name, bytes) in cases {
        assert_eq!(
            decode_every_way(&bytes, 1_000).unwrap_err(),
            FrameError::Protocol,
            "{name}"
        );
    }
}

#[test]
fn text_must_be_utf8_as_a_whole() {
    let horse = "🐎".as_bytes();
    let halves = [frame(0x01, &horse[..2]), frame(0x80, &horse[2..])].concat();
    assert_eq!(decode_every_way(&halves, 100).unwrap(), ["Text(\"🐎\")"]);
    for bytes in [
        frame(0x81, &horse[..3]),
        frame(0x81, &[0xed, 0xa0, 0x80]),
        frame(0x81, &[0xc0, 0xaf]),
        [frame(0x01, &horse[..2]), frame(0x80, b"x")].concat(),
        frame(0x88, &[3, 232, 0xff]),
    ] {
        assert_eq!(decode_every_way(&bytes, 100).unwrap_err(), FrameError::Utf8);
    }
}

#[test]
fn the_limit_holds_on_what_is_declared_and_across_fragments() {
    assert!(decode_every_way(&frame(0x81, &[b'x'; 1000]), 1000).is_ok());
    assert_eq!(
        decode_every_way(&frame(0x81, &[b'x'; 1001]), 1000).unwrap_err(),
        FrameError::TooLarge
    );
    let declared = [
        0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0,
    ];
    assert_eq!(
        decode_every_way(&declared, 1000).unwrap_err(),
        FrameError::TooLarge
    );
    let fragments = |last: usize| {
        [
            frame(0x01, &[b'x'; 600]),
            frame(0x89, b"p"),
            frame(0x80, &vec![b'x'; last]),
        ]
        .concat()
    };
    assert!(decode_every_way(&fragments(400), 1000).is_ok());
    assert_eq!(
        decode_every_way(&fragments(401), 1000).unwrap_err(),
        FrameError::TooLarge
    );
}

#[test]
fn nothing_is_kept_once_a_message_is_over() {
    let mut decoder = Decoder::new(1_000_000);
    let bytes = frame(0x82, &vec![7; 300_000]);
    for chunk in bytes.chunks(16_384) {
        let mut chunk = chunk.to_vec();
        let mut input = Input::new(&mut chunk);
        while decoder.next(&mut input).unwrap().is_some() {}
    }
    assert_eq!(decoder.message.capacity() + decoder.control.capacity(), 0);
}
