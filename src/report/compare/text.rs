//! A comparison for a terminal.

use super::rows::{self, COLUMNS, FigureRow, requests};
use crate::{
    compare::Comparison,
    record::Run,
    report::text::{
        Look, padded,
        page::{self, PAGE, TextPage, marked, sentences},
        wrap,
    },
};

/// Columns of a figure's name and of its band.
const LABEL: usize = 12;
const BAND: usize = 22;

/// The whole comparison.
pub fn write(compared: &Comparison, a: &Run, b: &Run) -> String {
    let mut page = TextPage::default();
    let look = rows::verdict(compared);
    page.block(page::verdict(look, &compared.verdict, Look::Strong));
    page.block(vec![side("A", a), side("B", b)]);
    page.block(table(&rows::figures(compared)));
    page.section("Insights", sentences(&rows::insights(compared)));
    page.section("Limits", sentences(&rows::limits(compared)));
    let notes = rows::notes(compared);
    let mut notes: Vec<String> = notes
        .iter()
        .flat_map(|note| marked(Look::Caution, note))
        .collect();
    let method = wrap(&compared.method, PAGE - 2).into_iter();
    notes.extend(method.map(|line| Look::Dim.paint(format!("  {line}"))));
    page.block(notes);
    page.finish()
}

fn side(name: &str, run: &Run) -> String {
    let name = Look::Strong.paint(name);
    format!("  {name}  {}, {}", run.run_id, requests(run))
}

fn table(rows: &[FigureRow]) -> Vec<String> {
    let [a, b, change, band, shows] = COLUMNS;
    let head = format!(
        "      {}{a:>9}{b:>9}{change:>10}  {}{shows:>10}",
        padded("", LABEL),
        padded(band, BAND),
    );
    let mut lines = vec![Look::Dim.paint(head)];
    let mut group = None;
    for row in rows {
        if let Some(heading) = row.group.filter(|_| row.group != group) {
            lines.push(Look::Strong.paint(heading));
            group = row.group;
        }
        lines.push(line(row));
    }
    lines
}

fn line(row: &FigureRow) -> String {
    let mark = match row.look {
        Look::Dim => " ".to_owned(),
        look => look.mark(),
    };
    let class = row.class.and_then(Look::of);
    let class = class.map_or_else(|| " ".to_owned(), Look::mark);
    let [a, b, change, band, shows] = &row.cells;
    format!(
        "  {mark} {class} {}{a:>9}{b:>9}{}  {}{shows:>10}",
        padded(&row.label, LABEL),
        row.look.paint(format!("{change:>10}")),
        padded(band, BAND),
    )
}
