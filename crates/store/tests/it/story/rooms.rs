//! Rooms: one change at a time, told in its order, to the room alone, and known again after a restart.

use std::sync::Arc;

use holdspace_domain::roster::{
    Input, Join, Output, RemovalReason, RosterRefusal, RosterSettings, SignalKind, TokenDigest,
};
use holdspace_domain::{Role, SessionId, SocketId, Timestamp, UserId};
use holdspace_store::{Outbox, RoomStore};
use parking_lot::Mutex;

use super::{NOW, later};

/// A node of an installation, and all that its rooms have said.
pub(crate) struct Node {
    pub(crate) rooms: Arc<dyn RoomStore>,
    pub(crate) heard: Arc<Heard>,
}

/// An installation whose nodes can be stopped and started.
pub(crate) trait Installation {
    /// Starts a node; the one before must have been stopped.
    fn start(&self, in_progress: &[SessionId], now: Timestamp) -> impl Future<Output = Node>;
}

/// Remembers what rooms say, in order.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<(SessionId, Said)>>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Output(Output),
    Signal {
        to: SocketId,
        from: SocketId,
        payload: String,
    },
}

impl Outbox for Heard {
    fn deliver(&self, session: SessionId, output: Output) {
        self.0.lock().push((session, Said::Output(output)));
    }

    fn signal(&self, to: SocketId, from: SocketId, _kind: SignalKind, payload: &str) {
        let session = SessionId::from_bytes([0; 12]);
        let payload = payload.to_owned();
        self.0
            .lock()
            .push((session, Said::Signal { to, from, payload }));
    }
}

impl Heard {
    fn take(&self) -> Vec<Said> {
        self.0.lock().drain(..).map(|(_, said)| said).collect()
    }
}

fn session(number: u8) -> SessionId {
    SessionId::from_bytes([number; 12])
}

fn socket(number: usize) -> SocketId {
    SocketId::parse(&format!("{number:0>20}")).unwrap()
}

fn digest(number: usize) -> TokenDigest {
    TokenDigest([u8::try_from(number).unwrap(); 32])
}

fn join(number: usize, user: u8, resume: Option<usize>) -> Input {
    Input::Join(Join {
        socket: socket(number),
        user: UserId::from_bytes([user; 12]),
        name: "Somebody".to_owned(),
        role: Role::Client,
        booked: true,
        seats: 2,
        resume: resume.map(digest),
        token: digest(number),
    })
}

async fn apply(
    node: &Node,
    session: SessionId,
    input: Input,
    now: Timestamp,
) -> Result<(), RosterRefusal> {
    node.rooms.apply(session, input, now).await.unwrap()
}

pub(crate) async fn a_join_is_told_and_a_signal_is_passed_on(installation: impl Installation) {
    let node = installation.start(&[], NOW).await;
    apply(&node, session(1), join(1, 1, None), NOW)
        .await
        .unwrap();
    apply(&node, session(1), join(2, 2, None), NOW)
        .await
        .unwrap();
    assert_eq!(node.heard.take().len(), 3);
    let kind = SignalKind::Offer;
    node.rooms
        .signal(session(1), socket(1), socket(2), kind, "{ }")
        .await
        .unwrap()
        .unwrap();
    let (to, from, payload) = (socket(2), socket(1), "{ }".to_owned());
    assert_eq!(node.heard.take(), [Said::Signal { to, from, payload }]);
}

pub(crate) async fn rooms_do_not_hear_each_other(installation: impl Installation) {
    let node = installation.start(&[], NOW).await;
    apply(&node, session(1), join(1, 1, None), NOW)
        .await
        .unwrap();
    apply(&node, session(2), join(2, 2, None), NOW)
        .await
        .unwrap();
    node.heard.take();
    let kind = SignalKind::Offer;
    let crossed = node
        .rooms
        .signal(session(1), socket(1), socket(2), kind, "{}")
        .await
        .unwrap();
    assert_eq!(crossed, Err(RosterRefusal::UnknownPeer));
    let posing = node
        .rooms
        .signal(session(2), socket(1), socket(2), kind, "{}")
        .await
        .unwrap();
    assert_eq!(posing, Err(RosterRefusal::NotInRoom));
    let nowhere = node
        .rooms
        .signal(session(3), socket(1), socket(2), kind, "{}")
        .await
        .unwrap();
    assert_eq!(nowhere, Err(RosterRefusal::NotInRoom));
    assert_eq!(node.heard.take(), []);
}

pub(crate) async fn of_many_joins_of_one_user_one_stays(installation: impl Installation) {
    let node = installation.start(&[], NOW).await;
    let joins: Vec<_> = (0..32)
        .map(|number| {
            let rooms = Arc::clone(&node.rooms);
            tokio::spawn(async move { rooms.apply(session(1), join(number, 1, None), NOW).await })
        })
        .collect();
    for join in joins {
        join.await.unwrap().unwrap().unwrap();
    }
    let removed = RemovalReason::Replaced;
    let is_removal = |said: &Said| matches!(said, Said::Output(Output::Removed { reason, .. }) if *reason == removed);
    assert_eq!(
        node.heard
            .take()
            .iter()
            .filter(|said| is_removal(said))
            .count(),
        31
    );
}

pub(crate) async fn signals_of_one_sender_stay_in_order(installation: impl Installation) {
    let node = installation.start(&[], NOW).await;
    for pair in 0..4 {
        apply(
            &node,
            session(pair),
            join(usize::from(pair) * 2, 1, None),
            NOW,
        )
        .await
        .unwrap();
        apply(
            &node,
            session(pair),
            join(usize::from(pair) * 2 + 1, 2, None),
            NOW,
        )
        .await
        .unwrap();
    }
    node.heard.take();
    let senders: Vec<_> = (0..4_u8)
        .map(|pair| tokio::spawn(send_many(Arc::clone(&node.rooms), pair)))
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let mut last = [None; 4];
    for said in node.heard.take() {
        let Said::Signal { to, payload, .. } = said else {
            panic!("{said:?}")
        };
        let pair = (0..4).find(|pair| socket(pair * 2 + 1) == to).unwrap();
        let number: usize = payload.parse().unwrap();
        assert_eq!(number, last[pair].map_or(0, |last: usize| last + 1));
        last[pair] = Some(number);
    }
    assert_eq!(last, [Some(499); 4]);
}

async fn send_many(rooms: Arc<dyn RoomStore>, pair: u8) {
    let (from, to) = (
        socket(usize::from(pair) * 2),
        socket(usize::from(pair) * 2 + 1),
    );
    for number in 0..500 {
        let payload = number.to_string();
        let kind = SignalKind::IceCandidate;
        rooms
            .signal(session(pair), from, to, kind, &payload)
            .await
            .unwrap()
            .unwrap();
    }
}

pub(crate) async fn deadlines_are_kept_by_ticks(installation: impl Installation) {
    let node = installation.start(&[], NOW).await;
    assert_eq!(node.rooms.tick(NOW).await.unwrap(), None);
    apply(&node, session(1), join(1, 1, None), NOW)
        .await
        .unwrap();
    apply(&node, session(1), join(2, 2, None), NOW)
        .await
        .unwrap();
    apply(&node, session(1), Input::Lose { socket: socket(1) }, NOW)
        .await
        .unwrap();
    node.heard.take();
    let due = NOW.plus(RosterSettings::default().grace);
    assert_eq!(node.rooms.tick(later(9_999)).await.unwrap(), Some(due));
    assert_eq!(node.heard.take(), []);
    assert_eq!(node.rooms.tick(due).await.unwrap(), None);
    assert!(matches!(
        node.heard.take()[..],
        [Said::Output(Output::UserLeft { .. })]
    ));
}

pub(crate) async fn places_are_kept_over_a_restart(installation: impl Installation) {
    let node = installation.start(&[], NOW).await;
    apply(&node, session(1), join(1, 1, None), NOW)
        .await
        .unwrap();
    apply(&node, session(1), join(2, 2, None), NOW)
        .await
        .unwrap();
    node.rooms.save(later(1000)).await.unwrap();
    drop(node);
    let node = installation.start(&[], later(3000)).await;
    let user = UserId::from_bytes([1; 12]);
    assert!(
        node.rooms
            .holds_place(session(1), user, &digest(1))
            .await
            .unwrap()
    );
    assert!(
        !node
            .rooms
            .holds_place(session(1), user, &digest(2))
            .await
            .unwrap()
    );
    assert!(
        !node
            .rooms
            .holds_place(session(2), user, &digest(1))
            .await
            .unwrap()
    );
    apply(&node, session(1), join(3, 1, Some(1)), later(4000))
        .await
        .unwrap();
    let said = node.heard.take();
    let Said::Output(Output::RoomJoined { participants, .. }) = &said[0] else {
        panic!("{said:?}")
    };
    assert_eq!(participants.len(), 2);
    assert!(participants[1].reconnecting);
}

pub(crate) async fn a_call_in_an_empty_room_is_reported_after_a_restart(
    installation: impl Installation,
) {
    let node = installation.start(&[], NOW).await;
    apply(&node, session(1), join(1, 1, None), NOW)
        .await
        .unwrap();
    apply(
        &node,
        session(1),
        Input::CallStarted { started_at: NOW },
        NOW,
    )
    .await
    .unwrap();
    node.rooms.save(later(1000)).await.unwrap();
    drop(node);
    // Session 2 was started, and its room was never told.
    let node = installation
        .start(&[session(1), session(2)], later(60_000))
        .await;
    node.rooms.tick(later(400_000)).await.unwrap();
    let mut abandoned: Vec<_> = node.heard.take();
    abandoned.retain(|said| matches!(said, Said::Output(Output::Abandoned { .. })));
    let since = |empty_since| Said::Output(Output::Abandoned { empty_since });
    assert_eq!(abandoned.len(), 2);
    assert!(abandoned.contains(&since(later(1000))), "{abandoned:?}");
    assert!(
        abandoned.contains(&since(Timestamp::EARLIEST)),
        "{abandoned:?}"
    );
}

pub(crate) async fn a_room_that_is_forgotten_is_not_kept(installation: impl Installation) {
    let node = installation.start(&[], NOW).await;
    apply(&node, session(1), join(1, 1, None), NOW)
        .await
        .unwrap();
    node.rooms.save(NOW).await.unwrap();
    apply(&node, session(1), Input::Leave { socket: socket(1) }, NOW)
        .await
        .unwrap();
    node.rooms.save(NOW).await.unwrap();
    drop(node);
    let node = installation.start(&[], NOW).await;
    let user = UserId::from_bytes([1; 12]);
    assert!(
        !node
            .rooms
            .holds_place(session(1), user, &digest(1))
            .await
            .unwrap()
    );
    assert_eq!(node.rooms.tick(later(1_000_000)).await.unwrap(), None);
}
