//! The columns of the Serverless View: those that Datadog shows by default, and others to choose.

use maud::{Markup, html};

use super::row::FunctionRow;
use crate::{
    lang::Text,
    look::Shape,
    pages::{
        data::{self, FunctionMetrics},
        frame, show,
        visit::Visit,
        words::*,
    },
};

/// One column.
pub(super) struct Column {
    /// Its name in addresses.
    pub(super) key: &'static str,
    name: Text,
    default: bool,
    /// A row's value; None if nothing was sent.
    value: fn(&FunctionMetrics) -> Option<f64>,
    show: fn(f64) -> Markup,
}

impl Column {
    /// Its name on the screen.
    pub(super) fn label(&self, visit: &Visit) -> &'static str {
        visit.text(self.name)
    }

    /// What rows are sorted by: those without a value are below all others.
    pub(super) fn order(&self, row: &FunctionRow) -> f64 {
        (self.value)(&row.function).unwrap_or(-1.0)
    }

    /// What stands in a row.
    pub(super) fn cell(&self, row: &FunctionRow) -> Markup {
        (self.value)(&row.function).map_or_else(show::none, self.show)
    }
}

macro_rules! columns {
    ($($key:literal $name:ident $default:literal $value:expr, $show:expr;)*) => {
        [$(Column { key: $key, name: $name, default: $default, value: $value, show: $show },)*]
    };
}

/// All columns, in order.
pub(super) const COLUMNS: [Column; 13] = columns! {
    "invocations" INVOCATIONS true |f| Some(f.sum(data::INVOCATIONS)), count;
    "errors" ERRORS true |f| Some(f.sum(data::ERRORS)), |n| beside(Shape::Error, n);
    "duration" DURATION_AVG true |f| f.mean(data::DURATION), seconds;
    "duration_max" DURATION_MAX false |f| f.max(data::DURATION), seconds;
    "cold_starts" COLD_STARTS false |f| Some(f.cold()), |n| beside(Shape::Cold, n);
    "init_duration" INIT_DURATION false |f| f.max(data::INIT_DURATION), seconds;
    "cost" COST true cost, |dollars| shown(show::dollars(dollars));
    "memory" MEMORY_USED true |f| f.max(data::MEMORY_USED), |mb| shown(show::memory(mb));
    "memory_share" MEMORY_SHARE false memory_share, |share| shown(show::percent(share));
    "timeouts" TIMEOUTS false |f| Some(f.sum(data::TIMEOUTS)), count;
    "out_of_memory" OUT_OF_MEMORY false |f| Some(f.sum(data::OUT_OF_MEMORY)), count;
    "throttles" THROTTLES false |f| Some(f.sum(data::THROTTLES)), count;
    "last_start" LAST_START true |f| f.last_ms().map(|ms| ms as f64), |ms| show::short_time(ms as i64);
};

fn shown(value: String) -> Markup {
    html! { (value) }
}

fn count(n: f64) -> Markup {
    shown(show::count(n))
}

fn seconds(seconds: f64) -> Markup {
    shown(show::seconds(seconds))
}

fn beside(shape: Shape, n: f64) -> Markup {
    match n > 0.0 {
        true => shape.beside(&show::count(n)),
        false => html! { "0" },
    }
}

fn cost(function: &FunctionMetrics) -> Option<f64> {
    (!function.of(data::COST).is_empty()).then(|| function.sum(data::COST))
}

fn memory_share(function: &FunctionMetrics) -> Option<f64> {
    let size = function.max(data::MEMORY_SIZE)?;
    Some(function.max(data::MEMORY_USED)? / size.max(1.0))
}

/// The columns that the visit asks for, else those shown by default.
pub(super) fn chosen(visit: &Visit) -> impl Iterator<Item = &'static Column> {
    let asked: Vec<&str> = visit.all("col").collect();
    COLUMNS.iter().filter(move |column| match asked.is_empty() {
        true => column.default,
        false => asked.contains(&column.key),
    })
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
    let choices = COLUMNS.iter();
    let choices = choices.map(|it| (it.key, it.name, chosen.contains(&it.key)));
    frame::chooser(visit, ("col", COLUMNS_WORD), choices)
}
