//! Paging through what is too much for one page, newest first.

use maud::{Markup, html};

use super::{visit::Visit, words::*};
use crate::telemetry::store::Cursor;

/// Where the visit's page begins.
pub(super) fn after(visit: &Visit) -> Option<Cursor> {
    read(visit.get("after")?)
}

/// A place as it stands in an address: nanoseconds and number.
pub(super) fn written(place: Cursor) -> String {
    format!("{}-{}", place.at_ns, place.id)
}

/// Reads a place from an address.
pub(super) fn read(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('-')?;
    Some(Cursor {
        at_ns: at.parse().ok()?,
        id: id.parse().ok()?,
    })
}

/// Links to the newest and to the next older page.
pub(super) fn older(visit: &Visit, next: Option<Cursor>) -> Markup {
    let first = visit.get("after").is_none();
    html! {
        @if !first || next.is_some() {
            nav.pages aria-label=(visit.text(PAGING)) {
                @if !first { a href=(visit.with(&[])) { (visit.text(NEWEST)) } }
                @if let Some(place) = next {
                    a href=(visit.with(&[("after", Some(&written(place)))])) { (visit.text(OLDER)) }
                }
            }
        }
    }
}
