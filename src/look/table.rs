//! The heads of tables.

use std::fmt::Display;

use maud::{Markup, html};

/// A row of heads: what each column is called, and whether it holds numbers.
pub fn heads<T: Display>(columns: impl IntoIterator<Item = (T, bool)>) -> Markup {
    html! {
        thead { tr {
            @for (name, is_number) in columns {
                th class=[is_number.then_some("number")] scope="col" { (name) }
            }
        } }
    }
}
