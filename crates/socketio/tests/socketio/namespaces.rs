//! Several namespaces over one connection.
use holdspace_socketio::{Config, DisconnectReason};

use crate::client::{Frame, Websocket, sid_of};
use crate::lab::{Lab, Note};

async fn joined(client: &mut Websocket, namespace: &str) -> String {
    client.send(&format!("40{namespace},")).await;
    let packet = client.text().await;
    let prefix = format!("40{namespace},");
    assert!(packet.starts_with(&prefix), "{packet}");
    sid_of(&packet[prefix.len() - 1..])
}

#[tokio::test]
async fn namespaces_are_apart() {
    let mut lab = Lab::start().await;
    let (mut client, main) = Websocket::join(lab.address).await;
    let a = joined(&mut client, "/a").await;
    let b = joined(&mut client, "/b").await;
    assert!(main != a && a != b && main != b);
    client.send("42/a,[\"echo\",1]").await;
    assert_eq!(client.text().await, "42/a,[\"echo\",1]");
    client.send("42/b,5[\"echo\",2]").await;
    assert_eq!(client.text().await, "42/b,[\"echo\",2]");
    assert_eq!(client.text().await, "43/b,5[2]");
    client.send("41/a,").await;
    client.send("42[\"count\"]").await;
    assert_eq!(client.text().await, "42[\"count\",1]");
    client.send("42/b,[\"count\"]").await;
    assert_eq!(client.text().await, "42/b,[\"count\",2]");
    let notes = lab.unread();
    assert!(notes.contains(&Note::Disconnected(
        "/a".into(),
        DisconnectReason::ClientDisconnect
    )));
    drop(client);
    let mut left = [lab.note().await, lab.note().await];
    left.sort_by_key(|note| format!("{note:?}"));
    let gone =
        |namespace: &str| Note::Disconnected(namespace.into(), DisconnectReason::TransportClose);
    assert_eq!(left, [gone("/"), gone("/b")]);
    assert_eq!(lab.unread(), []);
}

#[tokio::test]
async fn a_refusal_carries_message_and_data() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::connect(lab.address).await;
    client.send("40{\"refuse\":true}").await;
    let expected =
        r#"44{"message":"AUTHENTICATION \"FAILED\"","data":{"code":"AUTHENTICATION_FAILED"}}"#;
    assert_eq!(client.text().await, expected);
    client.send("40/nowhere,").await;
    assert_eq!(
        client.text().await,
        "44/nowhere,{\"message\":\"Invalid namespace\"}"
    );
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"));
    assert_eq!(lab.note().await, Note::Connected("/".into()));
    assert_eq!(lab.unread(), []);
}

#[tokio::test]
async fn what_is_emitted_while_connecting_follows_the_answer() {
    let lab = Lab::start().await;
    let (mut client, _) = Websocket::connect(lab.address).await;
    client.send("40{\"early\":true}").await;
    assert!(client.text().await.starts_with("40{\"sid\""));
    assert_eq!(client.text().await, "42[\"early\",1]");
    assert_eq!(
        client.text().await,
        "451-[\"early\",{\"_placeholder\":true,\"num\":0}]"
    );
    assert_eq!(client.next().await, Frame::Binary(vec![7]));
}

#[tokio::test]
async fn a_socket_may_be_disconnected_while_it_connects() {
    let mut lab = Lab::start().await;
    let (mut client, _) = Websocket::connect(lab.address).await;
    client.send("40{\"leave\":true,\"early\":true}").await;
    assert!(client.text().await.starts_with("40{\"sid\""));
    assert_eq!(client.text().await, "42[\"early\",1]");
    assert_eq!(
        client.text().await,
        "451-[\"early\",{\"_placeholder\":true,\"num\":0}]"
    );
    assert_eq!(client.next().await, Frame::Binary(vec![7]));
    assert_eq!(client.text().await, "41");
    assert_eq!(lab.end().await, DisconnectReason::ServerDisconnect);
}

#[tokio::test]
async fn a_disconnected_socket_may_come_back_and_late_events_do_no_harm() {
    let mut lab = Lab::start().await;
    let (mut client, first) = Websocket::join(lab.address).await;
    joined(&mut client, "/a").await;
    client.send("42[\"leave\"]").await;
    client.send("42[\"late\"]").await;
    assert_eq!(client.text().await, "41");
    client.send("42[\"later\"]").await;
    client.send("4312[]").await;
    client.send("42/a,[\"echo\"]").await;
    assert_eq!(client.text().await, "42/a,[\"echo\"]");
    client.send("40").await;
    let second = sid_of(&client.text().await[1..]);
    assert_ne!(first, second);
    client.send("42[\"count\"]").await;
    assert_eq!(client.text().await, "42[\"count\",1]");
    assert_eq!(lab.note().await, Note::Connected("/".into()));
    assert_eq!(lab.note().await, Note::Connected("/a".into()));
    assert_eq!(
        lab.note().await,
        Note::Disconnected("/".into(), DisconnectReason::ServerDisconnect)
    );
    assert_eq!(lab.note().await, Note::Connected("/".into()));
    assert_eq!(lab.unread(), []);
}

#[tokio::test]
async fn packets_that_do_not_fit_the_state_close_the_connection() {
    let mut lab = Lab::start().await;
    let cases: [&[&str]; 8] = [
        &["42[\"early\"]"],
        &["41"],
        &["431[]"],
        &["40", "40"],
        &["40", "42/a,[\"elsewhere\"]"],
        &["40", "41", "42[\"after leaving\"]"],
        &["40", "41", "41"],
        &["40", "44{\"message\":\"no\"}"],
    ];
    for packets in cases {
        let (mut client, _) = Websocket::connect(lab.address).await;
        for packet in packets {
            client.send(packet).await;
        }
        assert_eq!(
            client.rest().await.last(),
            Some(&Frame::Close(1002)),
            "{packets:?}"
        );
        drop(client);
        if packets.len() == 2 {
            assert_eq!(lab.end().await, DisconnectReason::ParseError, "{packets:?}");
        }
        let events = lab
            .unread()
            .into_iter()
            .filter(|note| matches!(note, Note::Event(_)))
            .count();
        assert_eq!(events, 0, "{packets:?}");
    }
}

#[tokio::test]
async fn the_number_of_namespaces_is_bounded() {
    let lab = Lab::with(Config {
        namespaces_max: 2,
        ..Config::default()
    })
    .await;
    let (mut client, _) = Websocket::join(lab.address).await;
    joined(&mut client, "/a").await;
    client.send("40/b,").await;
    assert_eq!(
        client.text().await,
        "44/b,{\"message\":\"Too many namespaces\"}"
    );
    client.send("41/a,").await;
    joined(&mut client, "/b").await;
}
