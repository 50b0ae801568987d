//! What verifying has to say beside its verdicts: notes of the run, which the next time replaces.

use crate::{
    lang::{Lang, Text},
    record::{Run, words::VERIFYING},
};

/// Notes what verifying has to say.
pub fn note(run: &mut Run, text: Text, values: &[&str]) {
    note_said(run, &text.say(Lang::En, values));
}

/// Notes what verifying has said.
pub fn note_said(run: &mut Run, said: &str) {
    let text = VERIFYING.say(Lang::En, &[said]);
    if !run.notes.contains(&text) {
        run.notes.push(text);
    }
}

/// What a note of a verification says; None of any other note.
fn of_verifying(note: &str) -> Option<&str> {
    VERIFYING.read(note)?.first().copied()
}

/// What the last verification noted.
pub fn notes(run: &Run) -> impl Iterator<Item = &str> {
    run.notes.iter().filter_map(|note| of_verifying(note))
}

/// Forgets what an earlier verification noted: this one says how it is now.
pub fn forget_notes(run: &mut Run) {
    run.notes.retain(|note| of_verifying(note).is_none());
}
