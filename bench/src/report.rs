//! The one table: what must be reached, what is aimed at, what was measured.
mod markdown;

use std::fmt::Write;

pub(crate) use markdown::replace_table;

/// What a figure must reach, and what it should.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bounds {
    AtMost { must: f64, aim: f64 },
    AtLeast { must: f64, aim: f64 },
}

/// How a figure is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Times,
    /// A ratio below 1 as 1/x.
    Part,
    Kilobytes,
    Megabytes,
    Milliseconds,
}

/// One line of the table. `measured` is `None` when the figure was left out.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) measured: Option<f64>,
    pub(crate) unit: Unit,
    /// `None` for what stands there to be compared only.
    pub(crate) bounds: Option<Bounds>,
    /// The values behind the ratio.
    pub(crate) behind: String,
}

const HEAD: [&str; 6] = ["figure", "measured", "must", "aim", "", "behind it"];

impl Bounds {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost { must, .. } => value <= must,
            Self::AtLeast { must, .. } => value >= must,
        }
    }

    fn is_aim_met(self, value: f64) -> bool {
        match self {
            Self::AtMost { aim, .. } => value <= aim,
            Self::AtLeast { aim, .. } => value >= aim,
        }
    }

    /// Both as they stand in the table.
    fn show(self, unit: Unit) -> [String; 2] {
        let (sign, bounds) = match self {
            Self::AtMost { must, aim } => ('≤', [must, aim]),
            Self::AtLeast { must, aim } => ('≥', [must, aim]),
        };
        bounds.map(|bound| format!("{sign} {}", unit.show_bound(bound)))
    }
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::Times => format!("{value:.2}"),
            Self::Part => format!("1/{:.1}", 1.0 / value),
            Self::Kilobytes => format!("{value:.1} KB"),
            Self::Megabytes => format!("{value:.1} MB"),
            Self::Milliseconds => format!("{value:.0} ms"),
        }
    }

    fn show_bound(self, value: f64) -> String {
        match self {
            Self::Times => value.to_string(),
            Self::Part => format!("1/{:.0}", 1.0 / value),
            Self::Kilobytes => format!("{value} KB"),
            Self::Megabytes => format!("{value} MB"),
            Self::Milliseconds => format!("{value} ms"),
        }
    }
}

impl Row {
    /// Whether the figure was measured and is no better than it must be.
    pub(crate) fn is_missed(&self) -> bool {
        self.measured
            .zip(self.bounds)
            .is_some_and(|(value, bounds)| !bounds.is_met(value))
    }

    fn verdict(&self) -> &'static str {
        match (self.measured, self.bounds) {
            (None, _) => "left out",
            (Some(_), None) => "",
            (Some(value), Some(bounds)) if bounds.is_aim_met(value) => "aim met",
            (Some(value), Some(bounds)) if bounds.is_met(value) => "met",
            _ => "NOT MET",
        }
    }

    fn cells(&self) -> [String; 6] {
        let [must, aim] = self
            .bounds
            .map_or_else(Default::default, |bounds| bounds.show(self.unit));
        let measured = self
            .measured
            .map_or_else(|| "–".to_owned(), |value| self.unit.show(value));
        [
            self.name.to_owned(),
            measured,
            must,
            aim,
            self.verdict().to_owned(),
            self.behind.clone(),
        ]
    }
}

/// The table, aligned so that it reads in a terminal as well as rendered.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    lines.insert(1, std::array::from_fn(|column| "-".repeat(widths[column])));
    let mut text = String::new();
    for line in lines {
        for (cell, width) in line.iter().zip(&widths) {
            // Writing to a String cannot fail.
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(measured: Option<f64>) -> Row {
        let bounds = Some(Bounds::AtMost {
            must: 0.2,
            aim: 0.125,
        });
        Row {
            name: "x",
            measured,
            unit: Unit::Part,
            bounds,
            behind: String::new(),
        }
    }

    #[test]
    fn a_verdict_follows_the_bounds() {
        let cases = [
            (Some(0.3), "NOT MET", "1/3.3"),
            (Some(0.2), "met", "1/5.0"),
            (Some(0.1), "aim met", "1/10.0"),
            (Some(f64::NAN), "NOT MET", "1/NaN"),
            (None, "left out", "–"),
        ];
        for (measured, verdict, shown) in cases {
            let row = row(measured);
            assert_eq!((row.verdict(), &*row.cells()[1]), (verdict, shown));
            assert_eq!(row.is_missed(), verdict == "NOT MET");
        }
        assert_eq!(row(None).cells()[2..4], ["≤ 1/5", "≤ 1/8"]);
    }

    #[test]
    fn columns_are_aligned() {
        let text = table(&[row(Some(0.3)), row(None)]);
        let lengths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert_eq!(lengths, [lengths[0]; 4]);
    }
}
