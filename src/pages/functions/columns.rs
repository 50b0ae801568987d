//! The columns of the Serverless View: those that Datadog shows by default, and others to choose.

use maud::{Markup, html};

use super::row::FunctionRow;
use crate::{
    lang::Text,
    look::Shape,
    pages::{data, show, visit::Visit, words::*},
};

/// One column.
pub(super) struct Column {
    /// Its name in addresses.
    pub(super) key: &'static str,
    name: Text,
    default: bool,
    /// What rows are sorted by.
    pub(super) value: fn(&FunctionRow) -> f64,
    /// What stands in a row.
    pub(super) cell: fn(&FunctionRow) -> Markup,
}

impl Column {
    /// Its name on the screen.
    pub(super) fn label(&self, visit: &Visit) -> &'static str {
        visit.text(self.name)
    }
}

const fn column(
    key: &'static str,
    name: Text,
    default: bool,
    value: fn(&FunctionRow) -> f64,
    cell: fn(&FunctionRow) -> Markup,
) -> Column {
    Column {
        key,
        name,
        default,
        value,
        cell,
    }
}

/// All columns, in order.
pub(super) const COLUMNS: [Column; 13] = [
    column(
        "invocations",
        INVOCATIONS,
        true,
        |row| row.function.sum(data::INVOCATIONS),
        |row| count(row, data::INVOCATIONS),
    ),
    column(
        "errors",
        ERRORS,
        true,
        |row| row.function.sum(data::ERRORS),
        errors,
    ),
    column(
        "duration",
        DURATION_AVG,
        true,
        |row| row.function.mean(data::DURATION).unwrap_or(-1.0),
        |row| optional(row.function.mean(data::DURATION), show::seconds),
    ),
    column(
        "duration_max",
        DURATION_MAX,
        false,
        |row| max(row, data::DURATION),
        |row| optional(row.function.max(data::DURATION), show::seconds),
    ),
    column(
        "cold_starts",
        COLD_STARTS,
        false,
        |row| row.function.cold(),
        cold,
    ),
    column(
        "init_duration",
        INIT_DURATION,
        false,
        |row| max(row, data::INIT_DURATION),
        |row| optional(row.function.max(data::INIT_DURATION), show::seconds),
    ),
    column(
        "cost",
        COST,
        true,
        |row| row.function.sum(data::COST),
        |row| {
            optional(
                (!row.function.of(data::COST).is_empty()).then(|| row.function.sum(data::COST)),
                show::dollars,
            )
        },
    ),
    column(
        "memory",
        MEMORY_USED,
        true,
        |row| max(row, data::MEMORY_USED),
        |row| optional(row.function.max(data::MEMORY_USED), show::memory),
    ),
    column(
        "memory_share",
        MEMORY_SHARE,
        false,
        |row| memory_share(row).unwrap_or(-1.0),
        |row| optional(memory_share(row), show::percent),
    ),
    column(
        "timeouts",
        TIMEOUTS,
        false,
        |row| row.function.sum(data::TIMEOUTS),
        |row| count(row, data::TIMEOUTS),
    ),
    column(
        "out_of_memory",
        OUT_OF_MEMORY,
        false,
        |row| row.function.sum(data::OUT_OF_MEMORY),
        |row| count(row, data::OUT_OF_MEMORY),
    ),
    column(
        "throttles",
        THROTTLES,
        false,
        |row| row.function.sum(data::THROTTLES),
        |row| count(row, data::THROTTLES),
    ),
    column(
        "last_start",
        LAST_START,
        true,
        |row| row.function.last_ms().unwrap_or(0) as f64,
        |row| {
            row.function
                .last_ms()
                .map_or_else(show::none, show::short_time)
        },
    ),
];

fn count(row: &FunctionRow, metric: &str) -> Markup {
    html! { (show::count(row.function.sum(metric))) }
}

fn optional(value: Option<f64>, show: fn(f64) -> String) -> Markup {
    value.map_or_else(show::none, |value| html! { (show(value)) })
}

fn max(row: &FunctionRow, metric: &str) -> f64 {
    row.function.max(metric).unwrap_or(-1.0)
}

fn memory_share(row: &FunctionRow) -> Option<f64> {
    let size = row.function.max(data::MEMORY_SIZE)?;
    Some(row.function.max(data::MEMORY_USED)? / size.max(1.0))
}

fn errors(row: &FunctionRow) -> Markup {
    let errors = row.function.sum(data::ERRORS);
    if errors > 0.0 {
        Shape::Error.beside(&show::count(errors))
    } else {
        html! { "0" }
    }
}

fn cold(row: &FunctionRow) -> Markup {
    let cold = row.function.cold();
    if cold > 0.0 {
        Shape::Cold.beside(&show::count(cold))
    } else {
        html! { "0" }
    }
}

/// The columns that the visit asks for, else those shown by default.
pub(super) fn chosen(visit: &Visit) -> impl Iterator<Item = &'static Column> {
    let asked: Vec<&str> = visit.all("col").collect();
    COLUMNS
        .iter()
        .filter(|column| asked.contains(&column.key))
        .chain(
            COLUMNS
                .iter()
                .filter(|column| asked.is_empty() && column.default),
        )
        .collect::<Vec<_>>()
        .into_iter()
}

/// A column's head: a link that sorts by it, and turns the order on the second visit.
pub(super) fn head(visit: &Visit, column: &Column) -> Markup {
    let here = visit.get("sort") == Some(column.key);
    let up = here && visit.get("dir") == Some("asc");
    let sort = match (here, up) {
        (true, true) => Some("ascending"),
        (true, false) => Some("descending"),
        (false, _) => None,
    };
    let next = if here && !up { "asc" } else { "desc" };
    html! {
        th.number scope="col" aria-sort=[sort] {
            a href=(visit.with(&[("sort", Some(column.key)), ("dir", Some(next))])) {
                (visit.text(column.name))
                @match sort { Some("ascending") => " ↑", Some(_) => " ↓", None => "" }
            }
        }
    }
}

/// The chooser of columns.
pub(super) fn chooser(visit: &Visit) -> Markup {
    let chosen: Vec<&str> = chosen(visit).map(|column| column.key).collect();
    html! {
        details.menu {
            summary.button { (visit.text(COLUMNS_WORD)) }
            form.sheet method="get" action="/functions" {
                @for (key, value) in visit.fields(&["col"]) {
                    input type="hidden" name=(key) value=(value);
                }
                @for column in &COLUMNS {
                    label.tick {
                        input type="checkbox" name="col" value=(column.key) checked[chosen.contains(&column.key)];
                        (visit.text(column.name))
                    }
                }
                p { button.button type="submit" { (visit.text(APPLY)) } }
            }
        }
    }
}
