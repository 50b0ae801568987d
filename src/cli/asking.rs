//! What is shown while an API is asked about a run.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

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
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
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
