//! For tests: English where Korean is spoken.

/// Runs of three or more English words in `text`, without what is quoted (`code`, "texts") and our
/// own commands.
fn english_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    let text = text.replace("loadgen aws ", "loadgen-aws-");
    let unquoted = text.split('`').step_by(2).collect::<Vec<_>>().join("·");
    let unquoted = unquoted.split('"').step_by(2).collect::<Vec<_>>().join("·");
    for word in unquoted.split_whitespace().chain([""]) {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
        let is_word = bare.len() > 1 && bare.chars().all(|c| c.is_ascii_alphabetic());
        if is_word {
            words.push(word);
        }
        if !is_word || word.ends_with([',', '.', ':']) {
            let run = std::mem::take(&mut words);
            found.extend((run.len() > 2).then(|| run.join(" ")));
        }
    }
    found
}

/// Asserts that each of `said` has another text in Korean, without a run of English words.
///
/// # Panics
/// When one has.
pub fn assert_korean(said: impl IntoIterator<Item = impl std::fmt::Display>) {
    for said in said {
        let reason = super::Reason::of(&said);
        assert_ne!(reason.en, reason.ko);
        assert_eq!(english_in(&reason.ko), [""; 0], "{}", reason.ko);
    }
}
