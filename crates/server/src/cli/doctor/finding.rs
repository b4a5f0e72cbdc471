//! What a check has found, as data; how it is shown is the business of `print`.

use serde::Serialize;

/// How good it is, the worse the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// It could not be told, or there is nothing to tell.
    Skipped,
    Ok,
    /// Visits work, though not for everybody or not for long.
    Warning,
    /// Visits do not work.
    Failed,
}

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// One check's outcome. Nothing secret may come into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at: a stable name for programs.
    pub(super) check: &'static str,
    pub(super) verdict: Verdict,
    /// What was found, a sentence.
    pub(super) words: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, words: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, words, None)
    }

    pub(super) fn skipped(check: &'static str, words: impl Into<String>) -> Self {
        Self::new(check, Verdict::Skipped, words, None)
    }

    pub(super) fn warning(
        check: &'static str,
        words: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(check, Verdict::Warning, words, Some(advice.into()))
    }

    pub(super) fn failed(
        check: &'static str,
        words: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(check, Verdict::Failed, words, Some(advice.into()))
    }

    /// The same with something to do about it.
    pub(super) fn advising(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn new(
        check: &'static str,
        verdict: Verdict,
        words: impl Into<String>,
        advice: Option<String>,
    ) -> Self {
        Self {
            check,
            verdict,
            words: words.into(),
            advice,
        }
    }
}

/// The worst of them.
pub(super) fn overall(findings: &[Finding]) -> Verdict {
    let worst = findings.iter().map(|finding| finding.verdict).max();
    worst.unwrap_or(Verdict::Ok).max(Verdict::Ok)
}
