//! `data` of signing in and out.

use serde::Serialize;
use utoipa::ToSchema;

use super::person::UserView;
use super::scalar::Time;
use crate::app::sign_in::SignedIn;

/// Tokens and whose they are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct SignedInData<'a> {
    /// For `x-auth-token`.
    token: &'a str,
    expires_at: Time,
    /// Good for one refresh.
    refresh_token: &'a str,
    user: UserView<'a>,
}

impl<'a> From<&'a SignedIn> for SignedInData<'a> {
    fn from(signed_in: &'a SignedIn) -> Self {
        Self {
            token: &signed_in.token.text,
            expires_at: Time(signed_in.token.expires_at),
            refresh_token: signed_in.refresh_token.expose(),
            user: (&signed_in.person).into(),
        }
    }
}

/// A sentence.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct MessageData {
    pub(in crate::http) message: &'static str,
}
