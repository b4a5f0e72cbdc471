//! The id of a request: in its answer, and in every line that is logged while it is worked on.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header that brings it and takes it back.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a request.
const LENGTH_MAX: usize = 64;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// Printable ASCII, at most 64 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The one that the request brings if it is a sane one, else a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let brought = headers
            .get(X_REQUEST_ID)
            .filter(|value| is_sane(value.as_bytes()));
        brought.map_or_else(Self::new, |value| Self(value.clone()))
    }

    /// Unique in this process, and very likely among processes. It is no secret.
    fn new() -> Self {
        static PROCESS: LazyLock<u32> =
            LazyLock::new(|| getrandom::u32().unwrap_or_else(|_| std::process::id()));
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let text = format!(
            "{:08x}-{:x}",
            *PROCESS,
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        // Hex digits and a hyphen always are a header's value.
        Self(HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("unknown")))
    }

    /// The id of the request that this task works on.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `work` as part of this request. A task that a request spawns has to be told so again.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id as the value of its header.
    pub fn into_header(self) -> HeaderValue {
        self.0
    }
}

fn is_sane(id: &[u8]) -> bool {
    (1..=LENGTH_MAX).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        let long = "x".repeat(65);
        for (brought, kept) in [
            ("abc-123", true),
            (
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                true,
            ),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            (long.as_str(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, brought.parse().unwrap());
            let id = RequestId::of(&headers);
            assert_eq!(id.as_str() == brought, kept, "{brought}");
            assert!(!id.as_str().is_empty());
        }
    }

    #[test]
    fn new_ids_differ() {
        let none = HeaderMap::new();
        assert_ne!(RequestId::of(&none), RequestId::of(&none));
    }
}
