//! When Datadog's extension sends what it gathered.
//!
//! Source: DataDog/datadog-lambda-extension v99, `bottlecap/src/lifecycle/flush_control.rs` and
//! `invocation_times.rs`.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

use super::pool::Nanos;
use crate::lang::{Phrase, texts};

texts! {
    const;
    no_flush_strategy(found: &str): "`{}` is no flush strategy of the sandbox: write end (at the end of each invocation) or default (the extension's own choice)",
        "`{:`은} 샌드박스의 플러시 전략이 아닙니다. end(호출이 끝날 때마다) 또는 default(확장이 직접 선택)로 쓰세요";
}

/// `DD_SERVERLESS_FLUSH_STRATEGY` of a function.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
)]
#[strum(serialize_all = "lowercase", parse_err_ty = Phrase, parse_err_fn = no_flush_strategy)]
#[serde(try_from = "String", into = "String")]
pub enum FlushStrategy {
    /// At the end of each invocation, as `doctor` advises: nothing is held back.
    #[default]
    End,
    /// The extension's own choice, by how often an environment is invoked.
    Default,
}

impl FlushStrategy {
    /// Whether nothing is held back.
    pub fn is_end(&self) -> bool {
        *self == FlushStrategy::End
    }
}

impl TryFrom<String> for FlushStrategy {
    type Error = Phrase;

    fn try_from(text: String) -> Result<FlushStrategy, Phrase> {
        text.trim().parse()
    }
}

impl From<FlushStrategy> for String {
    fn from(strategy: FlushStrategy) -> String {
        strategy.to_string()
    }
}

/// What the extension of an environment does at an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushDecision {
    /// It sends everything at the invocation's end, which takes that much longer.
    End,
    /// It sends what it held before this invocation, and the invocation waits for that.
    Periodic,
    /// The same beside the invocation, which does not wait.
    Continuous,
    /// It holds everything back.
    Dont,
}

impl FlushDecision {
    /// Whether the invocation takes longer by it.
    pub(super) fn is_waited_for(self) -> bool {
        matches!(self, FlushDecision::End | FlushDecision::Periodic)
    }
}

/// How many invocations the extension looks back at.
const LOOKBACK: usize = 20;
/// Environments that are invoked less often than this, on average, send at each end.
const SELDOM: Duration = Duration::from_secs(120);
/// [`LOOKBACK`] invocations within this time: it sends beside them (`flush_timeout`, unless set).
const OFTEN: Duration = Duration::from_secs(60);
/// How often it sends then.
const INTERVAL: Duration = Duration::from_secs(20);

/// What the extension of one environment remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct FlushControl {
    times: VecDeque<Nanos>,
    last_flush: Option<Nanos>,
}

impl FlushControl {
    /// Decides for an invocation that begins at `now`.
    pub(super) fn decide(&mut self, now: Nanos) -> FlushDecision {
        self.times.push_back(now);
        if self.times.len() > LOOKBACK {
            self.times.pop_front();
        }
        let oldest = *self.times.front().unwrap_or(&now);
        let elapsed = Duration::from_nanos(now.saturating_sub(oldest));
        if self.times.len() < LOOKBACK || elapsed >= SELDOM * (LOOKBACK as u32 - 1) {
            return FlushDecision::End;
        }
        let is_due = |last: Nanos| Duration::from_nanos(now.saturating_sub(last)) > INTERVAL;
        if !self.last_flush.is_none_or(is_due) {
            return FlushDecision::Dont;
        }
        self.last_flush = Some(now);
        match elapsed < OFTEN {
            true => FlushDecision::Continuous,
            false => FlushDecision::Periodic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The decisions for invocations every `gap` seconds.
    fn every(gap: u64, times: u64) -> Vec<FlushDecision> {
        let mut control = FlushControl::default();
        let at = |n: u64| (1_000 + n * gap) * 1_000_000_000;
        (0..times).map(|n| control.decide(at(n))).collect()
    }

    #[test]
    fn an_environment_sends_at_each_end_until_it_was_invoked_twenty_times() {
        for gap in [0, 1, 10, 100, 1_000] {
            assert!(
                every(gap, 19).iter().all(|one| *one == FlushDecision::End),
                "{gap}"
            );
        }
    }

    #[test]
    fn then_how_often_it_is_invoked_chooses_among_three_strategies() {
        use FlushDecision::{Continuous, Dont, End, Periodic};
        // Twenty within a minute: beside the invocations, every 20 s.
        let often = every(2, 42);
        assert_eq!(often[19], Continuous);
        assert!(often[20..30].iter().all(|one| *one == Dont));
        assert_eq!(often[30], Continuous);
        // Slower, but more often than every two minutes: an invocation waits for it.
        let slower = every(10, 23);
        assert_eq!(slower[19..23], [Periodic, Dont, Dont, Periodic]);
        // Every two minutes or less often: at each end.
        assert!(every(120, 40).iter().all(|one| *one == End));
        assert_eq!(every(119, 20)[19], Periodic);
        assert!(End.is_waited_for() && Periodic.is_waited_for() && !Continuous.is_waited_for());
    }
}
