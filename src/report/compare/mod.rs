//! Two runs side by side, in each format.

mod html;
mod markdown;
mod text;

use crate::{
    compare::{ChangeLimitResult, ComparedFigure, Comparison, InsightChange, Side},
    record::Run,
    scenario::Metric,
    stats::Class,
    units::show_signed,
};

use super::text::{Look, figure_said};

/// How a comparison is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ComparisonFormat {
    /// For a terminal.
    Text,
    /// For a program.
    Json,
    /// For a pull request.
    Markdown,
    /// One page with both curves, without script and without any other file.
    Html,
}

/// The comparison in a format.
pub fn comparison(format: ComparisonFormat, compared: &Comparison, a: &Side, b: &Side) -> String {
    match format {
        ComparisonFormat::Text => text::write(compared, &a.run, &b.run),
        ComparisonFormat::Json => {
            let text = serde_json::to_string_pretty(compared);
            text.expect("a comparison has only text keys") + "\n"
        }
        ComparisonFormat::Markdown => markdown::write(compared, &a.run, &b.run),
        ComparisonFormat::Html => html::write(compared, a, b),
    }
}

/// How a row looks: whether it changed beyond noise, and for the better or the worse.
fn look(row: &ComparedFigure) -> Look {
    match (row.differs_among_all(), row.differs()) {
        (true, _) if row.change.is_some_and(|change| change < 0.0) => Look::Good,
        (true, _) => Look::Bad,
        (false, true) => Look::Caution,
        (false, false) => Look::Dim,
    }
}

/// The class that the row is of, where it is of one.
fn class(row: &ComparedFigure) -> Option<Class> {
    match row.metric.parse() {
        Ok(Metric::Latency(_, class, _)) => Some(class),
        Ok(Metric::ColdShare) => Some(Class::Cold),
        _ => None,
    }
}

/// What is said of an Insight that came or went: how it looks, its name, and the rest.
fn insight(gained: &InsightChange) -> (Look, String, String) {
    let (look, what) = match gained.gained {
        true => (Look::Bad, "gained: B has it and A has not"),
        false => (Look::Good, "lost: A has it and B has not"),
    };
    let mut said = what.to_owned();
    if let Some(why) = &gained.uncertain {
        said.push_str(&format!(", as far as anybody can tell ({why})"));
    }
    (look, format!("{} of {}", gained.id, gained.function), said)
}

/// How many requests a run rests on; of a simulation, that none was sent.
fn requests(run: &Run) -> String {
    match run.simulated {
        true => format!("{} requests simulated, none sent", run.requests.sent),
        false => format!("{} requests sent", run.requests.sent),
    }
}

/// A figure, or a dash where there is none.
fn figure(row: &ComparedFigure, value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| figure_said(&row.metric, value))
}

/// A change with its sign: `+3.2 %`, or `-0.4 pt` of a share.
fn change(row: &ComparedFigure, value: Option<f64>) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    let percent = value * 100.0;
    let digits = usize::from(percent.abs() < 9.95);
    let unit = if row.is_share() { "pt" } else { "%" };
    format!("{} {unit}", show_signed(percent, digits))
}

/// The band: `-4.1 % to +9.9 %`, open to a side that nothing bounds.
fn band(row: &ComparedFigure) -> String {
    match (row.low, row.high) {
        _ if row.chance.is_none() => "–".to_owned(),
        (Some(_), Some(_)) => format!("{} to {}", change(row, row.low), change(row, row.high)),
        (Some(_), None) => format!("{} or more", change(row, row.low)),
        (None, Some(_)) => format!("{} or less", change(row, row.high)),
        (None, None) => "–".to_owned(),
    }
}

/// The least change that would have shown: `8 %`.
fn could_show(row: &ComparedFigure) -> String {
    match row.could_show {
        Some(size) => change(row, Some(size)).trim_start_matches('+').to_owned(),
        None => "–".to_owned(),
    }
}

/// Why rows have no band, each reason once with the rows that it is of.
fn untold(rows: &[ComparedFigure]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in rows {
        let Some(why) = &row.untold else { continue };
        match reasons.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, metrics)) => metrics.push(&row.metric),
            None => reasons.push((why, vec![&row.metric])),
        }
    }
    let said = |(why, metrics): (&str, Vec<&str>)| format!("{}: {why}", metrics.join(", "));
    reasons.into_iter().map(said).collect()
}

/// What came of a limit, in words.
fn broken(broken: &ChangeLimitResult) -> (Look, String) {
    let limit = &broken.limit;
    let was = change(&broken.row, broken.row.change);
    match (broken.beyond, broken.beyond_noise, &broken.row.untold) {
        (true, true, _) => {
            let text = format!("{limit}: {was}, beyond the limit and beyond noise");
            (Look::Bad, text)
        }
        (_, _, Some(why)) => (
            Look::Bad,
            format!("{limit}: {was}, and nobody can tell: {why}"),
        ),
        (true, false, None) => {
            let text = format!("{limit}: {was} is beyond the limit, but not beyond noise");
            (Look::Caution, text)
        }
        (false, _, None) => (Look::Good, format!("{limit}: kept, {was}")),
    }
}
