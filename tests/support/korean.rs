//! Whether a text is in Korean.

/// Runs of three or more English words outside code, quotes, addresses and names.
pub fn english(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // What waits for its Korean says so.
    for line in text.lines().filter(|line| !line.contains("[ko] ")) {
        let unquoted: Vec<&str> = line.split(['`', '"']).step_by(2).collect();
        let mut run: Vec<&str> = Vec::new();
        let bare = unquoted.join("·");
        for word in bare.split(' ').chain([""]) {
            let letters = word.trim_matches(|c: char| c.is_ascii_punctuation());
            let is_word = letters.len() > 1 && letters.chars().all(|c| c.is_ascii_alphabetic());
            // `cold_starts` and `loadgen` are names.
            let is_word = is_word && !["loadgen", "html", "out", "report"].contains(&letters);
            match is_word {
                true => run.push(letters),
                false if run.len() > 2 => found.push(std::mem::take(&mut run).join(" ")),
                false => run.clear(),
            }
        }
    }
    found
}
