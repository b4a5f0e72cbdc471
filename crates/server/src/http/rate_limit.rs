//! Limits in fixed windows and the headers that tell how they stand (SPEC row 18).

use std::net::{IpAddr, Ipv6Addr};

use holdspace_domain::{Timestamp, UserId, Verdict};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::code::Code;
use super::error::ApiError;
use crate::app::App;

pub(super) const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
pub(super) const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
pub(super) const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Who is counted, and by which of the configured limits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject {
    /// An address, at the endpoints of signing in.
    SignIn(IpAddr),
    /// A user, at the endpoints of video calls.
    VideoCalls(UserId),
}

impl Subject {
    fn limit(self, app: &App) -> u32 {
        match self {
            Self::SignIn(_) => app.config.rate_limit.auth_per_minute,
            Self::VideoCalls(_) => app.config.rate_limit.video_calls_per_minute,
        }
    }

    fn key(self) -> String {
        match self {
            Self::SignIn(IpAddr::V4(ip)) => format!("auth:{ip}"),
            // Whoever has one IPv6 address has its whole /64.
            Self::SignIn(IpAddr::V6(ip)) => {
                let network = ip.to_bits() >> 64 << 64;
                format!("auth:{}", Ipv6Addr::from_bits(network))
            }
            Self::VideoCalls(user) => format!("video-calls:{user}"),
        }
    }
}

/// Counts a request. `None` when there is no limit.
pub(super) async fn count(app: &App, subject: Subject) -> Result<Option<Verdict>, ApiError> {
    let limit = subject.limit(app);
    if limit == 0 {
        return Ok(None);
    }
    let verdict = app
        .limits
        .hit(&subject.key(), limit, app.clock.now())
        .await?;
    Ok(Some(verdict))
}

/// The answer to a request beyond the limit.
pub(super) fn exceeded(verdict: &Verdict, now: Timestamp) -> ApiError {
    let seconds = verdict.retry_after_seconds(now);
    let message = format!("Too many requests, please try again in {seconds} s");
    ApiError::new(Code::RateLimitExceeded, message)
        .with("retryAfter", seconds)
        .retry_after(seconds)
}

/// Tells how the limit stands.
pub(super) fn tell(verdict: &Verdict, headers: &mut HeaderMap) {
    headers.insert(LIMIT, HeaderValue::from(verdict.limit));
    headers.insert(REMAINING, HeaderValue::from(verdict.remaining));
    headers.insert(RESET, HeaderValue::from(verdict.reset_unix_seconds()));
}
