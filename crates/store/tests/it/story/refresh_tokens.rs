//! Refresh tokens: one use each, and what a second use does.

use std::sync::Arc;

use holdspace_domain::Timestamp;
use holdspace_store::{RefreshToken, Rotation, Store, TokenDigest};

use super::people::{self, CLIENT};
use super::{NOW, Stores, later};

const EXPIRY: Timestamp = later(1000);

fn digest(number: u8) -> TokenDigest {
    TokenDigest([number; 32])
}

/// The first token of a family.
async fn sign_in(store: &Arc<dyn Store>, number: u8) {
    let token = RefreshToken {
        digest: digest(number),
        family: [number; 16],
        user: CLIENT,
        expires_at: EXPIRY,
    };
    store.insert_refresh_token(&token).await.unwrap();
}

async fn rotate(store: &Arc<dyn Store>, old: u8, new: u8, now: Timestamp) -> Rotation {
    store
        .rotate_refresh_token(digest(old), digest(new), EXPIRY, now)
        .await
        .unwrap()
}

pub(crate) async fn a_token_is_rotated_once(stores: Stores) {
    people::add(&stores.one, CLIENT).await;
    sign_in(&stores.one, 1).await;
    let first = rotate(&stores.other, 1, 2, NOW).await;
    assert_eq!(first, Rotation::Rotated(CLIENT));
    assert_eq!(
        rotate(&stores.one, 2, 3, NOW).await,
        Rotation::Rotated(CLIENT)
    );
}

pub(crate) async fn an_expired_or_unknown_token_is_unknown(stores: Stores) {
    people::add(&stores.one, CLIENT).await;
    sign_in(&stores.one, 1).await;
    assert_eq!(rotate(&stores.one, 9, 2, NOW).await, Rotation::Unknown);
    assert_eq!(rotate(&stores.one, 1, 2, EXPIRY).await, Rotation::Unknown);
    let last_moment = later(999);
    let answer = rotate(&stores.one, 1, 2, last_moment).await;
    assert_eq!(answer, Rotation::Rotated(CLIENT));
}

pub(crate) async fn reuse_revokes_the_whole_family(stores: Stores) {
    people::add(&stores.one, CLIENT).await;
    sign_in(&stores.one, 1).await;
    sign_in(&stores.one, 10).await;
    rotate(&stores.one, 1, 2, NOW).await;
    assert_eq!(rotate(&stores.other, 1, 3, NOW).await, Rotation::Reused);
    for revoked in [1, 2, 3] {
        assert_eq!(
            rotate(&stores.one, revoked, 4, NOW).await,
            Rotation::Unknown
        );
    }
    let other_family = rotate(&stores.one, 10, 11, NOW).await;
    assert_eq!(other_family, Rotation::Rotated(CLIENT));
}

pub(crate) async fn of_many_rotations_one_rotates(stores: Stores) {
    people::add(&stores.one, CLIENT).await;
    sign_in(&stores.one, 100).await;
    let answers = stores
        .crowd(|number, store| async move {
            rotate(&store, 100, u8::try_from(number).unwrap(), NOW).await
        })
        .await;
    let rotated = answers
        .iter()
        .filter(|&&answer| answer == Rotation::Rotated(CLIENT));
    assert_eq!(rotated.count(), 1, "{answers:?}");
    assert!(answers.contains(&Rotation::Reused));
}

pub(crate) async fn a_family_is_revoked_by_any_of_its_tokens(stores: Stores) {
    people::add(&stores.one, CLIENT).await;
    for (family, by) in [(1, 1), (10, 11)] {
        sign_in(&stores.one, family).await;
        rotate(&stores.one, family, family + 1, NOW).await;
        assert!(
            stores
                .other
                .revoke_refresh_family(digest(by))
                .await
                .unwrap()
        );
        let answer = rotate(&stores.one, family + 1, family + 2, NOW).await;
        assert_eq!(answer, Rotation::Unknown);
        assert!(!stores.one.revoke_refresh_family(digest(by)).await.unwrap());
    }
}

pub(crate) async fn purged_tokens_are_unknown(stores: Stores) {
    people::add(&stores.one, CLIENT).await;
    sign_in(&stores.one, 1).await;
    stores.one.purge_refresh_tokens(NOW).await.unwrap();
    assert_eq!(
        rotate(&stores.one, 1, 2, NOW).await,
        Rotation::Rotated(CLIENT)
    );
    stores.one.purge_refresh_tokens(later(1001)).await.unwrap();
    assert_eq!(rotate(&stores.other, 2, 3, NOW).await, Rotation::Unknown);
}
