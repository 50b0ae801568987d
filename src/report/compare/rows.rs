//! What a comparison says, for every format.

use crate::{
    compare::{ChangeLimitResult, ComparedFigure, Comparison, Conclusion, InsightChange},
    record::Run,
    report::{figure_said, rows::ReportRow, text::Look},
    scenario::{Metric, Unit},
    stats::Class,
};

/// The columns of a figure's cells.
pub(super) const COLUMNS: [&str; 5] = ["A", "B", "change", "95 % band", "shows from"];

/// A figure of both runs.
pub(super) struct FigureRow<'a> {
    /// Whether the figure changed beyond noise, and for the better or the worse.
    pub look: Look,
    /// The class of requests that the figure is about, where it is about one.
    pub class: Option<Class>,
    pub metric: &'a str,
    /// The figures that the row stands among, and its name there.
    pub group: Option<&'static str>,
    pub label: String,
    /// The values under [`COLUMNS`].
    pub cells: [String; 5],
    /// Whether the change is certain among all figures.
    pub differs: bool,
    /// The finding in words.
    pub finding: &'static str,
}

/// The figures in the order of the comparison.
pub(super) fn figures(compared: &Comparison) -> Vec<FigureRow<'_>> {
    compared.rows.iter().map(figure_row).collect()
}

fn figure_row(row: &ComparedFigure) -> FigureRow<'_> {
    let metric = row.metric.parse::<Metric>().ok();
    let (group, label) = label(row, metric);
    let look = look(row);
    let value = |value: Option<f64>| value.map_or_else(none, |it| figure_said(&row.metric, it));
    FigureRow {
        look,
        class: match metric {
            Some(Metric::Latency(_, class, _)) => Some(class),
            Some(Metric::ColdShare) => Some(Class::Cold),
            _ => None,
        },
        metric: &row.metric,
        group,
        label,
        cells: [
            value(row.a),
            value(row.b),
            change(row, row.change),
            band(row),
            could_show(row),
        ],
        differs: row.differs_among_all(),
        finding: match look {
            Look::Good => "less, beyond noise",
            Look::Bad => "more, beyond noise",
            Look::Caution => "differs by itself, not among all",
            _ if row.chance.is_none() => "cannot tell",
            _ => "no difference shown",
        },
    }
}

fn look(row: &ComparedFigure) -> Look {
    match (row.differs_among_all(), row.differs()) {
        (true, _) if row.change.is_some_and(|change| change < 0.0) => Look::Good,
        (true, _) => Look::Bad,
        (false, true) => Look::Caution,
        (false, false) => Look::Dim,
    }
}

/// How the verdict looks.
pub(super) fn verdict(compared: &Comparison) -> Look {
    match compared.finding {
        Conclusion::Differ if compared.rows.iter().any(|row| look(row) == Look::Bad) => Look::Bad,
        Conclusion::Differ => Look::Good,
        Conclusion::NoDifference | Conclusion::CannotTell => Look::Dim,
    }
}

/// The heading that a figure stands under, and its name there.
fn label(row: &ComparedFigure, metric: Option<Metric>) -> (Option<&'static str>, String) {
    match metric {
        Some(Metric::Latency(measure, class, figure)) => {
            let heading = match measure.key() {
                "service" => "Service time, from the first byte sent",
                "init" => "Init time of cold starts, by Lambda's own measure",
                _ => "Response time, from the planned send",
            };
            (Some(heading), format!("{} {}", class.key(), figure.key()))
        }
        Some(metric) if metric.unit() == Unit::Share => {
            let name = row.metric.trim_end_matches(".share");
            (Some("Shares, changes in points"), name.to_owned())
        }
        _ => (None, row.metric.clone()),
    }
}

/// The Insights that only one of the runs has.
pub(super) fn insights(compared: &Comparison) -> Vec<ReportRow> {
    compared.insights.iter().map(insight).collect()
}

fn insight(changed: &InsightChange) -> ReportRow {
    let (look, what) = match changed.gained {
        true => (Look::Bad, "gained: B has it and A has not"),
        false => (Look::Good, "lost: A has it and B has not"),
    };
    let mut outcome = what.to_owned();
    if let Some(why) = &changed.uncertain {
        outcome.push_str(&format!(", as far as anybody can tell ({why})"));
    }
    let name = format!("{} of {}", changed.id, changed.function);
    ReportRow::of(look, name, outcome)
}

/// The limits, with what came of each.
pub(super) fn limits(compared: &Comparison) -> Vec<ReportRow> {
    compared.limits.iter().map(limit).collect()
}

fn limit(result: &ChangeLimitResult) -> ReportRow {
    let was = change(&result.row, result.row.change);
    let (look, outcome) = match (result.beyond, result.beyond_noise, &result.row.untold) {
        (true, true, _) => (
            Look::Bad,
            format!("{was}, beyond the limit and beyond noise"),
        ),
        (_, _, Some(why)) => (Look::Bad, format!("{was}, and nobody can tell: {why}")),
        (true, false, None) => (
            Look::Caution,
            format!("{was} is beyond the limit, but not beyond noise"),
        ),
        (false, _, None) => (Look::Good, format!("kept, {was}")),
    };
    ReportRow::of(look, result.limit.clone(), outcome)
}

/// Why figures have no band, each reason once with its figures; then what else differs.
pub(super) fn notes(compared: &Comparison) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in &compared.rows {
        let Some(why) = &row.untold else { continue };
        match reasons.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, metrics)) => metrics.push(&row.metric),
            None => reasons.push((why, vec![&row.metric])),
        }
    }
    let sentence = |(why, metrics): (&str, Vec<&str>)| format!("{}: {why}", metrics.join(", "));
    let reasons = reasons.into_iter().map(sentence);
    reasons.chain(compared.notes.iter().cloned()).collect()
}

/// How many requests a run rests on, and whether any was sent.
pub(super) fn requests(run: &Run) -> String {
    match run.simulated {
        true => format!("{} requests simulated, none sent", run.requests.sent),
        false => format!("{} requests sent", run.requests.sent),
    }
}

fn none() -> String {
    "–".to_owned()
}

fn change(row: &ComparedFigure, change: Option<f64>) -> String {
    change.map_or_else(none, |change| row.show_change(change))
}

/// The band: `-4.1 % to +9.9 %`, open to a side that nothing bounds.
fn band(row: &ComparedFigure) -> String {
    match (row.low, row.high) {
        _ if row.chance.is_none() => none(),
        (Some(low), Some(high)) => {
            format!("{} to {}", row.show_change(low), row.show_change(high))
        }
        (Some(low), None) => format!("{} or more", row.show_change(low)),
        (None, Some(high)) => format!("{} or less", row.show_change(high)),
        (None, None) => none(),
    }
}

/// The smallest change that would have been detected: `8 %`.
fn could_show(row: &ComparedFigure) -> String {
    let size = change(row, row.could_show);
    size.trim_start_matches('+').to_owned()
}
