use super::*;

fn whole(text: &str) -> bool {
    value_end(text.as_bytes(), 0).is_ok_and(|end| skip_space(text.as_bytes(), end) == text.len())
}

#[test]
fn accepts_exactly_what_json_is() {
    for text in [
        "1",
        "-0",
        "0.5",
        "-12.25e-3",
        "1E9",
        "true",
        "false",
        "null",
        r#""""#,
        r#""a\"b\\\/\b\f\n\r\t""#,
        r#""\ud83d""#,
        r#""žluťoučký kůň 🐎""#,
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        r#"{"a":{"b":[{}]},"c":[[],[[]]]}"#,
        r#"{ "a" : 1 , "b" : [ true , null ] }"#,
        "\t\r\n 7 ",
    ] {
        assert!(whole(text), "{text}");
        assert!(
            serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(),
            "{text}"
        );
    }
    for text in [
        "",
        " ",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "tru",
        "nul",
        "True",
        "\"",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "\"\n\"",
        "\"\u{1e}\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        "}",
        "{1:2}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{"a":1]"#,
        r"[1}",
        r#"{"a" 1}"#,
        "NaN",
        "'a'",
        "1 2",
        "\u{b}1",
    ] {
        assert!(!whole(text), "{text}");
        assert!(
            serde_json::from_str::<serde::de::IgnoredAny>(text).is_err(),
            "{text}"
        );
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(whole(&nested(128)));
    assert!(!whole(&nested(129)));
    assert!(!whole(&nested(10_000)));
    assert!(!whole(&"{\"a\":".repeat(10_000)));
}

#[test]
fn fields_are_noted_down() {
    let text = r#" {"a":1,"b" : {"a":2,"c":[{"a":3}]} ,"":"x","a": [4] ,"ž":null} "#;
    let mut fields = Fields::default();
    assert_eq!(
        object_end(text.as_bytes(), 0, &mut fields),
        Ok(text.len() - 1)
    );
    assert!(fields.is_complete());
    for (key, value) in [
        ("a", Some("[4]")),
        ("b", Some(r#"{"a":2,"c":[{"a":3}]}"#)),
        ("", Some("\"x\"")),
        ("ž", Some("null")),
        ("c", None),
    ] {
        assert_eq!(fields.find(text, key), value, "{key}");
    }
    for (text, complete) in [
        (r#"{"\u0061":1}"#, false),
        (r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}"#, true),
        (r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7}"#, false),
        ("[1,{\"a\":1}]", true),
        ("{}", true),
    ] {
        let mut fields = Fields::default();
        assert_eq!(object_end(text.as_bytes(), 0, &mut fields), Ok(text.len()));
        assert_eq!(fields.is_complete(), complete, "{text}");
    }
    let mut fields = Fields::default();
    assert!(object_end(b"[1,{\"a\":1}]", 0, &mut fields).is_ok());
    assert_eq!(fields.find("[1,{\"a\":1}]", "a"), None);
}

#[test]
fn every_special_byte_is_found_at_every_offset() {
    for special in (0..0x20u8).chain([b'"', b'\\']) {
        for length in 0..40 {
            let mut text = vec![b'a'; length];
            text.push(special);
            text.extend([b'"', 0, 0xff, 0x80, b'\\', b'a', b'a', b'a', b'a']);
            assert_eq!(next_special(&text, 0), length);
        }
    }
    for plain in (0x20..=0xff_u8).filter(|byte| !matches!(byte, b'"' | b'\\')) {
        assert_eq!(next_special(&[plain; 33], 0), 33);
    }
}
