//! `[metrics]`: who may read the counters.

use super::values::Values;
use super::{ConfigError, Secret, kinds};

/// Who may read `/metrics`: whoever bears the token, or without one only this machine.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    pub token: Option<Secret>,
}

impl Metrics {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        Ok(Self {
            token: values.read_optional("metrics.token", kinds::secret)?,
        })
    }
}
