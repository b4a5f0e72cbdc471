//! What the record of the call means to the room, and the room to the record.

use std::time::Duration;

use holdspace::app::call;
use holdspace::app::keeper::end_abandoned_calls;
use holdspace::app::sessions::{self, ChangeRequest};
use holdspace::signaling::AbandonedCall;
use holdspace_domain::{SessionState, SessionStatus, Timestamp};
use holdspace_store::SessionStore;
use serde_json::json;
use tokio::sync::mpsc;

use super::house::{CLIENT, House, PSYCHOLOGIST, visitor};

impl House {
    async fn start(&self, session: holdspace_domain::SessionId) {
        call::start(self.app(), session, visitor(PSYCHOLOGIST), None)
            .await
            .unwrap();
    }

    async fn state(&self, session: holdspace_domain::SessionId) -> SessionState {
        self.store
            .load_session(session)
            .await
            .unwrap()
            .unwrap()
            .session
            .state
    }

    /// Waits until the keepers have done what the clock asks of them.
    async fn settled(&self, session: holdspace_domain::SessionId) -> SessionState {
        loop {
            let state = self.state(session).await;
            if matches!(state, SessionState::Completed { .. }) {
                return state;
            }
            tokio::task::yield_now().await;
        }
    }

    fn after(&self, seconds: u64) -> Timestamp {
        use holdspace::clock::Clock;
        self.clock.now().plus(Duration::from_secs(seconds))
    }
}

#[tokio::test]
async fn start_and_end_reach_everybody_in_the_room() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    house.start(meeting.session).await;
    let started = json!({
        "sessionId": meeting.session.to_string(), "startTime": "2025-12-15T12:00:00.000Z"
    });
    house.clock.advance(Duration::from_mins(45));
    call::end(house.app(), meeting.session, visitor(CLIENT), None)
        .await
        .unwrap();
    let ended = json!({
        "sessionId": meeting.session.to_string(), "endTime": "2025-12-15T12:45:00.000Z",
        "duration": 45
    });
    for socket in [&mut meeting.client.socket, &mut meeting.psychologist.socket] {
        assert_eq!(socket.expect("call-started").await, started);
        assert_eq!(socket.expect("call-ended").await, ended);
        socket.expect_silence().await;
    }
    house.clock.advance(Duration::from_secs(30));
    for socket in [&mut meeting.client.socket, &mut meeting.psychologist.socket] {
        assert_eq!(
            socket.expect("removed").await,
            json!({ "reason": "CALL_ENDED" })
        );
    }
    let client = &mut meeting.client.socket;
    client
        .emit("join-room", &json!({ "roomId": meeting.room }))
        .await;
    assert_eq!(
        client.expect("error").await["details"]["reason"],
        "SESSION_COMPLETED"
    );
}

#[tokio::test]
async fn cancelling_and_declining_close_the_room_at_once() {
    for (status, reason) in [
        (SessionStatus::Cancelled, "SESSION_CANCELLED"),
        (SessionStatus::Declined, "SESSION_DECLINED"),
    ] {
        let house = House::open().await;
        let mut meeting = house.meet().await;
        let change = ChangeRequest {
            status: Some(status),
            ..ChangeRequest::default()
        };
        sessions::change(house.app(), meeting.session, change)
            .await
            .unwrap();
        for socket in [&mut meeting.client.socket, &mut meeting.psychologist.socket] {
            assert_eq!(socket.expect("removed").await, json!({ "reason": reason }));
            socket
                .emit("join-room", &json!({ "roomId": meeting.room }))
                .await;
            assert_eq!(socket.expect("error").await["details"]["reason"], reason);
        }
    }
}

#[tokio::test]
async fn a_call_that_everybody_left_ends_when_the_last_one_left() {
    let house = House::open().await;
    let mut meeting = house.meet().await;
    house.start(meeting.session).await;
    house.clock.advance(Duration::from_mins(10));
    let ended_at = house.after(0);
    meeting.client.socket.disconnect().await;
    meeting.psychologist.socket.expect("call-started").await;
    meeting.psychologist.socket.expect("user-left").await;
    meeting.psychologist.socket.disconnect().await;
    house.clock.advance(Duration::from_secs(299));
    assert!(matches!(
        house.state(meeting.session).await,
        SessionState::InProgress { .. }
    ));
    house.clock.advance(Duration::from_secs(1));
    let SessionState::Completed {
        ended_at: recorded, ..
    } = house.settled(meeting.session).await
    else {
        unreachable!()
    };
    assert_eq!(recorded, ended_at);
}

#[tokio::test]
async fn a_call_to_which_nobody_came_ends_at_its_start() {
    let house = House::open().await;
    let (session, _) = house.book().await;
    house.start(session).await;
    let started_at = house.after(0);
    house.clock.advance(Duration::from_mins(5));
    let state = house.settled(session).await;
    assert_eq!(
        state,
        SessionState::Completed {
            started_at,
            ended_at: started_at
        }
    );
}

#[tokio::test]
async fn an_abandoned_call_is_ended_after_a_restart_too() {
    let house = House::open().await;
    let meeting = house.meet().await;
    house.start(meeting.session).await;
    house.clock.advance(Duration::from_mins(1));
    let lost_at = house.after(0);
    let house = house.restart().await;
    house.clock.advance(Duration::from_mins(5));
    let SessionState::Completed { ended_at, .. } = house.settled(meeting.session).await else {
        unreachable!()
    };
    assert_eq!(ended_at, lost_at);
}

#[tokio::test]
async fn who_comes_while_a_report_still_waits_keeps_the_call() {
    let house = House::open().await;
    let (session, room) = house.book().await;
    house.start(session).await;
    let report = || {
        let (reports, waiting) = mpsc::unbounded_channel();
        let empty_since = Timestamp::EARLIEST;
        reports
            .send(AbandonedCall {
                session,
                empty_since,
            })
            .unwrap();
        end_abandoned_calls(house.shared_app(), waiting)
    };
    let mut client = house.join(CLIENT, &room).await;
    report().await;
    let state = house.state(session).await;
    assert!(matches!(state, SessionState::InProgress { .. }));
    client
        .socket
        .ask("leave-room", &json!({ "roomId": room }))
        .await;
    // And who has gone again begins a wait of his own.
    house.clock.advance(Duration::from_secs(1));
    report().await;
    let state = house.state(session).await;
    assert!(matches!(state, SessionState::InProgress { .. }));
}

#[tokio::test]
async fn somebody_who_comes_back_in_time_keeps_the_call() {
    let house = House::open().await;
    let (session, room) = house.book().await;
    house.start(session).await;
    house.clock.advance(Duration::from_secs(299));
    let mut client = house.join(CLIENT, &room).await;
    house.clock.advance(Duration::from_secs(5000));
    client.socket.expect_silence().await;
    assert!(matches!(
        house.state(session).await,
        SessionState::InProgress { .. }
    ));
}
