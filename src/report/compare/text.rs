//! A comparison for a terminal of 80 columns.

use super::{band, broken, change, class, could_show, figure, insight, look, untold};
use crate::{
    compare::{ComparedFigure, Comparison, Conclusion},
    record::Run,
    report::text::{Look, padded, wrap},
    scenario::{Metric, Unit},
};

/// Columns of the page.
const PAGE: usize = 80;

/// The whole comparison.
pub fn write(compared: &Comparison, a: &Run, b: &Run) -> String {
    let mut lines = verdict(compared);
    lines.push(String::new());
    lines.push(side("A", a));
    lines.push(side("B", b));
    lines.push(String::new());
    lines.extend(table(&compared.rows));
    let insights = insights(compared);
    if !insights.is_empty() {
        lines.push(String::new());
        lines.extend(insights);
    }
    if !compared.limits.is_empty() {
        lines.push(String::new());
        lines.push(Look::Strong.paint("Limits"));
        for limit in &compared.limits {
            let (look, text) = broken(limit);
            lines.extend(marked(look, &text));
        }
    }
    lines.push(String::new());
    for note in untold(&compared.rows).iter().chain(&compared.notes) {
        lines.extend(marked(Look::Caution, note));
    }
    for line in wrap(&compared.method, PAGE - 2) {
        lines.push(Look::Dim.paint(format!("  {line}")));
    }
    let ended: Vec<String> = lines
        .iter()
        .map(|line| line.trim_end().to_owned())
        .collect();
    ended.join("\n") + "\n"
}

fn verdict(compared: &Comparison) -> Vec<String> {
    let worse =
        |row: &ComparedFigure| row.differs_among_all() && row.change.is_some_and(|it| it > 0.0);
    let look = match compared.finding {
        Conclusion::Differ if compared.rows.iter().any(worse) => Look::Bad,
        Conclusion::Differ => Look::Good,
        Conclusion::NoDifference | Conclusion::CannotTell => Look::Dim,
    };
    let lines = wrap(&compared.verdict, PAGE - 2);
    let line = |(place, line): (usize, &String)| {
        let mark = if place == 0 {
            look.mark()
        } else {
            " ".to_owned()
        };
        format!("{mark} {}", Look::Strong.paint(line))
    };
    lines.iter().enumerate().map(line).collect()
}

fn marked(look: Look, text: &str) -> Vec<String> {
    let lines = wrap(text, PAGE - 4);
    let line = |(place, line): (usize, &String)| {
        let mark = if place == 0 {
            look.mark()
        } else {
            " ".to_owned()
        };
        format!("  {mark} {line}")
    };
    lines.iter().enumerate().map(line).collect()
}

fn side(name: &str, run: &Run) -> String {
    let name = Look::Strong.paint(name);
    format!("  {name}  {}, {}", run.run_id, super::requests(run))
}

fn table(rows: &[ComparedFigure]) -> Vec<String> {
    let head = format!(
        "      {}{:>9}{:>9}{:>10}  {}{:>10}",
        padded("", 12),
        "A",
        "B",
        "change",
        padded("95 % band", 22),
        "shows from"
    );
    let mut lines = vec![Look::Dim.paint(head)];
    let mut measure = None;
    for row in rows {
        let (of, label) = label(row);
        if of.is_some() && of != measure {
            lines.push(Look::Strong.paint(of.unwrap_or_default()));
            measure = of;
        }
        let shape = class(row)
            .and_then(Look::of)
            .map_or_else(|| " ".to_owned(), Look::mark);
        let look = look(row);
        let change = look.paint(format!("{:>10}", change(row, row.change)));
        lines.push(format!(
            "  {} {shape} {}{:>9}{:>9}{change}  {}{:>10}",
            if look == Look::Dim {
                " ".to_owned()
            } else {
                look.mark()
            },
            padded(&label, 12),
            figure(row, row.a),
            figure(row, row.b),
            padded(&band(row), 22),
            could_show(row)
        ));
    }
    lines
}

/// The heading that a row stands under, and its name there.
fn label(row: &ComparedFigure) -> (Option<&'static str>, String) {
    match row.metric.parse::<Metric>() {
        Ok(Metric::Latency(measure, class, figure)) => {
            let heading = match measure.key() {
                "service" => "Service time, from the first byte sent",
                "init" => "Init time of cold starts, by Lambda's own measure",
                _ => "Response time, from the planned send",
            };
            (Some(heading), format!("{} {}", class.key(), figure.key()))
        }
        Ok(metric) if metric.unit() == Unit::Share => {
            let name = row.metric.trim_end_matches(".share");
            (Some("Shares, changes in points"), name.to_owned())
        }
        _ => (None, row.metric.clone()),
    }
}

fn insights(compared: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    for gained in &compared.insights {
        let (look, name, said) = insight(gained);
        lines.extend(marked(look, &format!("{name}: {said}")));
    }
    if !lines.is_empty() {
        lines.insert(0, Look::Strong.paint("Insights"));
    }
    lines
}
