//! Findings for people, a line each, and for programs, as JSON.

use std::fmt::Write;

use serde::Serialize;

use super::finding::{Finding, Verdict, overall};

#[derive(Serialize)]
struct Report<'a> {
    verdict: Verdict,
    checks: &'a [Finding],
}

/// Each finding's verdict, its name and its words; below it what to do.
pub(super) fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let Finding { check, words, .. } = finding;
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:<8} {check:<14} {words}", finding.verdict.word());
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "{:<8} {:<14} -> {advice}", "", "");
        }
    }
    text
}

/// One object: `verdict`, and `checks` in the order in which they were made.
pub(super) fn json(findings: &[Finding]) -> String {
    let report = Report {
        verdict: overall(findings),
        checks: findings,
    };
    // Strings and names of variants always have a form in JSON.
    serde_json::to_string_pretty(&report).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let findings = [
            Finding::ok("store", "visits.db can be written"),
            Finding::warning("certificate", "it expires in 3 days", "Renew it"),
        ];
        insta::assert_snapshot!(text(&findings), @r"
        ok       store          visits.db can be written
        warning  certificate    it expires in 3 days
                                -> Renew it
        ");
        let json: serde_json::Value = serde_json::from_str(&json(&findings)).unwrap();
        assert_eq!(json["verdict"], "warning");
        assert_eq!(json["checks"][1]["advice"], "Renew it");
        assert_eq!(json["checks"][0].get("advice"), None);
    }

    #[test]
    fn what_was_skipped_is_no_trouble() {
        assert_eq!(overall(&[Finding::skipped("clock", "")]), Verdict::Ok);
        assert_eq!(overall(&[]), Verdict::Ok);
    }
}
