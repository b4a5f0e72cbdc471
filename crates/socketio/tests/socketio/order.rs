//! Order and content of many messages.
use std::fmt::Write as _;

use crate::client::{Polling, Websocket, frame};
use crate::lab::Lab;

const MESSAGES: u32 = 30_000;
/// Few enough to fit into a buffer that nobody reads for a while.
const EMITTED: usize = 10_000;

/// A payload that differs for every number, in content and length.
fn payload(number: u32) -> String {
    let mut payload = format!("{{\"n\":{number},\"candidate\":\"candidate:842163049 1 udp");
    for step in 0..number % 23 {
        write!(
            payload,
            " \\u00{:02x}\\r\\nž{step}",
            32 + (number + step) % 90
        )
        .unwrap();
    }
    payload + "\"}"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_thousand_messages_arrive_in_order_byte_for_byte() {
    let lab = Lab::start().await;
    let (mut receiver, to) = Websocket::join(lab.address).await;
    let (mut sender, from) = Websocket::join(lab.address).await;
    let sending = tokio::spawn(async move {
        let mut batch = Vec::new();
        for number in 0..MESSAGES {
            let packet = format!(
                "42[\"relay\",{{\"to\":\"{to}\",\"data\":{}}}]",
                payload(number)
            );
            batch.extend(frame(0x81, packet.as_bytes()));
            // Writes of every size, cut wherever they happen to end.
            if batch.len() > usize::try_from(number % 97 * 331).unwrap() {
                sender.http.write(std::mem::take(&mut batch)).await;
            }
        }
        sender.http.write(batch).await;
        sender
    });
    for number in 0..MESSAGES {
        let expected = format!(
            "42[\"relay\",{{\"data\":{},\"from\":\"{from}\"}}]",
            payload(number)
        );
        assert_eq!(receiver.text().await, expected);
    }
    sending.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_senders_each_keep_their_order() {
    let lab = Lab::start().await;
    let (mut receiver, to) = Websocket::join(lab.address).await;
    let mut senders = Vec::new();
    for _ in 0..4 {
        let (mut sender, from) = Websocket::join(lab.address).await;
        let to = to.clone();
        senders.push((from, 0));
        tokio::spawn(async move {
            for number in 0..2_000 {
                sender
                    .send(&format!(
                        "42[\"relay\",{{\"to\":\"{to}\",\"data\":{number}}}]"
                    ))
                    .await;
            }
            // Stays until the test is over, so that nothing is cut short.
            sender.rest().await;
        });
    }
    for _ in 0..8_000 {
        let packet = receiver.text().await;
        let (_, count) = senders
            .iter_mut()
            .find(|(from, _)| packet.contains(&**from))
            .unwrap();
        assert!(
            packet.starts_with(&format!("42[\"relay\",{{\"data\":{count},")),
            "{packet}"
        );
        *count += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polling_keeps_the_order_too() {
    let lab = Lab::start().await;
    let (receiver, to) = Polling::join(lab.address).await;
    let (mut sender, _) = Websocket::join(lab.address).await;
    tokio::spawn(async move {
        for number in 0..3_000 {
            sender
                .send(&format!(
                    "42[\"relay\",{{\"to\":\"{to}\",\"data\":{number}}}]"
                ))
                .await;
        }
        sender.rest().await;
    });
    let mut expected = 0;
    while expected < 3_000 {
        for packet in receiver.poll().await.body.split('\x1e') {
            assert!(
                packet.starts_with(&format!("42[\"relay\",{{\"data\":{expected},")),
                "{packet}"
            );
            expected += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_under_traffic_loses_and_reorders_nothing() {
    for round in 0..20 {
        let lab = Lab::start().await;
        let (client, id) = Polling::join(lab.address).await;
        let socket = lab.socket(&id);
        let emitting = tokio::spawn(async move {
            for number in 0..EMITTED {
                socket.emit("n", &[&number.to_string()]);
                tokio::task::yield_now().await;
            }
        });
        let mut packets: Vec<String> = Vec::new();
        for _ in 0..round % 4 {
            if packets.len() == EMITTED {
                break;
            }
            packets.extend(client.poll().await.body.split('\x1e').map(str::to_owned));
        }
        let query = format!("EIO=4&transport=websocket&sid={}", client.sid);
        let mut websocket = Websocket::open(lab.address, &query).await;
        websocket.send("2probe").await;
        assert_eq!(websocket.text().await, "3probe");
        if round % 2 == 0 {
            packets.extend(client.poll().await.body.split('\x1e').map(str::to_owned));
        }
        websocket.send("5").await;
        packets.retain(|packet| packet != "6");
        while packets.len() < EMITTED {
            packets.push(websocket.text().await);
        }
        emitting.await.unwrap();
        for (number, packet) in packets.iter().enumerate() {
            assert_eq!(*packet, format!("42[\"n\",{number}]"));
        }
    }
}
