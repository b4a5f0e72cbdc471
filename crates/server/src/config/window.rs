//! `[join_window]`: how long before and after its date a session can be joined (SPEC row 8).

use holdspace_domain::JoinWindow;

use super::values::Values;
use super::{ConfigError, kinds};

const WEEK_MINUTES: i64 = 7 * 24 * 60;

pub(super) fn read(values: &mut Values) -> Result<JoinWindow, ConfigError> {
    let default = JoinWindow::default();
    let minutes = kinds::minutes(0, WEEK_MINUTES);
    Ok(JoinWindow {
        before: values.read_or("join_window.minutes_before", &minutes, default.before)?,
        after: values.read_or("join_window.minutes_after", &minutes, default.after)?,
    })
}
