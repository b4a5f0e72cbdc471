//! The secrets of an installation that was given none, for tokens and for the relay: made once, kept beside
//! the database.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::StartError;
use crate::config::{Algorithm, Config, Secret};

/// As many as HMAC-SHA256 puts out, below which it would be weaker (RFC 7518 §3.2).
const SECRET_BYTES: usize = 32;

/// Fills in `auth.jwt_secret` when HS256 is accepted and none is configured. Of several processes that
/// start at once, one makes it and all agree.
pub fn load_or_make_secret(config: &mut Config) -> Result<(), StartError> {
    let auth = &mut config.auth;
    if !auth.algorithms.contains(&Algorithm::Hs256) {
        return Ok(());
    }
    if let Some(secret) = &auth.jwt_secret {
        if secret.expose().len() < SECRET_BYTES {
            tracing::warn!("auth.jwt_secret is shorter than 32 bytes, and can be guessed");
        }
        return Ok(());
    }
    auth.jwt_secret = Some(load_or_make(&config.store.path, ".secret")?);
    Ok(())
}

/// The same for `turn.secret` when the relay is on.
pub fn load_or_make_turn_secret(config: &mut Config) -> Result<(), StartError> {
    if config.turn.enabled && config.turn.secret.is_none() {
        config.turn.secret = Some(load_or_make(&config.store.path, ".turn-secret")?);
    }
    Ok(())
}

fn load_or_make(database: &Path, ending: &str) -> Result<Secret, StartError> {
    let path = path_beside(database, ending);
    let secret = match read(&path) {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => make(&path),
        Err(error) => Err(error),
    };
    secret
        .and_then(long_enough)
        .map(Secret::new)
        .map_err(|source| StartError::Secret { path, source })
}

/// `holdspace.db.secret`, beside the file itself and not beside a link to it.
fn path_beside(database: &Path, ending: &str) -> PathBuf {
    let real = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let mut name = real.into_os_string();
    name.push(ending);
    name.into()
}

fn read(path: &Path) -> io::Result<Option<String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others can read the secret; its mode should be 0600");
    }
    Ok(Some(text.trim().to_owned()))
}

/// Writes it under another name first: a link appears whole or not at all, and only the first one does.
fn make(path: &Path) -> io::Result<String> {
    let text = random_text()?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.{}", std::process::id(), &random_text()?[..8]));
    let draft = PathBuf::from(draft);
    write_durably(&draft, &text)?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Ok(()) => {
            sync_directory(path)?;
            Ok(text)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| ErrorKind::NotFound.into())
        }
        Err(error) => Err(error),
    }
}

fn long_enough(secret: String) -> io::Result<String> {
    if secret.len() < SECRET_BYTES {
        return Err(io::Error::other("it is too short to be one of ours"));
    }
    Ok(secret)
}

fn random_text() -> io::Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::config::StoreUrl;

    fn config(folder: &Path) -> Config {
        Config {
            store: StoreUrl {
                path: folder.join("visits.db"),
            },
            ..Config::default()
        }
    }

    fn secret_of(mut config: Config) -> Option<Secret> {
        load_or_make_secret(&mut config).unwrap();
        config.auth.jwt_secret
    }

    #[test]
    fn it_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = secret_of(config(folder.path()));
        assert!(first.as_ref().unwrap().expose().len() >= SECRET_BYTES);
        assert_eq!(secret_of(config(folder.path())), first);
        let path = folder.path().join("visits.db.secret");
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no drafts are left"
        );
    }

    #[test]
    fn many_at_once_agree() {
        let folder = tempfile::tempdir().unwrap();
        let made: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| secret_of(config(folder.path()))))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(made.iter().all(|secret| secret == &made[0]));
    }

    #[test]
    fn none_is_made_when_one_is_given_or_others_sign() {
        let folder = tempfile::tempdir().unwrap();
        let mut given = config(folder.path());
        given.auth.jwt_secret = Some(Secret::new("given"));
        assert_eq!(secret_of(given).unwrap().expose(), b"given");
        let mut others = config(folder.path());
        others.auth.algorithms = vec![Algorithm::EdDsa];
        assert_eq!(secret_of(others), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_secret_is_not_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("visits.db.secret"), "short\n").unwrap();
        let error = load_or_make_secret(&mut config(folder.path())).unwrap_err();
        assert!(
            error.to_string().ends_with("too short to be one of ours"),
            "{error}"
        );
    }
}
