//! Fixed windows: exactly as many hits as the limit, however many ask at once.

use std::sync::Arc;

use holdspace_store::LimitStore;

use super::{NOW, later};

pub(crate) async fn of_many_hits_as_many_as_the_limit_are_allowed(limits: Arc<dyn LimitStore>) {
    let hits: Vec<_> = (0..64)
        .map(|_| {
            let limits = Arc::clone(&limits);
            tokio::spawn(async move { limits.hit("subject", 10, NOW).await.unwrap() })
        })
        .collect();
    let mut allowed = Vec::new();
    for hit in hits {
        let verdict = hit.await.unwrap();
        if verdict.allowed {
            allowed.push(verdict.remaining);
        }
    }
    allowed.sort_unstable();
    assert_eq!(allowed, (0..10).collect::<Vec<_>>());
}

pub(crate) async fn a_window_begins_with_its_first_hit(limits: Arc<dyn LimitStore>) {
    assert!(limits.hit("subject", 1, NOW).await.unwrap().allowed);
    let refused = limits.hit("subject", 1, later(59_999)).await.unwrap();
    assert!(!refused.allowed);
    assert_eq!(refused.resets_at, later(60_000));
    assert!(
        limits
            .hit("another", 1, later(59_999))
            .await
            .unwrap()
            .allowed
    );
    assert!(
        limits
            .hit("subject", 1, later(60_000))
            .await
            .unwrap()
            .allowed
    );
}
