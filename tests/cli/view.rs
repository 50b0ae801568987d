//! `loadgen view` as it is typed.

use crate::{place::Place, support::command::Finished};

fn view(words: &[&str]) -> Finished {
    Place::new().run(&[&["view"], words].concat())
}

#[test]
fn without_a_run_it_says_how_to_make_one() {
    view(&[]).ended(2, &["loadgen cold-start"]);
    view(&["nothing-there"]).ended(2, &["no run"]);
}

#[test]
fn a_language_that_is_not_spoken_is_refused() {
    view(&["--lang", "fr"]).ended(2, &["en, ko"]);
}
