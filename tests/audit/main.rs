//! `loadgen audit`: how near functions are to each Insight, held against a day whose troubles are
//! known, against `verify`, and against an API that answers badly.

mod agreement;
mod command;
mod day;
mod monitors;
mod shop;
#[path = "../support/mod.rs"]
mod support;
mod trouble;
