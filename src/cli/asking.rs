//! What is shown while an API is asked about a run.

use std::time::Duration;

use indicatif::ProgressBar;

use super::{out, progress::bar};
use crate::{
    insight::Basis,
    lang::{Text, texts},
    verify::AskProgress,
};

texts! {
    const;
    THE_SANDBOX: "the sandbox", "샌드박스";
    DATADOG: "Datadog", "Datadog";
    again_in(next: Duration): "; again in {}", ", {} 뒤에 다시 조회";
    seen_so_far(seen: usize, expected: usize, who: Text, reported: u64, then: String): "{} of {} expected Insights seen at {}, {} invocations reported{}",
        "예상한 인사이트 {1}개 중 {0}개 확인({2}), 보고된 호출 {3}회{4}";
}

/// Shows how the asking goes: a spinner on a terminal, a line for each change elsewhere.
pub(super) struct AskDisplay {
    who: Text,
    bar: Option<ProgressBar>,
    talks: bool,
}

impl AskDisplay {
    pub(super) fn new(basis: Basis, quiet: bool) -> AskDisplay {
        let who = match basis {
            Basis::Sandbox => THE_SANDBOX,
            _ => DATADOG,
        };
        let bar = bar(quiet, None, "{spinner} {wide_msg}");
        if let Some(bar) = &bar {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        AskDisplay {
            who,
            bar,
            talks: !quiet && basis != Basis::Sandbox,
        }
    }

    pub(super) fn show(&self, progress: &AskProgress) {
        let then = match progress.next {
            Some(next) => again_in(next).to_string(),
            None => String::new(),
        };
        let text = match &progress.trouble {
            Some(trouble) => format!("{trouble}{then}"),
            None => seen_so_far(
                progress.seen,
                progress.expected,
                self.who,
                progress.reported,
                then,
            )
            .to_string(),
        };
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None if self.talks => out::say(text),
            None => {}
        }
    }
}
