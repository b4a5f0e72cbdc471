use super::*;
use crate::engine::Text;

fn event<'a>(name: &'a str, args: &'a str) -> Kind<'a> {
    let first = json::value_end(args.as_bytes(), 0).unwrap_or(0);
    Kind::Event {
        name: Cow::Borrowed(name),
        args: Args::new(args, first, Fields::default()),
        id: None,
        attachments: 0,
    }
}

fn kind(text: &str) -> Result<(&str, Kind<'_>), Malformed> {
    Packet::parse(text).map(|packet| (packet.namespace, packet.kind))
}

#[test]
fn every_type_is_read() {
    let cases = [
        ("0", "/", Kind::Connect { auth: None }),
        (
            "0{\"token\":\"123\"}",
            "/",
            Kind::Connect {
                auth: Some("{\"token\":\"123\"}"),
            },
        ),
        ("0 {} ", "/", Kind::Connect { auth: Some("{}") }),
        ("0/custom", "/custom", Kind::Connect { auth: None }),
        ("0/custom,", "/custom", Kind::Connect { auth: None }),
        (
            "0/custom,{\"a\":1}",
            "/custom",
            Kind::Connect {
                auth: Some("{\"a\":1}"),
            },
        ),
        ("1", "/", Kind::Disconnect),
        ("1/custom,", "/custom", Kind::Disconnect),
        ("2[\"foo\"]", "/", event("foo", "")),
        (
            "2[\"foo\",1,\"2\",{\"3\":[true]}]",
            "/",
            event("foo", "1,\"2\",{\"3\":[true]}"),
        ),
        ("2 [ \"foo\" , 1 , 2 ] ", "/", event("foo", "1 , 2")),
        ("2[5,1]", "/", event("5", "1")),
        ("2[-0.5]", "/", event("-0.5", "")),
        ("2[\"\"]", "/", event("", "")),
        ("2/admin,[\"bar\"]", "/admin", event("bar", "")),
    ];
    for (text, namespace, expected) in cases {
        assert_eq!(kind(text), Ok((namespace, expected)), "{text}");
    }
}

#[test]
fn ids_and_attachments_are_read() {
    let packet = Packet::parse("52-/admin,789[\"baz\",{\"_placeholder\":true,\"num\":0}]").unwrap();
    let Kind::Event {
        name,
        args,
        id,
        attachments,
    } = packet.kind
    else {
        panic!("{packet:?}")
    };
    assert_eq!(
        (packet.namespace, &*name, id, attachments),
        ("/admin", "baz", Some(789), 2)
    );
    assert_eq!(args.as_str(), "{\"_placeholder\":true,\"num\":0}");
    assert_eq!(
        kind("313[]"),
        Ok((
            "/",
            Kind::Ack {
                args: Args::default(),
                id: 13,
                attachments: 0
            }
        ))
    );
    assert_eq!(
        kind("61-15[\"bar\"]"),
        Ok((
            "/",
            Kind::Ack {
                args: Args::new("\"bar\"", 5, Fields::default()),
                id: 15,
                attachments: 1
            }
        ))
    );
    assert_eq!(kind("2999999999999999[\"a\"]").map(|_| ()), Ok(()));
}

#[test]
fn escaped_names_are_unescaped() {
    let packet = Packet::parse(r#"2["a\u0062\"\n\ud83d\udc0e"]"#).unwrap();
    assert!(matches!(packet.kind, Kind::Event { name, .. } if name == "ab\"\n🐎"));
}

#[test]
fn everything_else_is_refused() {
    let deep = format!("2[\"a\",{}{}]", "[".repeat(10_000), "]".repeat(10_000));
    let deep_auth = format!("0{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let cases = [
        "",
        "abc",
        "7",
        "9[]",
        "-1",
        "ž",
        "4{\"message\":\"x\"}",
        "4",
        "0[]",
        "01",
        "0\"a\"",
        "0null",
        "0{",
        "0{}x",
        "1{}",
        "12",
        "1/a,x",
        "2",
        "2{}",
        "2[]",
        "2[",
        "2[\"a\"",
        "2[\"a\",]",
        "2[,\"a\"]",
        "2[\"a\"]x",
        "2[\"a\" 1]",
        "2null",
        "2[null]",
        "2[true]",
        "2[{}]",
        "2[[]]",
        "2[\"connect\"]",
        "2[\"disconnect\",1]",
        "2[\"connect_error\"]",
        "2[\"disconnecting\"]",
        "2[\"newListener\"]",
        "2[\"removeListener\"]",
        "2[\"\\u0063onnect\"]",
        "2[\"\\ud83d\"]",
        "2abc[\"a\"]",
        "2-1[\"a\"]",
        "21e3[\"a\"]",
        "21.5[\"a\"]",
        "21234567890123456[\"a\"]",
        "2[\"a\n\"]",
        "2[\"a\u{1e}\"]",
        "3[]",
        "31",
        "31{}",
        "31[",
        "31[1,]",
        "5[\"a\"]",
        "50-[\"a\"]",
        "5-[\"a\"]",
        "5-1-[\"a\"]",
        "5a-[\"a\"]",
        "5 1-[\"a\"]",
        "51[\"a\"]",
        "5+1-[\"a\"]",
        "51-",
        "61-[]",
        "62[]",
        "2/a[\"x\"]",
        "2/a",
        &deep,
        &deep_auth,
    ];
    for text in cases {
        assert!(
            Packet::parse(text).is_err(),
            "{}",
            text.chars().take(40).collect::<String>()
        );
    }
}

#[test]
fn what_is_written_has_the_length_that_was_announced() {
    let pieces: [&str; 3] = ["{\"from\":\"", "abc", "\"}"];
    let cases = [
        (
            Outgoing::event("/", None, "a", &pieces, 0),
            "2[\"a\",{\"from\":\"abc\"}]",
        ),
        (Outgoing::event("/", None, "a", &[], 0), "2[\"a\"]"),
        (Outgoing::event("/", Some(0), "a", &[""], 0), "20[\"a\"]"),
        (
            Outgoing::event("/n", Some(12), "a\"\n", &["1", ",2"], 10),
            "510-/n,12[\"a\\\"\\n\",1,2]",
        ),
        (Outgoing::ack("/", 456, &["1"], 0), "3456[1]"),
        (Outgoing::ack("/n", 9, &[], 2), "62-/n,9[]"),
        (Outgoing::connect("/", &["{}"]), "0{}"),
        (Outgoing::connect("/n", &["{}"]), "0/n,{}"),
        (Outgoing::disconnect("/n"), "1/n,"),
        (
            Outgoing::connect_error("/", &["{\"message\":\"no\"}"]),
            "4{\"message\":\"no\"}",
        ),
    ];
    for (packet, expected) in cases {
        let mut out = Vec::new();
        packet.write(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(packet.length(), expected.len(), "{expected}");
    }
}

#[test]
fn arguments_are_found_as_they_came() {
    let cases: [(&str, &str, &[&str]); 5] = [
        ("2[\"e\"]", "", &[]),
        ("2[\"e\",1]", "1", &["1"]),
        (
            "2[\"e\", [1,2] , {\"a\":\",\"} ]",
            "[1,2] , {\"a\":\",\"}",
            &["[1,2]", "{\"a\":\",\"}"],
        ),
        (
            "2[\"e\",null,\"ž\",true]",
            "null,\"ž\",true",
            &["null", "\"ž\"", "true"],
        ),
        ("2[\"e\",\"\"]", "\"\"", &["\"\""]),
    ];
    for (text, joined, expected) in cases {
        let Ok(Packet {
            kind: Kind::Event { args, .. },
            ..
        }) = Packet::parse(text)
        else {
            panic!("{text}")
        };
        assert_eq!(args.as_str(), joined, "{text}");
        assert_eq!(args.iter().collect::<Vec<_>>(), expected, "{text}");
        for (index, value) in expected.iter().enumerate() {
            assert_eq!(args.get(index), Some(*value), "{text}");
        }
        assert_eq!(args.get(expected.len()), None, "{text}");
    }
}

#[test]
fn fields_of_the_first_argument_are_found() {
    let cases = [
        (
            r#"2["e",{"to":"abc","offer":{"to":1}},{"to":2}]"#,
            "to",
            Some("\"abc\""),
        ),
        (
            r#"2["e",{"to":"abc","offer":{"to":1}},{"to":2}]"#,
            "offer",
            Some("{\"to\":1}"),
        ),
        (
            r#"2["e",{"a":0,"b":1,"c":2,"d":3,"e":4,"f":5,"g":6,"g":7}]"#,
            "g",
            Some("7"),
        ),
        (r#"2["e",{"\u0074o":5}]"#, "to", Some("5")),
        (r#"2["e",{}]"#, "to", None),
        (r#"2["e",[{"to":1}]]"#, "to", None),
        (r#"2["e","to"]"#, "to", None),
        (r#"2["e"]"#, "to", None),
    ];
    for (text, key, expected) in cases {
        let Ok(Packet {
            kind: Kind::Event { args, .. },
            ..
        }) = Packet::parse(text)
        else {
            panic!("{text}")
        };
        assert_eq!(args.field(key), expected, "{text}");
        assert_eq!(args.is_object(), text.starts_with("2[\"e\",{"), "{text}");
    }
}
