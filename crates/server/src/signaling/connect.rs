//! CONNECT: whose socket it is, and whether he connects too often.

use holdspace_domain::{EventBudget, SocketId, UserId};
use holdspace_socketio::{Refusal, Socket};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::Instant;

use super::error::{Code, SocketError};
use super::resume_token::ResumeToken;
use super::wire::Auth;
use super::{Member, Signaling};
use crate::telemetry::RequestId;

impl Signaling {
    /// Admits a socket to the server, not yet to any room.
    pub(super) async fn admit_socket(
        &self,
        socket: &Socket,
        auth: Option<&RawValue>,
    ) -> Result<Member, SocketError> {
        let auth = read_auth(auth)?;
        let token = auth
            .token
            .as_deref()
            .ok_or_else(SocketError::unauthenticated)?;
        let identity = self.app.identify(token).await?;
        if !self
            .is_resume(identity.user, auth.resume_token.as_deref())
            .await?
        {
            self.count_connection(identity.user).await?;
        }
        let id = SocketId::parse(socket.id()).map_err(|_| SocketError::internal())?;
        let now = self.app.clock.now();
        let limits = &self.app.config.signaling;
        socket.set_timer(Some(Instant::now() + limits.join_timeout));
        Ok(Member {
            id,
            request: RequestId::current(),
            identity,
            seat: self.outbox.add(id, socket.clone()),
            room: None,
            budget: EventBudget::new(limits.events_per_second, limits.events_burst, now),
        })
    }

    async fn is_resume(&self, user: UserId, token: Option<&str>) -> Result<bool, SocketError> {
        let Some(token) = token.and_then(ResumeToken::parse) else {
            return Ok(false);
        };
        Ok(self
            .app
            .rooms
            .holds_place(token.session, user, &token.digest())
            .await?)
    }

    async fn count_connection(&self, user: UserId) -> Result<(), SocketError> {
        let limit = self.app.config.rate_limit.connections_per_minute;
        if limit == 0 {
            return Ok(());
        }
        let now = self.app.clock.now();
        let verdict = self
            .app
            .limits
            .hit(&format!("connections:{user}"), limit, now)
            .await?;
        if verdict.allowed {
            return Ok(());
        }
        let retry_after = verdict.retry_after_seconds(now);
        Err(
            SocketError::new(Code::RateLimitExceeded, "Too many connections")
                .with("retryAfter", retry_after),
        )
    }
}

/// The refusal as `connect_error`: its message is the code, its data {code, message, details}.
pub(super) fn refusal(error: &SocketError) -> Refusal {
    let code = error.code.as_str();
    let data = json!({ "code": code, "message": error.message, "details": error.details });
    Refusal {
        message: code.to_owned(),
        data: to_raw_value(&data).ok(),
    }
}

fn read_auth(auth: Option<&RawValue>) -> Result<Auth, SocketError> {
    auth.map_or(Ok(Auth::default()), |auth| {
        serde_json::from_str(auth.get()).map_err(|_| SocketError::unauthenticated())
    })
}
