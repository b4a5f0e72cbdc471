//! `holdspace config check`.

use super::Failure;
use crate::auth::Verifier;
use crate::config::{Algorithm, Auth, Config, Secret};
use crate::node::NodeError;
use crate::startup::StartError;

/// Shows what was given. The keys of tokens are read as the server would read them.
pub(super) fn run(config: &Config, given: &[String]) -> Result<(), Failure> {
    keys(&config.auth)?;
    for line in given {
        println!("{line}");
    }
    println!("The configuration is good; what is not shown has its default.");
    Ok(())
}

/// Refuses keys of tokens with which the server would not start.
pub(super) fn keys(auth: &Auth) -> Result<(), Failure> {
    let mut auth = auth.clone();
    if auth.jwt_secret.is_none() && auth.algorithms.contains(&Algorithm::Hs256) {
        // A check makes nothing; the server would make one.
        auth.jwt_secret = Some(Secret::new(*b"a secret that stands for another"));
    }
    Verifier::new(&auth).map_err(|error| StartError::Node(NodeError::Keys(error)))?;
    Ok(())
}
