//! What the terminal shows during a run: a pure function of the run's state.

use super::{
    certain::{Outlook, Standing},
    slots::Slots,
    words::{is_lost, n_cold, n_failed, n_unknown, n_warm},
};
use crate::{
    lang::{Phrase, Text, texts},
    report::text::{Look, padded, said},
    run::ThresholdStanding,
    stats::{Class, Measure, Tally},
};

texts! {
    const;
    PHASES: "phases", "단계";
    REQUESTS: "requests", "요청";
    INSIGHTS: "Insights", "인사이트";
    THRESHOLDS: "limits", "임계값";
    RESPONSE: "response", "응답 시간";
    SO_FAR: "so far", "지금까지";
    NO_LABEL: "", "";
    NO_ANSWER: "no answer yet", "아직 응답 없음";
    round_of(round: u32, of: u32): "round {} of {}", "{1}회 중 {0}회째";
    of_planned(over: u64, planned: u64): "{} of {}", "{1}회 중 {0}회";
    due_and_open(open: u64): ", {} due and open", ", 응답 대기 {}회";
    so_far_ms(p50: String, max: String): "p50 {}, max {}", "p50 {}, 최대 {}";
    of_late(low: String, high: String): "; of late {} to {}", ", 최근 {}~{}";
    certain(id: &str): "{} certain", "{} 확실함";
    unwanted(id: &str): "{}, which must not appear", "{}, 나타나면 안 됨";
    open(id: &str): "{} open", "{} 미정";
}

/// Columns of the labels at the left.
const LABEL: usize = 10;

/// Columns of the bar of arrivals.
const BAR: usize = 32;

/// What a frame shows.
pub struct Frame<'a> {
    /// The phases of this repetition.
    pub phases: Vec<Stage>,
    /// The current repetition, from 1, and how many there are.
    pub round: (u32, u32),
    /// The wait in progress, if the run is waiting.
    pub waiting: Option<String>,
    /// Requests planned in total.
    pub planned: u64,
    /// Requests whose planned time has come.
    pub due: u64,
    /// The sums so far.
    pub tally: &'a Tally,
    /// The last answers over time.
    pub slots: &'a Slots,
    /// The state of each Insight.
    pub insights: Vec<Outlook>,
    /// The state of each threshold.
    pub limits: Vec<ThresholdStanding>,
}

/// A phase of the current repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Whether it is past, current or ahead.
    pub at: At,
}

/// Whether a phase is past, current or ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Completed.
    Past,
    /// In progress.
    Now,
    /// Not started.
    Ahead,
}

impl Frame<'_> {
    /// The lines, none wider than `width` columns.
    pub fn lines(&self, width: usize) -> Vec<String> {
        let mut lines = vec![row(PHASES, &self.timeline())];
        lines.push(row(REQUESTS, &self.arrivals()));
        lines.extend(self.answers());
        if !self.insights.is_empty() {
            let each: Vec<String> = self.insights.iter().map(insight).collect();
            lines.push(row(INSIGHTS, &each.join("  ")));
        }
        if !self.limits.is_empty() {
            let each: Vec<String> = self.limits.iter().map(limit).collect();
            lines.push(row(THRESHOLDS, &each.join("  ")));
        }
        lines.iter().map(|line| cut(line, width)).collect()
    }

    fn timeline(&self) -> String {
        let stage = |stage: &Stage| match stage.at {
            At::Past => format!("{} {}", Look::Good.mark(), stage.name),
            At::Now => Look::Strong.paint(format!("▸ {}", stage.name)),
            At::Ahead => Look::Dim.paint(format!("· {}", stage.name)),
        };
        let mut text: Vec<String> = self.phases.iter().map(stage).collect();
        if let (round, of @ 2..) = self.round {
            text.push(Look::Dim.paint(round_of(round, of).to_string()));
        }
        if let Some(waiting) = &self.waiting {
            text.push(waiting.clone());
        }
        text.join("  ")
    }

    /// The bar of arrivals: what has completed, what is due and open, and what is not due yet.
    fn arrivals(&self) -> String {
        let counts = &self.tally.counts;
        let over = counts.total();
        let open = self.due.saturating_sub(over);
        let cells = |count: u64| match self.planned {
            0 => 0,
            planned => (count as f64 / planned as f64 * BAR as f64).round() as usize,
        };
        let over_cells = cells(over).min(BAR);
        let due_cells = cells(self.due).clamp(over_cells, BAR);
        let bar = format!(
            "{}{}{}",
            "█".repeat(over_cells),
            "▒".repeat(due_cells - over_cells),
            Look::Dim.paint("░".repeat(BAR - due_cells))
        );
        let mut text = format!("{bar}  {}", of_planned(over, self.planned));
        if open > 0 {
            text.push_str(&due_and_open(open).to_string());
        }
        text
    }

    /// Always three rows, with nothing to the right of text that grows, so that nothing jumps.
    fn answers(&self) -> [String; 3] {
        let Some((line, low, high)) = self.slots.line() else {
            return [
                row(RESPONSE, &Look::Dim.paint(NO_ANSWER.to_string())),
                String::new(),
                String::new(),
            ];
        };
        let summary = self.tally.latencies.summary(Measure::Response, Class::All);
        let mut numbers = so_far_ms(said(summary.p50), said(summary.max)).to_string();
        if low < high {
            numbers.push_str(&of_late(ms(low), ms(high)).to_string());
        }
        // Both rows have a column per slot, so the bar above a mark is that slot's response time.
        [
            row(RESPONSE, &line),
            row(NO_LABEL, &self.slots.marks()),
            row(
                SO_FAR,
                &format!("{}  {}", self.counts(), Look::Dim.paint(numbers)),
            ),
        ]
    }

    fn counts(&self) -> String {
        let counts = &self.tally.counts;
        let cold = counts.cold_share();
        let bad = counts.bad();
        let shown = [
            (cold.cold, Look::Cold, n_cold as fn(u64) -> Phrase),
            (cold.warm, Look::Warm, n_warm),
            (cold.unknown, Look::Dim, n_unknown),
            (bad, Look::Bad, n_failed),
        ];
        let text: Vec<String> = shown
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, look, phrase)| format!("{} {}", look.mark(), phrase(count)))
            .collect();
        text.join("  ")
    }
}

/// The state of an Insight, in a word or two.
fn insight(outlook: &Outlook) -> String {
    let id = outlook.id.key();
    let (look, phrase) = match outlook.standing {
        Standing::Certain => (Look::Good, certain(id)),
        Standing::Lost => (Look::Bad, is_lost(id)),
        Standing::Unwanted => (Look::Bad, unwanted(id)),
        Standing::Open => (Look::Dim, open(id)),
    };
    format!("{} {phrase}", look.mark())
}

fn limit(limit: &ThresholdStanding) -> String {
    let look = match limit.kept {
        true => Look::Good,
        false => Look::Bad,
    };
    format!("{} {}", look.mark(), limit.text)
}

fn row(label: Text, text: &str) -> String {
    let label = padded(&label.to_string(), LABEL);
    format!("  {}{text}", Look::Dim.paint(label))
}

fn ms(micros: u64) -> String {
    said(Some(micros as f64 / 1e3))
}

/// `line` cut to `width` columns. Colour codes stay intact.
fn cut(line: &str, width: usize) -> String {
    console::truncate_str(line, width, "…").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::Id;

    fn plain(lines: &[String]) -> Vec<String> {
        let strip = |line: &String| anstream::adapter::strip_str(line).to_string();
        lines.iter().map(strip).collect()
    }

    fn frame<'a>(tally: &'a Tally, slots: &'a Slots) -> Frame<'a> {
        let stage = |name: &str, at| Stage {
            name: name.to_owned(),
            at,
        };
        Frame {
            phases: vec![stage("idle", At::Past), stage("burst", At::Now)],
            round: (2, 3),
            waiting: None,
            planned: 60,
            due: 40,
            tally,
            slots,
            insights: vec![Outlook {
                id: Id::ColdStarts,
                standing: Standing::Certain,
                why: String::new(),
            }],
            limits: vec![ThresholdStanding {
                kept: false,
                text: "errors.share 3 %, limit < 1%".to_owned(),
            }],
        }
    }

    #[test]
    fn a_frame_says_where_the_run_is_what_is_due_and_what_is_certain() {
        let mut tally = Tally::default();
        tally.counts.requests.completed = 25;
        let slots = Slots::default();
        assert_eq!(
            plain(&frame(&tally, &slots).lines(80)),
            [
                "  phases    ✓ idle  ▸ burst  round 2 of 3",
                "  requests  █████████████▒▒▒▒▒▒▒▒░░░░░░░░░░░  25 of 60, 15 due and open",
                "  response  no answer yet",
                "",
                "",
                "  Insights  ✓ cold_starts certain",
                "  limits    ✗ errors.share 3 %, limit < 1%",
            ]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let tally = Tally::default();
        let slots = Slots::default();
        for width in [1, 10, 20, 40] {
            for line in plain(&frame(&tally, &slots).lines(width)) {
                let columns = crate::report::text::columns(&line);
                assert!(columns <= width, "{columns} columns in {width}: {line}");
            }
        }
    }
}
