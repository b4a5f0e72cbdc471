//! The mix that a negotiation sends: one offer, one answer, ten candidates; every message different from all others.
use std::io::Write;

const OFFER_BYTES: usize = 5000;
const ANSWER_BYTES: usize = 3300;
const CANDIDATE_BYTES: usize = 300;
/// Messages of one side in one negotiation: its description and five candidates.
pub(crate) const BURST: usize = 6;
const DIGITS: usize = 12;

/// Who of the two somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Offering,
    Answering,
}

/// The texts that one side sends, or what the other is to receive: message after message, in order.
#[derive(Debug)]
pub(crate) struct Script {
    lines: Vec<Line>,
}

/// One message with a place for its number.
#[derive(Debug)]
struct Line {
    text: Vec<u8>,
    number_at: usize,
}

impl Script {
    /// What `side` of `room` sends. `field` is `to` or `from`, and `socket` its value.
    pub(crate) fn new(side: Side, room: usize, field: &str, socket: &str) -> Self {
        let (event, kind, bytes) = match side {
            Side::Offering => ("offer", "offer", OFFER_BYTES),
            Side::Answering => ("answer", "answer", ANSWER_BYTES),
        };
        let line = |event, key, payload: String| Line::new(event, key, &payload, field, socket);
        let candidate = || line("ice-candidate", "candidate", candidate(side, room));
        let mut lines = vec![line(event, kind, description(kind, room, bytes))];
        lines.extend((1..BURST).map(|_| candidate()));
        Self { lines }
    }

    /// The text of message `number`.
    pub(crate) fn line(&mut self, number: usize) -> &[u8] {
        let line = &mut self.lines[number % BURST];
        // Twelve digits hold more messages than any run sends.
        let _ = write!(&mut line.text[line.number_at..], "{number:0DIGITS$}");
        &line.text
    }
}

impl Line {
    fn new(event: &str, key: &str, payload: &str, field: &str, socket: &str) -> Self {
        let text = format!(r#"42["{event}",{{"{key}":{payload},"{field}":"{socket}"}}]"#);
        let number_at = text.find(&"0".repeat(DIGITS)).unwrap_or(0);
        Self {
            text: text.into_bytes(),
            number_at,
        }
    }
}

/// A session description of `bytes` bytes, as JSON.
fn description(kind: &str, room: usize, bytes: usize) -> String {
    let mut sdp = format!(
        r"v=0\r\no=- {:0DIGITS$} 2 IN IP4 127.0.0.1\r\ns=room-{room}\r\nt=0 0\r\n",
        0
    );
    let end = r#""}"#;
    let start = format!(r#"{{"type":"{kind}","sdp":""#);
    let mut payload_type = 96;
    loop {
        let line =
            format!(r"a=rtpmap:{payload_type} VP8/90000\r\na=rtcp-fb:{payload_type} nack pli\r\n");
        if start.len() + sdp.len() + line.len() + end.len() > bytes {
            break;
        }
        sdp.push_str(&line);
        payload_type += 1;
    }
    let rest = bytes - start.len() - sdp.len() - end.len();
    sdp.push_str(&"x".repeat(rest));
    format!("{start}{sdp}{end}")
}

/// An ICE candidate of 300 bytes, as JSON.
fn candidate(side: Side, room: usize) -> String {
    let host = if side == Side::Offering { 10 } else { 20 };
    let start = format!(
        r#"{{"candidate":"candidate:{:0DIGITS$} 1 udp 2122260223 192.168.{host}.{} 54400 typ srflx raddr 10.0.0.1 rport "#,
        0,
        room % 250
    );
    let end = r#"","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"EsAw"}"#;
    let rest = CANDIDATE_BYTES - start.len() - end.len();
    format!("{start}{}{end}", "5".repeat(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_have_their_sizes_and_are_json() {
        let cases = [
            (description("offer", 7, OFFER_BYTES), OFFER_BYTES),
            (description("answer", 7, ANSWER_BYTES), ANSWER_BYTES),
            (candidate(Side::Answering, 49), CANDIDATE_BYTES),
        ];
        for (payload, bytes) in cases {
            assert_eq!(payload.len(), bytes);
            assert!(
                serde_json::from_str::<serde_json::Value>(&payload).is_ok(),
                "{payload}"
            );
        }
    }

    #[test]
    fn no_two_messages_are_alike() {
        let mut script = Script::new(Side::Offering, 1, "to", "abc");
        let first = script.line(0).to_vec();
        assert_eq!(script.line(0), first);
        assert_ne!(script.line(BURST), first);
        assert_ne!(script.line(1).to_vec(), script.line(2));
        assert_ne!(Script::new(Side::Offering, 2, "to", "abc").line(0), first);
    }
}
