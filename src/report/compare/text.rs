//! A comparison for a terminal.

use super::rows::{self, COLUMNS, FigureRow, requests};
use crate::{
    compare::Comparison,
    record::Run,
    report::{
        text::{
            Look, aligned_right, columns, padded,
            page::{self, PAGE, TextPage, marked, sentences},
            wrap,
        },
        words::{INSIGHTS, LIMITS},
    },
};

/// Columns of a figure's name and its band together, and of the name at least.
const NAME_AND_BAND: usize = 34;
const NAME: usize = 12;

/// The whole comparison.
pub fn write(compared: &Comparison, a: &Run, b: &Run) -> String {
    let mut page = TextPage::default();
    let look = rows::verdict(compared);
    page.block(page::verdict(
        look,
        &compared.verdict.to_string(),
        Look::Strong,
    ));
    page.block(vec![side("A", a), side("B", b)]);
    page.block(table(&rows::figures(compared)));
    page.section(INSIGHTS, sentences(&rows::insights(compared)));
    page.section(LIMITS, sentences(&rows::limits(compared)));
    let notes = rows::notes(compared);
    let mut notes: Vec<String> = notes
        .iter()
        .flat_map(|note| marked(Look::Caution, note))
        .collect();
    let method = wrap(&compared.method.to_string(), PAGE - 2).into_iter();
    notes.extend(method.map(|line| Look::Dim.paint(format!("  {line}"))));
    page.block(notes);
    page.finish()
}

fn side(name: &str, run: &Run) -> String {
    let name = Look::Strong.paint(name);
    format!("  {name}  {}, {}", run.run_id, requests(run))
}

fn table(rows: &[FigureRow]) -> Vec<String> {
    let widths = rows.iter().map(|row| columns(&row.label));
    let name_width = widths.max().unwrap_or(0).max(NAME);
    let head = COLUMNS.map(|name| name.to_string());
    let head = cells("    ", padded("", name_width), &head, Look::Dim);
    let mut lines = vec![Look::Dim.paint(head)];
    let mut group = None;
    for row in rows {
        if let Some(heading) = row.group.filter(|_| row.group != group) {
            lines.push(Look::Strong.paint(heading));
            group = row.group;
        }
        let mark = match row.look {
            Look::Dim => " ".to_owned(),
            look => look.mark(),
        };
        let class = row.class.and_then(Look::of);
        let class = class.map_or_else(|| " ".to_owned(), Look::mark);
        let name = padded(&row.label, name_width);
        lines.push(cells(
            &format!("{mark} {class} "),
            name,
            &row.cells,
            row.look,
        ));
    }
    lines
}

/// A line of the table; the change has the look of the row.
fn cells(
    marks: &str,
    name: String,
    [a, b, change, band, shows]: &[String; 5],
    look: Look,
) -> String {
    let [a, b] = [a, b].map(|cell| aligned_right(cell, 9));
    let [change, shows] = [change, shows].map(|cell| aligned_right(cell, 10));
    let band = padded(band, NAME_AND_BAND.saturating_sub(columns(&name)));
    let change = look.paint(change);
    format!("  {marks}{name}{a}{b}{change}  {band}{shows}")
}
