//! `[redis]`: reserved. This version runs as one node and refuses to pretend otherwise.

use super::values::{Value, Values};
use super::{ConfigError, kinds};

/// Refuses `redis.url`, whatever it is.
pub(super) fn refuse(values: &mut Values) -> Result<(), ConfigError> {
    let anything = |_: &Value| {
        let problem = "Redis is not supported by this version, which runs as a single node";
        Err::<(), _>(kinds::Expected::new(problem))
    };
    values.read_optional("redis.url", anything).map(|_| ())
}
