//! The roster's stories as tables, and random histories against the promises it makes.

use super::*;
use crate::{Reason, Role};

const CLIENT: UserId = UserId::from_bytes([1; 12]);
const PSYCHOLOGIST: UserId = UserId::from_bytes([2; 12]);
const ADMIN: UserId = UserId::from_bytes([3; 12]);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_765_807_200_000 + seconds * 1000)
}

/// The socket called `name`, padded to 20 characters.
fn socket(name: &str) -> SocketId {
    SocketId::parse(&format!("{name:-<20}")).unwrap()
}

fn token(name: &str) -> TokenDigest {
    let mut digest = [0; 32];
    digest[..name.len()].copy_from_slice(name.as_bytes());
    TokenDigest(digest)
}

fn join_as(name: &str, user: UserId, resume: Option<&str>) -> Input {
    Input::Join(Join {
        socket: socket(name),
        user,
        name: name.to_owned(),
        role: if user == ADMIN {
            Role::Admin
        } else {
            Role::Client
        },
        booked: user != ADMIN,
        seats: 2,
        resume: resume.map(token),
        token: token(name),
    })
}

struct Story {
    roster: Roster,
}

impl Story {
    fn new() -> Self {
        Self {
            roster: Roster::new(RosterSettings::default()),
        }
    }

    /// Applies the input and gives what everybody is told, a line each, without padding.
    fn tell(&mut self, seconds: i64, input: Input) -> Vec<String> {
        let outputs = self.roster.apply(input, at(seconds)).unwrap();
        outputs
            .iter()
            .map(|output| format!("{output:?}").replace('-', ""))
            .collect()
    }

    fn both_in() -> Self {
        let mut story = Self::new();
        story.tell(0, join_as("c", CLIENT, None));
        story.tell(0, join_as("p", PSYCHOLOGIST, None));
        story
    }

    fn tick(&mut self) -> (i64, Vec<String>) {
        let due = self.roster.next_deadline().unwrap();
        let seconds = due.millis_since(at(0)) / 1000;
        (seconds, self.tell(seconds, Input::Tick))
    }

    fn sockets(&self) -> Vec<String> {
        let trim = |socket: SocketId| socket.as_str().trim_end_matches('-').to_owned();
        self.roster
            .participants()
            .iter()
            .map(|participant| trim(participant.socket))
            .collect()
    }
}

#[test]
fn the_newcomer_is_listed_last_and_the_others_are_told() {
    let mut story = Story::new();
    assert_eq!(story.tell(0, join_as("c", CLIENT, None)).len(), 1);
    let told = story.tell(1, join_as("p", PSYCHOLOGIST, None));
    assert!(told[0].starts_with("roomjoined to p"), "{told:?}");
    assert!(told[1].starts_with("userjoined to c"), "{told:?}");
    assert_eq!(story.sockets(), ["c", "p"]);
}

#[test]
fn a_second_join_of_the_same_socket_tells_nobody_else() {
    let mut story = Story::both_in();
    let told = story.tell(1, join_as("c", CLIENT, None));
    assert_eq!(told.len(), 1);
    assert_eq!(story.sockets(), ["c", "p"]);
}

#[test]
fn the_same_user_again_replaces_his_earlier_socket() {
    let mut story = Story::both_in();
    let told = story.tell(1, join_as("c2", CLIENT, None));
    assert_eq!(told[0], "removed to c: REPLACED");
    assert_eq!(told[1], "userleft to p: c");
    assert!(told[2].starts_with("roomjoined to c2"));
    assert!(told[3].starts_with("userjoined to p"));
    assert_eq!(story.sockets(), ["p", "c2"]);
}

#[test]
fn leaving_is_told_at_once_and_only_once() {
    let mut story = Story::both_in();
    assert_eq!(
        story.tell(
            1,
            Input::Leave {
                socket: socket("c")
            }
        ),
        ["userleft to p: c"]
    );
    let again = story.roster.apply(
        Input::Leave {
            socket: socket("c"),
        },
        at(2),
    );
    assert_eq!(again, Err(RosterRefusal::NotInRoom));
    assert!(
        story
            .tell(
                2,
                Input::Lose {
                    socket: socket("c")
                }
            )
            .is_empty()
    );
}

#[test]
fn a_lost_socket_keeps_its_place_for_the_grace() {
    let mut story = Story::both_in();
    assert_eq!(
        story.tell(
            5,
            Input::Lose {
                socket: socket("c")
            }
        ),
        ["userreconnecting to p: c"]
    );
    assert!(story.roster.participants()[0].reconnecting);
    assert!(story.tell(14, Input::Tick).is_empty());
    assert_eq!(story.tick(), (15, vec!["userleft to p: c".to_owned()]));
    assert_eq!(story.sockets(), ["p"]);
    assert_eq!(story.roster.next_deadline(), None);
}

#[test]
fn a_resume_takes_the_place_back_and_delivers_what_was_kept_in_order() {
    let mut story = Story::both_in();
    story.tell(
        5,
        Input::Lose {
            socket: socket("c"),
        },
    );
    for payload in ["1", "2"] {
        let kind = SignalKind::IceCandidate;
        let delivery = story.roster.signal(socket("p"), socket("c"), kind, payload);
        assert_eq!(delivery, Ok(Delivery::Kept));
    }
    let outputs = story
        .roster
        .apply(join_as("c2", CLIENT, Some("c")), at(6))
        .unwrap();
    assert!(matches!(&outputs[0], Output::RoomJoined { to, .. } if *to == socket("c2")));
    let kept: Vec<&str> = outputs.iter().filter_map(payload_of).collect();
    assert_eq!(kept, ["1", "2"]);
    let last = outputs.last().unwrap();
    assert!(matches!(last, Output::UserReconnected { previous, .. } if *previous == socket("c")));
    assert_eq!(story.sockets(), ["c2", "p"]);
}

fn payload_of(output: &Output) -> Option<&str> {
    match output {
        Output::Signal { payload, .. } => Some(payload),
        _ => None,
    }
}

#[test]
fn a_resume_before_the_loss_was_noticed_closes_the_old_socket() {
    let mut story = Story::both_in();
    let told = story.tell(6, join_as("c2", CLIENT, Some("c")));
    assert_eq!(told[0], "disconnect c");
    assert_eq!(told.last().unwrap(), "userreconnected to p: c is c2");
    assert!(
        story
            .tell(
                7,
                Input::Lose {
                    socket: socket("c")
                }
            )
            .is_empty()
    );
    assert_eq!(story.sockets(), ["c2", "p"]);
}

#[test]
fn a_resume_token_serves_its_own_user_alone_and_many_times() {
    let mut story = Story::both_in();
    let told = story.tell(1, join_as("x", PSYCHOLOGIST, Some("c")));
    assert_eq!(told[0], "removed to p: REPLACED");
    story.tell(2, join_as("c2", CLIENT, Some("c")));
    story.tell(3, join_as("c3", CLIENT, Some("c")));
    assert_eq!(story.sockets(), ["c3", "x"]);
    assert!(story.roster.holds_place(CLIENT, &token("c")));
    assert!(!story.roster.holds_place(PSYCHOLOGIST, &token("c")));
}

#[test]
fn a_token_of_a_place_that_is_gone_is_simply_a_join() {
    let mut story = Story::both_in();
    story.tell(
        1,
        Input::Leave {
            socket: socket("c"),
        },
    );
    let told = story.tell(2, join_as("c2", CLIENT, Some("c")));
    assert!(told[1].starts_with("userjoined to p"));
}

#[test]
fn signals_reach_members_by_their_current_and_earlier_ids_and_nobody_else() {
    let mut story = Story::both_in();
    story.tell(1, join_as("c2", CLIENT, Some("c")));
    let mut signal = |from: &str, to: &str| {
        story
            .roster
            .signal(socket(from), socket(to), SignalKind::Offer, "{}")
    };
    assert_eq!(signal("p", "c2"), Ok(Delivery::Now(socket("c2"))));
    assert_eq!(signal("p", "c"), Ok(Delivery::Now(socket("c2"))));
    assert_eq!(signal("c2", "p"), Ok(Delivery::Now(socket("p"))));
    assert_eq!(signal("c", "p"), Err(RosterRefusal::NotInRoom));
    assert_eq!(signal("p", "p"), Err(RosterRefusal::UnknownPeer));
    assert_eq!(signal("p", "stranger"), Err(RosterRefusal::UnknownPeer));
    assert_eq!(signal("stranger", "p"), Err(RosterRefusal::NotInRoom));
}

#[test]
fn what_is_kept_for_the_lost_is_bounded() {
    let mut story = Story::both_in();
    story.tell(
        1,
        Input::Lose {
            socket: socket("c"),
        },
    );
    let payload = "x".repeat(40 * 1024);
    let mut signal = |payload: &str| {
        story
            .roster
            .signal(socket("p"), socket("c"), SignalKind::Offer, payload)
    };
    assert_eq!(signal(&payload), Ok(Delivery::Kept));
    assert_eq!(signal(&payload), Err(RosterRefusal::KeptTooMuch));
    assert_eq!(signal("small"), Ok(Delivery::Kept));
}

#[test]
fn an_admin_needs_a_free_seat_and_the_booked_never_do() {
    let mut story = Story::new();
    story.tell(0, join_as("c", CLIENT, None));
    story.tell(0, join_as("a", ADMIN, None));
    story.tell(0, join_as("p", PSYCHOLOGIST, None));
    assert_eq!(story.sockets(), ["c", "a", "p"]);
    story.tell(
        1,
        Input::Leave {
            socket: socket("a"),
        },
    );
    let refused = story.roster.apply(join_as("a2", ADMIN, None), at(2));
    assert_eq!(refused, Err(RosterRefusal::Full));
}

#[test]
fn start_and_end_reach_the_room_and_those_who_stay_are_removed() {
    let mut story = Story::both_in();
    let started = Input::CallStarted { started_at: at(0) };
    assert_eq!(
        story.tell(1, started.clone()),
        ["callstarted to c", "callstarted to p"]
    );
    assert!(story.tell(1, started).is_empty());
    story.tell(
        2,
        Input::Leave {
            socket: socket("c"),
        },
    );
    let ended = Input::CallEnded {
        started_at: at(0),
        ended_at: at(60),
    };
    assert_eq!(story.tell(60, ended.clone()), ["callended to p"]);
    assert!(story.tell(61, ended).is_empty());
    let shut = RosterRefusal::Shut(Reason::SessionCompleted);
    assert_eq!(
        story.roster.apply(join_as("c2", CLIENT, None), at(62)),
        Err(shut)
    );
    assert_eq!(
        story.tick(),
        (90, vec!["removed to p: CALL_ENDED".to_owned()])
    );
    assert!(story.roster.is_idle());
}

#[test]
fn a_start_that_somebody_missed_is_told_when_he_is_back() {
    let mut story = Story::both_in();
    story.tell(
        1,
        Input::Lose {
            socket: socket("c"),
        },
    );
    story.tell(2, Input::CallStarted { started_at: at(2) });
    let told = story.tell(3, join_as("c2", CLIENT, Some("c")));
    assert_eq!(told[1], "callstarted to c2");
}

#[test]
fn a_closed_room_is_empty_at_once_and_stays_shut() {
    let mut story = Story::both_in();
    let close = Input::Close {
        reason: RemovalReason::SessionDeclined,
    };
    let told = story.tell(1, close);
    assert_eq!(
        told,
        [
            "removed to c: SESSION_DECLINED",
            "removed to p: SESSION_DECLINED"
        ]
    );
    let refused = story.roster.apply(join_as("c2", CLIENT, None), at(2));
    assert_eq!(refused, Err(RosterRefusal::Shut(Reason::SessionDeclined)));
    story.tick();
    assert!(story.roster.is_idle());
}

#[test]
fn a_running_call_that_everybody_left_is_abandoned() {
    let mut story = Story::both_in();
    story.tell(0, Input::CallStarted { started_at: at(0) });
    story.tell(
        10,
        Input::Leave {
            socket: socket("p"),
        },
    );
    story.tell(
        20,
        Input::Lose {
            socket: socket("c"),
        },
    );
    assert_eq!(story.tick(), (30, vec![]));
    let since = at(20).as_millis();
    assert_eq!(
        story.tick(),
        (320, vec![format!("abandoned since {since}")])
    );
    // Not recorded yet: it is reported again.
    assert_eq!(story.tick().0, 330);
}

#[test]
fn a_call_to_which_nobody_came_is_abandoned_since_ever() {
    let mut story = Story::new();
    story.tell(
        0,
        Input::CallStarted {
            started_at: at(-60),
        },
    );
    let (seconds, told) = story.tick();
    assert_eq!((seconds, told.len()), (300, 1));
}

#[test]
fn somebody_who_comes_keeps_the_call() {
    let mut story = Story::new();
    story.tell(0, Input::CallStarted { started_at: at(0) });
    story.tell(299, join_as("c", CLIENT, None));
    assert_eq!(story.roster.next_deadline(), None);
    assert!(story.tell(10_000, Input::Tick).is_empty());
}

#[test]
fn a_restart_keeps_places_for_the_grace_and_remembers_when_all_were_lost() {
    let mut story = Story::both_in();
    story.tell(0, Input::CallStarted { started_at: at(0) });
    let snapshot = story.roster.snapshot().unwrap();
    let settings = RosterSettings::default();
    let restored = Roster::restore(snapshot.clone(), settings, at(100), at(110));
    let mut story = Story { roster: restored };
    let told = story.tell(112, join_as("c2", CLIENT, Some("c")));
    assert!(told[0].contains("reconnecting: true"), "{told:?}");
    let told = story.tell(113, join_as("p2", PSYCHOLOGIST, Some("p")));
    assert_eq!(told.last().unwrap(), "userreconnected to c2: p is p2");

    let mut story = Story {
        roster: Roster::restore(snapshot, settings, at(100), at(110)),
    };
    assert_eq!(story.tick(), (120, vec![]));
    let since = at(100).as_millis();
    assert_eq!(
        story.tick(),
        (410, vec![format!("abandoned since {since}")])
    );
}

#[test]
fn an_empty_room_waits_no_longer_for_a_restart() {
    let mut story = Story::both_in();
    story.tell(0, Input::CallStarted { started_at: at(0) });
    story.tell(
        10,
        Input::Leave {
            socket: socket("p"),
        },
    );
    story.tell(
        10,
        Input::Leave {
            socket: socket("c"),
        },
    );
    let snapshot = story.roster.snapshot().unwrap();
    let restored = Roster::restore(snapshot, RosterSettings::default(), at(200), at(500));
    assert_eq!(restored.next_deadline(), Some(at(310)));
}

#[test]
fn only_lasting_changes_change_the_revision() {
    let mut story = Story::both_in();
    let before = story.roster.revision();
    story
        .roster
        .signal(socket("c"), socket("p"), SignalKind::Offer, "{}")
        .unwrap();
    assert_eq!(story.roster.revision(), before);
    story.tell(
        1,
        Input::Lose {
            socket: socket("c"),
        },
    );
    assert_ne!(story.roster.revision(), before);
}

/// A small deterministic generator (`SplitMix64`), so that a failing seed can be replayed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % sides
    }
}

fn receiver_of(output: &Output) -> Option<SocketId> {
    match output {
        Output::RoomJoined { to, .. }
        | Output::UserJoined { to, .. }
        | Output::UserLeft { to, .. }
        | Output::UserReconnecting { to, .. }
        | Output::UserReconnected { to, .. }
        | Output::Signal { to, .. }
        | Output::CallStarted { to, .. }
        | Output::CallEnded { to, .. } => Some(*to),
        Output::Removed { .. } | Output::Disconnect { .. } | Output::Abandoned { .. } => None,
    }
}

/// Whatever happens: nobody outside the room is told anything, no user has two places, the list that
/// a member can build from what he is told is the list of the room, and time always moves on.
#[test]
fn random_histories_keep_the_promises() {
    for seed in 0..500 {
        random_history(seed);
    }
}

fn random_history(seed: u64) {
    let mut dice = Dice(seed);
    let mut roster = Roster::new(RosterSettings::default());
    let users = [CLIENT, PSYCHOLOGIST, ADMIN];
    let mut names: Vec<String> = Vec::new();
    let mut now = 0;
    for step in 0..200 {
        now += i64::try_from(dice.roll(8)).unwrap();
        let some_name = |dice: &mut Dice, names: &[String]| {
            let index = usize::try_from(dice.roll(names.len().max(1) as u64)).unwrap();
            names
                .get(index)
                .cloned()
                .unwrap_or_else(|| "none".to_owned())
        };
        let input = match dice.roll(10) {
            0..=3 => {
                let user = users[usize::try_from(dice.roll(3)).unwrap()];
                let resume = (dice.roll(2) == 0).then(|| some_name(&mut dice, &names));
                names.push(format!("s{step}"));
                join_as(&format!("s{step}"), user, resume.as_deref())
            }
            4 => Input::Leave {
                socket: socket(&some_name(&mut dice, &names)),
            },
            5 | 6 => Input::Lose {
                socket: socket(&some_name(&mut dice, &names)),
            },
            7 if dice.roll(10) == 0 => Input::CallStarted {
                started_at: at(now),
            },
            8 if dice.roll(40) == 0 => Input::Close {
                reason: RemovalReason::SessionCancelled,
            },
            _ => Input::Tick,
        };
        let was_tick = matches!(input, Input::Tick);
        if let Ok(outputs) = roster.apply(input, at(now)) {
            check(&roster, &outputs, seed, step);
        }
        if was_tick {
            assert!(
                roster.next_deadline().is_none_or(|due| due > at(now)),
                "seed {seed}"
            );
        }
    }
}

fn check(roster: &Roster, outputs: &[Output], seed: u64, step: usize) {
    let participants = roster.participants();
    for output in outputs {
        let Some(to) = receiver_of(output) else {
            continue;
        };
        let inside = participants
            .iter()
            .any(|one| one.socket == to && !one.reconnecting);
        assert!(inside, "seed {seed} step {step}: {output:?}");
    }
    for (index, participant) in participants.iter().enumerate() {
        let twice = participants[..index]
            .iter()
            .any(|other| other.user == participant.user);
        assert!(!twice, "seed {seed} step {step}");
    }
}
