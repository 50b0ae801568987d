//! "Did you mean": the known word nearest to a mistyped one.

/// The known word that `found` was probably meant to be, where one is near enough.
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing takes time proportional to both lengths, and no name is this long.
    if found.len() > 80 {
        return None;
    }
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', ' '], "-");
    let found = plain(found);
    let near = (found.chars().count() / 3).max(1);
    let begun = |word: &str| found.len() >= 3 && word.starts_with(&found);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&found, &plain(word)), word))
        .filter(|(distance, word)| *distance <= near || begun(&plain(word)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_fingers_finds_its_word() {
        let known = ["idle", "burst", "rate", "ramp", "poisson"];
        assert_eq!(nearest("bust", known), Some("burst"));
        assert_eq!(nearest("Burst", known), Some("burst"));
        assert_eq!(nearest("poison", known), Some("poisson"));
        assert_eq!(nearest("cold_start", ["cold-start"]), Some("cold-start"));
        assert_eq!(
            nearest("cold", ["errors", "cold-start"]),
            Some("cold-start")
        );
    }

    #[test]
    fn a_word_that_is_near_nothing_finds_none() {
        assert_eq!(nearest("", ["idle"]), None);
        assert_eq!(nearest("concurrency", ["idle", "burst"]), None);
        assert_eq!(nearest(&"x".repeat(10_000), ["idle"]), None);
    }
}
