//! Cursors: where the next page of a search begins, opaque to clients.

use crate::telemetry::store::{Cursor, SearchOrder, fnv};

/// A cursor as text. It is valid only for the same `search`.
pub(super) fn written(place: Cursor, order: SearchOrder, search: &str) -> String {
    format!(
        "{:016x}{:016x}{:016x}",
        place.at_ns as u64,
        place.id as u64,
        check(place, order, search)
    )
}

/// The place that a cursor means. None if it is no cursor of this search.
pub(super) fn read(text: &str, order: SearchOrder, search: &str) -> Option<Cursor> {
    if text.len() != 48 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let number = |at: usize| u64::from_str_radix(&text[at..at + 16], 16).ok();
    let place = Cursor {
        at_ns: number(0)? as i64,
        id: number(16)? as i64,
    };
    (number(32)? == check(place, order, search)).then_some(place)
}

/// FNV-1a over everything that must not differ. It keeps mistakes out, not attackers, who
/// could only read what they may search anyway.
fn check(place: Cursor, order: SearchOrder, search: &str) -> u64 {
    let order = match order {
        SearchOrder::OldestFirst => b'+',
        SearchOrder::NewestFirst => b'-',
    };
    let numbers = place
        .at_ns
        .to_le_bytes()
        .into_iter()
        .chain(place.id.to_le_bytes());
    fnv(numbers.chain([order]).chain(search.bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_back_and_only_by_its_own_search(
            at_ns: i64, id: i64, search in ".{0,20}", other in ".{0,20}"
        ) {
            let place = Cursor { at_ns, id };
            let text = written(place, SearchOrder::OldestFirst, &search);
            prop_assert_eq!(read(&text, SearchOrder::OldestFirst, &search), Some(place));
            prop_assert_eq!(read(&text, SearchOrder::NewestFirst, &search), None);
            if other != search {
                prop_assert_eq!(read(&text, SearchOrder::OldestFirst, &other), None);
            }
        }

        #[test]
        fn anything_else_is_refused(text in "\\PC{0,60}", hex in "[0-9a-f]{48}") {
            prop_assert_eq!(read(&text, SearchOrder::OldestFirst, ""), None);
            prop_assert_eq!(read(&hex, SearchOrder::OldestFirst, ""), None);
        }
    }
}
