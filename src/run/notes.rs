//! What verification reports besides its verdicts: notes of the run, which the next verification
//! replaces.

use crate::{
    lang::{Statement, Value, statements::notes::verifying},
    record::Run,
};

/// Notes what verifying has to say.
pub fn note(run: &mut Run, said: Statement) {
    let note = verifying(said);
    if !run.notes.contains(&note) {
        run.notes.push(note);
    }
}

/// What the last verification noted.
pub fn notes(run: &Run) -> impl Iterator<Item = &Statement> {
    let of_verifying = run.notes.iter().filter(|note| is_of_verifying(note));
    of_verifying.filter_map(|note| match note.values.first() {
        Some(Value::Statement(said)) => Some(&**said),
        _ => None,
    })
}

/// Forgets what an earlier verification noted: this one says how it is now.
pub fn forget_notes(run: &mut Run) {
    run.notes.retain(|note| !is_of_verifying(note));
}

fn is_of_verifying(note: &Statement) -> bool {
    // A record of schema 1 has no codes.
    let of_schema_1 = || note.code.is_empty() && note.text.starts_with("verifying: ");
    note.code == "verifying" || of_schema_1()
}
