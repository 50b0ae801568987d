//! The short report, for the last screen of a run: what decided it, and the verdict last, above the
//! prompt.

use super::{
    insights::shown_alone,
    latency::{self, said},
    page::{self, PAGE, TextPage, marked, named},
    paint::{Look, columns, wrap},
    verdict_sentence, where_sent,
};
use crate::{
    lang::{Phrase, Text, texts},
    record::{Overall, Run},
    report::{
        rows::ReportRow,
        run_rows::{self, cold_share_of, short_evidence},
        words::*,
    },
    stats::{Class, Measure},
};

/// Rows of a terminal of 24, less the prompt and the three that say what to do next.
const ROWS: usize = 20;

texts! {
    const;
    more(left: usize): "{} more: --full", "그 외 {}개: --full";
    failed_of(failed: u64, over: u64): "{} of {} requests failed", "요청 {1}회 중 {0}회 실패";
    of_response(name: String, value: String): "response time {} {}", "응답 시간 {} {}";
    of_service(name: String, value: String): "service time {} {}", "서비스 시간 {} {}";
}

/// How much an entry matters to the verdict.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum EntryRank {
    /// It fails the run.
    Fails,
    /// It was expected, or the reader should know.
    Expected,
    /// It was seen besides.
    Besides,
}

impl EntryRank {
    fn of(row: &ReportRow) -> EntryRank {
        match row.look {
            _ if row.fails => EntryRank::Fails,
            Look::Good => EntryRank::Expected,
            _ => EntryRank::Besides,
        }
    }
}

/// An entry that may be left out if there is no room.
struct ScreenEntry {
    /// Entries of one section follow each other. A blank line precedes the first.
    section: usize,
    /// Stands above the first entry that has it.
    heading: String,
    lines: Vec<String>,
    /// Entries of a lower rank are left out later.
    rank: EntryRank,
}

/// The report on one screen of 80 columns. What does not fit is counted; [`super::write`] has all.
pub fn short(run: &Run) -> String {
    let mut fixed = TextPage::default();
    fixed.block(head(run));
    fixed.block(latencies(run));
    let fixed = fixed.finish();
    let verdict = verdict(run);
    // The blank line before the verdict.
    let taken = fixed.lines().count() + verdict.len() + 1;
    let insights = match super::functions::blocks(run) {
        Some((heading, blocks)) => functions(0, &heading, blocks),
        None => insights(run),
    };
    let requests = super::functions::request_blocks(run);
    let requests = requests.map(|(heading, blocks)| functions(1, &heading, blocks));
    let requests = requests.unwrap_or_default();
    let entries = [
        insights,
        requests,
        demands(2, MONITORS, run_rows::monitors(run), super::monitor),
        demands(3, LIMITS, run_rows::limits(run), super::limit),
        warnings(run),
    ];
    let entries = entries.into_iter().flatten().collect();
    let mut page = TextPage::default();
    page.block(fixed.lines().map(str::to_owned).collect());
    for block in fitted(entries, ROWS.saturating_sub(taken)) {
        page.block(block);
    }
    page.block(verdict);
    page.finish()
}

fn head(run: &Run) -> Vec<String> {
    let title = Look::Strong.paint(clipped(&run.scenario.heading(), PAGE));
    vec![title, format!("  {}", clipped(&where_sent(run), PAGE - 2))]
}

/// `text` cut to `width` columns, with `…` for what does not fit.
fn clipped(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut clipped = String::new();
    for letter in text.chars() {
        if columns(&clipped) + 3 > width {
            break;
        }
        clipped.push(letter);
    }
    clipped + "…"
}

/// Cold, warm, unknown and failed requests, and what tells cold from warm.
fn latencies(run: &Run) -> Vec<String> {
    let measure = measure(run);
    let known = run.cold.cold + run.cold.warm > 0;
    let shown = |class: Class| match class {
        Class::Cold | Class::Warm | Class::Error => true,
        Class::Unknown => known,
        Class::All => !known,
        Class::Ok => false,
    };
    let mut lines = latency::short_lines(run, measure, shown);
    if let Some(evidence) = short_evidence(run).filter(|_| known) {
        let evidence = wrap(&evidence, PAGE - 2).into_iter().take(2);
        lines.extend(evidence.map(|line| Look::Dim.paint(format!("  {line}"))));
    }
    lines
}

/// A closed loop plans no send, and has no response time.
fn measure(run: &Run) -> Measure {
    match run.latency(Measure::Response, Class::All).n {
        0 => Measure::Service,
        _ => Measure::Response,
    }
}

/// The functions of a run that invoked several, worst first: the first line of each.
fn functions(section: usize, heading: &str, blocks: Vec<(Look, Vec<String>)>) -> Vec<ScreenEntry> {
    let entry = |(look, mut lines): (Look, Vec<String>)| {
        lines.truncate(1);
        ScreenEntry {
            section,
            heading: heading.to_owned(),
            lines,
            rank: match look {
                Look::Bad => EntryRank::Fails,
                _ => EntryRank::Expected,
            },
        }
    };
    blocks.into_iter().map(entry).collect()
}

/// The Insights that are shown one by one, with their arithmetic.
fn insights(run: &Run) -> Vec<ScreenEntry> {
    let rows: Vec<ReportRow> = run_rows::insights(run);
    let rows = rows.into_iter().filter(|row| row.prominent);
    let rows: Vec<ReportRow> = rows.collect();
    let widest = rows.iter().map(|row| columns(&row.name)).max().unwrap_or(0);
    let entry = |row: &ReportRow| ScreenEntry {
        section: 0,
        heading: Look::Strong.paint(insights_of(&row.function)),
        lines: named(row.look, &row.name, widest, &shown_alone(row)),
        rank: EntryRank::of(row),
    };
    rows.iter().map(entry).collect()
}

/// What is demanded besides Insights: a heading, and a line for each.
fn demands(
    section: usize,
    heading: Text,
    rows: Vec<ReportRow>,
    said: fn(&ReportRow) -> String,
) -> Vec<ScreenEntry> {
    let entry = |row: ReportRow| ScreenEntry {
        section,
        heading: Look::Strong.paint(heading),
        lines: marked_tightly(row.look, &said(&row)),
        rank: EntryRank::of(&row),
    };
    rows.into_iter().map(entry).collect()
}

fn warnings(run: &Run) -> Vec<ScreenEntry> {
    // If the run was not met, a note may be the reason.
    let rank = match run.verdict {
        Overall::Met => EntryRank::Expected,
        _ => EntryRank::Fails,
    };
    let entry = |note: String| ScreenEntry {
        section: 4,
        heading: String::new(),
        lines: marked_tightly(Look::Caution, &note),
        rank,
    };
    let notes = run.notes.iter().map(ToString::to_string);
    notes.map(entry).collect()
}

/// A text behind the mark of its look, which keeps its colour.
fn marked_tightly(look: Look, text: &str) -> Vec<String> {
    match look {
        Look::Dim => marked(Look::Caution, text),
        look => marked(look, text),
    }
}

/// The entries that fit `room` lines, in blocks with a blank line before each; what fails the run
/// first. A last line counts what is left out.
fn fitted(entries: Vec<ScreenEntry>, room: usize) -> Vec<Vec<String>> {
    let choose = |room: usize| {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|place| entries[*place].rank);
        let (mut chosen, mut used) = (vec![false; entries.len()], 0);
        for place in order {
            let entry = &entries[place];
            let others = || entries.iter().zip(&chosen).filter(|(_, chosen)| **chosen);
            let begins = !others().any(|(other, _)| other.section == entry.section);
            let headed = entry.heading.is_empty()
                || others().any(|(other, _)| other.heading == entry.heading);
            let cost = entry.lines.len() + usize::from(begins) + usize::from(!headed);
            if used + cost <= room {
                chosen[place] = true;
                used += cost;
            }
        }
        chosen
    };
    let mut chosen = choose(room);
    if chosen.contains(&false) {
        // Its own blank line too, where nothing else is left.
        chosen = choose(room.saturating_sub(1));
    }
    let left = chosen.iter().filter(|chosen| !**chosen).count();
    let mut blocks: Vec<Vec<String>> = Vec::new();
    let (mut section, mut heading) = (usize::MAX, String::new());
    for (entry, _) in entries
        .into_iter()
        .zip(chosen)
        .filter(|(_, chosen)| *chosen)
    {
        if entry.section != section {
            section = entry.section;
            blocks.push(Vec::new());
        }
        let Some(block) = blocks.last_mut() else {
            break;
        };
        if !entry.heading.is_empty() && entry.heading != heading {
            heading.clone_from(&entry.heading);
            block.push(entry.heading);
        }
        block.extend(entry.lines);
    }
    if left > 0 {
        let more = Look::Dim.paint(format!("  … {}", more(left)));
        match blocks.last_mut() {
            Some(block) => block.push(more),
            None => blocks.push(vec![more]),
        }
    }
    blocks
}

/// The verdict as a sentence, and three figures of the run.
fn verdict(run: &Run) -> Vec<String> {
    let (look, sentence) = verdict_sentence(run);
    let mut lines = page::verdict(look, &sentence, Look::Strong);
    if run.watched.is_some() {
        return lines;
    }
    let failures = run
        .failures
        .iter()
        .filter(|(class, _)| *class != "not_sent");
    let failed = failures.map(|(_, count)| count).sum();
    let (second, third) = match cold_share_of(run) {
        Some(share) => (Some(share), time(run, &["p95", "p50", "max"])),
        None => (time(run, &["p50"]), time(run, &["p95", "max"])),
    };
    let requests = &run.requests;
    // What could not connect was not sent, and failed.
    let over = requests.completed + requests.failed + requests.timed_out;
    let parts = [Some(failed_of(failed, over)), second, third];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .map(|part| part.to_string())
        .collect();
    let figures = wrap(&parts.join(" · "), PAGE - 2).into_iter();
    lines.extend(figures.map(|line| format!("  {line}")));
    lines
}

/// The first of these figures that the samples support.
fn time(run: &Run, names: &[&str]) -> Option<Phrase> {
    let measure = measure(run);
    let all = run.latency(measure, Class::All);
    let figure = |name: &&str| {
        let (ms, said) = match *name {
            "p95" => (all.p95, "p95".to_owned()),
            "p50" => (all.p50, "p50".to_owned()),
            _ => (all.max, MAX.to_string()),
        };
        Some((said, ms?))
    };
    let (name, ms) = names.iter().find_map(figure)?;
    let say = match measure {
        Measure::Service => of_service,
        _ => of_response,
    };
    Some(say(name, said(Some(ms))))
}

#[cfg(test)]
mod tests;
