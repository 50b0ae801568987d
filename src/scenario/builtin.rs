//! The scenarios that come with loadgen: the files of `scenarios/`, compiled in.

use crate::lang::{Statement, statements::title};

/// A scenario that comes with loadgen.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its name, which is its file's.
    pub name: &'static str,
    /// Its title, which in English is its file's.
    pub title: fn() -> Statement,
    /// The complete file.
    pub text: &'static str,
}

macro_rules! builtins {
    ($($name:literal: $title:ident;)*) => {
        /// All of them, in the order in which a newcomer may want them.
        pub const BUILTINS: &[Builtin] = &[$(Builtin {
            name: $name,
            title: title::$title,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        },)*];
    };
}

builtins! {
    "cold-start": title_cold_start;
    "errors": title_errors;
    "spike": title_spike;
    "steady": title_steady;
    "quiet": title_quiet;
    "high-duration": title_high_duration;
    "high-memory": title_high_memory;
    "out-of-memory": title_out_of_memory;
    "timeouts": title_timeouts;
    "throttles": title_throttles;
    "over-provisioned": title_over_provisioned;
    "provisioned-concurrency": title_provisioned_concurrency;
    "shop": title_shop;
}

/// The built-in scenario of this name.
pub fn builtin(name: &str) -> Option<Builtin> {
    BUILTINS
        .iter()
        .copied()
        .find(|builtin| builtin.name == name)
}

/// The feeds of the built-in scenarios, by the file that they name.
const FEEDS: [(&str, &str); 1] = [(
    "shop-customers.csv",
    "email,qty\nana@example.com,1\nben@example.com,2\ncho@example.com,3\n",
)];

/// The text of a built-in scenario's feed.
pub(super) fn builtin_feed(file: &str) -> Option<&'static str> {
    let found = FEEDS.iter().find(|(name, _)| *name == file);
    found.map(|(_, text)| *text)
}
