//! A paired comparison for a terminal.

use super::rows::{self, AbRow};
use crate::{
    ab::{AbResult, AbSide},
    report::{
        text::{
            Look, aligned_right, columns, padded,
            page::{self, PAGE, TextPage, marked, sentences},
            wrap,
        },
        words::LIMITS,
    },
};

/// Columns of a row's name.
const NAME: usize = 26;

/// The whole comparison.
pub fn write(result: &AbResult) -> String {
    let mut page = TextPage::default();
    let look = rows::verdict(result);
    page.block(page::verdict(look, &rows::sentence(result), Look::Strong));
    page.block(vec![side("A", &result.a), side("B", &result.b)]);
    let heads = ["A", "B"].map(str::to_owned);
    let [a, b] = heads;
    let head = AbRow {
        look: Look::Dim,
        name: String::new(),
        cells: [
            a,
            b,
            rows::CHANGE.to_string(),
            rows::BAND.to_string(),
            String::new(),
        ],
    };
    let mut figures = vec![Look::Dim.paint(line(&head))];
    figures.extend(rows::figures(result).iter().map(line));
    page.block(figures);
    let table = |rows: Vec<AbRow>| rows.iter().map(line).collect();
    page.section(rows::PART, table(rows::parts(&result.parts)));
    page.section(rows::IMPORTS, table(rows::parts(&result.imports)));
    page.section(LIMITS, sentences(&rows::limits(result)));
    let notes = result.notes.iter();
    let mut notes: Vec<String> = notes
        .flat_map(|note| marked(Look::Caution, &note.to_string()))
        .collect();
    let method = wrap(&result.method.to_string(), PAGE - 2).into_iter();
    notes.extend(method.map(|line| Look::Dim.paint(format!("  {line}"))));
    page.block(notes);
    page.finish()
}

fn side(name: &str, side: &AbSide) -> String {
    let (target, run, rests_on) = rows::side(side);
    let name = Look::Strong.paint(name);
    format!("  {name}  {target}: {rests_on}, {run}")
}

/// A line of a table. A name that is too long for its columns has a line of its own.
fn line(row: &AbRow) -> String {
    let [a, b, change, band, finding] = &row.cells;
    let mark = match row.look {
        Look::Dim => " ".to_owned(),
        look => look.mark(),
    };
    let name = match columns(&row.name) > NAME {
        true => format!("{}\n    {}", row.name, padded("", NAME)),
        false => padded(&row.name, NAME),
    };
    let [a, b] = [a, b].map(|cell| aligned_right(cell, 9));
    let change = row.look.paint(aligned_right(change, 10));
    format!(
        "  {mark} {name}{a}{b}{change}  {} {finding}",
        padded(band, 17)
    )
}
