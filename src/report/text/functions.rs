//! The functions, the named requests and the flows of a run, for a terminal.

use super::{
    page::{PAGE, below},
    paint::{Look, aligned_right, columns, padded, shortened},
};
use crate::{
    record::Run,
    report::functions::{FUNCTIONS, ReportedFunction, headings, part_headings, part_tables, rows},
};

/// The columns of a name at most; a longer one has a line of its own.
const NAME: usize = 18;
/// The columns that a name has however wide the figures are.
const SHORTEST_NAME: usize = 8;

/// A line for each function, headings first, and below it its Insights.
pub(super) fn lines(run: &Run) -> Vec<String> {
    let rows = rows(run);
    if rows.is_empty() {
        return Vec::new();
    }
    let (heading, blocks) = table(&headings(), &rows, usize::MAX);
    let mut lines = vec![Look::Strong.paint(FUNCTIONS), heading];
    lines.extend(blocks.into_iter().flat_map(|(_, lines)| lines));
    lines
}

/// A table of named requests and one of flows, where a run has them.
pub(super) fn parts(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, rows) in part_tables(run) {
        let (heading, blocks) = table(&part_headings(), &rows, usize::MAX);
        lines.extend([Look::Strong.paint(name), heading]);
        lines.extend(blocks.into_iter().flat_map(|(_, lines)| lines));
    }
    lines
}

/// The headings and a block for each named request, as wide as a page; None where a run has one alone.
pub(super) fn request_blocks(run: &Run) -> Option<(String, Vec<Block>)> {
    let (_, rows) = part_tables(run).into_iter().next()?;
    Some(table(&part_headings(), &rows, PAGE))
}

/// The lines of one function, and its look.
type Block = (Look, Vec<String>);

/// The headings, and a block for each function, as wide as a page; None where a run has one function.
pub(super) fn blocks(run: &Run) -> Option<(String, Vec<Block>)> {
    let rows = rows(run);
    (!rows.is_empty()).then(|| table(&headings(), &rows, PAGE))
}

/// The table in a page of this many columns: names are cut to what the figures leave.
fn table(headings: &[String], rows: &[ReportedFunction], page: usize) -> (String, Vec<Block>) {
    let widths: Vec<usize> = (0..headings.len())
        .map(|place| {
            let cells = rows.iter().map(|row| columns(&row.cells[place]));
            let widest = cells.max().unwrap_or(0);
            widest.max(columns(&headings[place])) + 1
        })
        .collect();
    let cells = |cells: &[String]| {
        let cells = cells.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| aligned_right(cell, *width));
        cells.collect::<String>()
    };
    let room = page.saturating_sub(4 + widths.iter().sum::<usize>());
    let width = match page {
        usize::MAX => NAME,
        _ => {
            let longest = rows.iter().map(|row| columns(&row.name)).max();
            longest.unwrap_or(0).max(NAME).min(room.max(SHORTEST_NAME))
        }
    };
    let heading = format!("    {}{}", padded("", width), cells(headings));
    let block = |row: &ReportedFunction| {
        let (name, mark) = (
            shortened(&row.name, room.max(SHORTEST_NAME)),
            row.look.mark(),
        );
        let mut lines = match columns(&name) > width {
            true => vec![
                format!("  {mark} {name}"),
                format!("    {}{}", padded("", width), cells(&row.cells)),
            ],
            false => vec![format!(
                "  {mark} {}{}",
                padded(&name, width),
                cells(&row.cells)
            )],
        };
        if !row.insights.is_empty() {
            let told = below(&row.insights.join("; "));
            lines.extend(told.into_iter().map(|line| Look::Dim.paint(line)));
        }
        (row.look, lines)
    };
    (Look::Dim.paint(heading), rows.iter().map(block).collect())
}
