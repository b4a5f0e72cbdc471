//! What every backend must do. Each rule gets two handles on the same, empty data.

pub(crate) mod idempotency;
pub(crate) mod limits;
pub(crate) mod people;
pub(crate) mod presence;
pub(crate) mod refresh_tokens;
pub(crate) mod rooms;
pub(crate) mod session_lists;
pub(crate) mod sessions;

use std::future::Future;
use std::sync::Arc;

use holdspace_domain::Timestamp;
use holdspace_store::Store;

/// Two handles on the same data, as two processes would have them.
pub(crate) struct Stores {
    pub(crate) one: Arc<dyn Store>,
    pub(crate) other: Arc<dyn Store>,
    /// What must live as long as the data.
    pub(crate) _ground: Box<dyn Send>,
}

/// Some instant; everything else is counted from it.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_765_807_200_000);

pub(crate) const fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

impl Stores {
    /// Runs 32 of the same at once, half on each handle, and gives all answers.
    pub(crate) async fn crowd<T, F>(&self, act: impl Fn(usize, Arc<dyn Store>) -> F) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let acts: Vec<_> = (0..32)
            .map(|number| {
                let store = if number % 2 == 0 {
                    &self.one
                } else {
                    &self.other
                };
                tokio::spawn(act(number, Arc::clone(store)))
            })
            .collect();
        let mut answers = Vec::new();
        for act in acts {
            answers.push(act.await.unwrap());
        }
        answers
    }
}

/// Makes one test of each rule, for the backend that `$open` opens.
macro_rules! story {
    ($open:path: $($part:ident { $($rule:ident)+ })+) => {
        $(mod $part {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                crate::story::$part::$rule($open().await).await;
            })+
        })+
    };
    ($open:path) => {
        crate::story::story! { $open:
            people {
                a_person_comes_back_as_stored
                an_address_is_known_in_any_case
                a_known_id_or_address_changes_nothing
                of_many_with_one_address_one_is_new
                nothing_is_shown_of_a_person_in_debug
            }
            sessions {
                a_session_comes_back_as_stored
                every_state_comes_back_with_its_facts
                of_many_who_ask_at_once_each_gets_his_own
                a_known_external_id_answers_the_stored_session
                of_many_with_one_external_id_one_is_new
                a_booking_of_somebody_unknown_is_refused_and_leaves_nothing
                a_save_of_an_old_version_changes_nothing
                of_many_saves_one_wins
                guests_change_with_a_save
                a_session_is_found_by_its_room
                a_room_belongs_to_one_session
                a_load_sees_every_write_before_it
                loads_beside_writes_never_go_back
                calls_in_progress_are_found
                what_was_closed_lately_is_found
            }
            session_lists {
                latest_come_first
                pages_meet_without_gap_or_overlap
                filters_combine
                a_moved_date_moves_in_every_list
            }
            refresh_tokens {
                a_token_is_rotated_once
                an_expired_or_unknown_token_is_unknown
                reuse_revokes_the_whole_family
                of_many_rotations_one_rotates
                a_family_is_revoked_by_any_of_its_tokens
                purged_tokens_are_unknown
            }
            idempotency {
                a_finished_reply_is_replayed_for_a_day
                another_body_is_noticed
                a_key_is_in_flight_until_it_is_finished
                an_abandoned_key_is_free
                an_old_claim_is_taken_over
                keys_are_kept_apart
                of_many_claims_one_is_first
                the_first_reply_stays
                purging_keeps_what_counts
            }
            presence {
                rosters_come_back_with_their_node
                each_node_keeps_its_own_roster_of_a_room
                gone_rooms_are_forgotten
                a_beat_never_goes_back
            }
        }
    };
}
pub(crate) use story;
