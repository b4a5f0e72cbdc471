//! Signing in with a password, staying signed in, signing out (SPEC row 19).

use holdspace_domain::{Person, Timestamp, UserId};
use holdspace_store::{RefreshToken, Rotation, StoreError};

use super::{App, random};
use crate::auth::{FreshToken, PasswordError};

/// What somebody gets who signed in.
#[derive(Debug)]
pub struct SignedIn {
    pub token: AccessToken,
    pub refresh_token: FreshToken,
    pub person: Person,
}

/// An access token and its end.
pub struct AccessToken {
    pub text: String,
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Others issue the tokens here.
    #[error("nobody can sign in here")]
    NotOffered,
    /// Wrong password, unknown address, no password: all the same.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// Unknown, expired, spent or revoked.
    #[error("the refresh token is not valid")]
    BadRefreshToken,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs somebody in with his password.
pub async fn login(app: &App, email: &str, password: String) -> Result<SignedIn, SignInError> {
    if app.auth.signer.is_none() {
        return Err(SignInError::NotOffered);
    }
    let found = app.store.load_credentials(email).await?;
    let (person, hash) = found.map_or((None, None), |found| (Some(found.person), found.password));
    // An unknown address is checked as well, so that it takes as long as a wrong password.
    let is_right = app.auth.passwords.verify(password, hash).await?;
    let person = person.filter(|_| is_right);
    let person = person.ok_or(SignInError::WrongCredentials)?;
    let refresh_token = fresh()?;
    app.store
        .insert_refresh_token(&RefreshToken {
            digest: refresh_token.digest(),
            family: random::bytes()?,
            user: person.id,
            expires_at: refresh_end(app),
        })
        .await?;
    signed_in(app, person, refresh_token)
}

/// Trades a refresh token for a new pair. The reuse of a spent one ends its family.
pub async fn refresh(app: &App, presented: &str) -> Result<SignedIn, SignInError> {
    if app.auth.signer.is_none() {
        return Err(SignInError::NotOffered);
    }
    let old = FreshToken::digest_of(presented);
    let new = fresh()?;
    let rotation = app
        .store
        .rotate_refresh_token(old, new.digest(), refresh_end(app), app.clock.now())
        .await?;
    let user = match rotation {
        Rotation::Rotated(user) => user,
        Rotation::Reused => {
            tracing::warn!("a spent refresh token was used again; its family is revoked");
            return Err(SignInError::BadRefreshToken);
        }
        Rotation::Unknown => return Err(SignInError::BadRefreshToken),
    };
    let person = app.store.load_user(user).await?;
    signed_in(app, person.ok_or(SignInError::BadRefreshToken)?, new)
}

/// Revokes a refresh token's family. An unknown token is signed out already.
pub async fn logout(app: &App, presented: &str) -> Result<(), SignInError> {
    let digest = FreshToken::digest_of(presented);
    app.store.revoke_refresh_family(digest).await?;
    Ok(())
}

/// The stored person of a token, if there is one.
pub async fn who_is(app: &App, user: UserId) -> Result<Option<Person>, StoreError> {
    app.store.load_user(user).await
}

fn signed_in(
    app: &App,
    person: Person,
    refresh_token: FreshToken,
) -> Result<SignedIn, SignInError> {
    let signer = app.auth.signer.as_ref().ok_or(SignInError::NotOffered)?;
    let (ttl, now) = (app.config.auth.access_token_ttl, app.clock.now());
    let text = signer.sign(person.id, person.role, Some(&person.name), ttl, now);
    let end = now.plus(ttl).as_unix_seconds().saturating_mul(1000);
    Ok(SignedIn {
        token: AccessToken {
            text,
            expires_at: Timestamp::from_millis(end),
        },
        refresh_token,
        person,
    })
}

fn refresh_end(app: &App) -> Timestamp {
    app.clock.now().plus(app.config.auth.refresh_token_ttl)
}

fn fresh() -> Result<FreshToken, SignInError> {
    FreshToken::generate()
        .map_err(|error| StoreError::Unavailable(Box::new(error)))
        .map_err(SignInError::Store)
}
