//! The table of figures, and medians.
use std::fs;

use anyhow::{Context, Result};

const BEGIN: &str = "<!-- relay table: begin -->\n";
const END: &str = "<!-- relay table: end -->";

/// One figure, and what it must reach.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    measured: f64,
    must: f64,
    aim: f64,
    behind: String,
}

impl Row {
    pub(crate) fn at_most(
        name: impl Into<String>,
        measured: f64,
        must: f64,
        aim: f64,
        behind: String,
    ) -> Self {
        Self {
            name: name.into(),
            measured,
            must,
            aim,
            behind,
        }
    }

    /// A figure of which nothing is demanded.
    pub(crate) fn told(name: impl Into<String>, measured: f64, behind: String) -> Self {
        Self::at_most(name, measured, f64::INFINITY, f64::INFINITY, behind)
    }

    /// Not a number is no success.
    fn is_missed(&self) -> bool {
        self.measured.is_nan() || self.measured > self.must
    }

    fn verdict(&self) -> &'static str {
        if self.is_missed() {
            "NOT MET"
        } else if self.measured <= self.aim {
            "aim met"
        } else {
            "met"
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Row>);

impl Rows {
    pub(crate) fn push(&mut self, row: Row) {
        self.0.push(row);
    }

    pub(crate) fn is_missed(&self) -> bool {
        self.0.iter().any(Row::is_missed)
    }

    /// Markdown.
    pub(crate) fn show(&self) -> String {
        let mut lines = vec![
            "| figure | measured | must | aim | | behind it |".to_owned(),
            "|---|---|---|---|---|---|".to_owned(),
        ];
        lines.extend(self.0.iter().map(|row| {
            let Row {
                name,
                measured,
                must,
                aim,
                behind,
            } = row;
            if must.is_infinite() {
                return format!("| {name} | {measured:.2} | | | | {behind} |");
            }
            format!(
                "| {name} | {measured:.2} | ≤ {must} | ≤ {aim} | {} | {behind} |",
                row.verdict()
            )
        }));
        lines.join("\n")
    }
}

/// Puts `table` between the marks in the file at `path`.
pub(crate) fn replace(path: &str, table: &str) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {path}"))?;
    let (before, rest) = text.split_once(BEGIN).context("no mark for the table")?;
    let (_, after) = rest.split_once(END).context("no mark for its end")?;
    fs::write(path, format!("{before}{BEGIN}{table}{END}{after}"))
        .with_context(|| format!("writing {path}"))
}

/// The middle of `values`; NaN of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
