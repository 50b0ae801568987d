//! What is shown while an API is asked about a run.

use std::time::Duration;

use indicatif::ProgressBar;

use super::progress::bar;
use crate::{insight::Basis, units::show_duration, verify::AskProgress};

/// Shows how the asking goes: a spinner on a terminal, a line for each change elsewhere.
pub(super) struct AskDisplay {
    who: &'static str,
    bar: Option<ProgressBar>,
    talks: bool,
}

impl AskDisplay {
    pub(super) fn new(basis: Basis, quiet: bool) -> AskDisplay {
        let who = match basis {
            Basis::Sandbox => "the sandbox",
            _ => "Datadog",
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
            Some(next) => format!("; again in {}", show_duration(next)),
            None => String::new(),
        };
        let text = match &progress.trouble {
            Some(trouble) => format!("{trouble}{then}"),
            None => format!(
                "{} of {} expected Insights seen at {}, {} invocations reported{then}",
                progress.seen, progress.expected, self.who, progress.reported
            ),
        };
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None if self.talks => eprintln!("{text}"),
            None => {}
        }
    }

    pub(super) fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
