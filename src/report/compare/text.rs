//! A comparison for a terminal.

use super::rows::{ChangeRow, ChangeTable, ComparedSide, ComparedSides};
use crate::report::{
    text::{
        Look, aligned_right, columns, padded,
        page::{self, PAGE, TextPage, headed, marked, sentences},
        wrap,
    },
    words::{INSIGHTS, LIMITS},
};

/// Columns of a row's name and its band together, and of the name at least.
const NAME_AND_BAND: usize = 34;
const NAME: usize = 12;

/// The comparison as text.
pub fn write(compared: &ComparedSides) -> String {
    let mut page = TextPage::default();
    page.block(page::verdict(
        compared.look,
        &compared.verdict,
        Look::Strong,
    ));
    let sides = ["A", "B"].into_iter().zip(&compared.sides);
    page.block(sides.flat_map(side).collect());
    for (place, table) in compared.tables.iter().enumerate() {
        match place {
            0 => page.block(lines(table, true)),
            _ => page.section(table.heading, lines(table, false)),
        }
    }
    page.section(INSIGHTS, sentences(&compared.insights));
    page.section(LIMITS, sentences(&compared.limits));
    let notes = compared.notes.iter();
    let mut notes: Vec<String> = notes.flat_map(|note| marked(Look::Caution, note)).collect();
    let method = wrap(&compared.method, PAGE - 2).into_iter();
    notes.extend(method.map(|line| Look::Dim.paint(format!("  {line}"))));
    page.block(notes);
    page.finish()
}

fn side((letter, side): (&str, &ComparedSide)) -> Vec<String> {
    let said = std::iter::once(&side.name).chain(&side.facts);
    let said: Vec<&str> = said.map(String::as_str).collect();
    let label = format!("  {}  ", Look::Strong.paint(letter));
    headed(&label, 5, wrap(&said.join(", "), PAGE - 5))
}

/// The rows under their groups, and under the headings of their columns.
fn lines(table: &ChangeTable, headed: bool) -> Vec<String> {
    let most = |width: fn(&ChangeRow) -> usize| table.rows.iter().map(width).max().unwrap_or(0);
    let room = NAME_AND_BAND.saturating_sub(most(|row| columns(&row.cells[3])));
    let name_width = most(|row| columns(&row.label)).min(room).max(NAME);
    let mut lines = Vec::new();
    if headed {
        let heads: Vec<String> = table.columns.iter().map(ToString::to_string).collect();
        let head = cells("    ", &padded("", name_width), &heads, "", Look::Dim);
        lines.push(Look::Dim.paint(head));
    }
    let mut group = None;
    for row in &table.rows {
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
        let mut marks = format!("{mark} {class} ");
        let mut name = padded(&row.label, name_width);
        if columns(&name) > name_width {
            // A name that is too long for its columns has a line of its own.
            lines.push(format!("  {marks}{name}"));
            (marks, name) = ("    ".to_owned(), padded("", name_width));
        }
        let finding = match row.look {
            Look::Dim => String::new(),
            _ => row.finding.to_string(),
        };
        lines.push(cells(&marks, &name, &row.cells, &finding, row.look));
    }
    lines
}

/// A line of the table; the change has the look of the row. The last column is the finding's where
/// no cell has it.
fn cells(marks: &str, name: &str, cells: &[String], finding: &str, look: Look) -> String {
    let cell = |place: usize| cells.get(place).map_or("", String::as_str);
    let [a, b] = [0, 1].map(|place| aligned_right(cell(place), 9));
    let change = look.paint(aligned_right(cell(2), 10));
    let band = padded(cell(3), NAME_AND_BAND.saturating_sub(columns(name)));
    let last = cells.get(4).map_or(finding, String::as_str);
    format!(
        "  {marks}{name}{a}{b}{change}  {band}{}",
        aligned_right(last, 10)
    )
}
