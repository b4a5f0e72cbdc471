//! Puts the table into a Markdown file, between two marks.
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const BEGIN: &str = "<!-- table: begin -->\n";
const END: &str = "<!-- table: end -->";

/// Replaces what stands between the marks of the file at `path`.
pub(crate) fn replace_table(path: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let replaced = replace(&text, table)
        .with_context(|| format!("no marks for the table in {}", path.display()))?;
    fs::write(path, replaced).with_context(|| format!("writing {}", path.display()))
}

fn replace(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let text = format!("a\n{BEGIN}old\n{END}\nb\n");
        assert_eq!(
            replace(&text, "new\n"),
            Some(format!("a\n{BEGIN}new\n{END}\nb\n"))
        );
        assert_eq!(replace("a\n", "new\n"), None);
    }
}
