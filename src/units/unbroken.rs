//! Numbers and their units, which stay together.

/// What stands after a number and a blank.
const UNITS: [&str; 9] = ["%", "µs", "ms", "s", "min", "h", "d", "MB", "pt"];

/// What joins two words that no line may part.
pub const NO_BREAK: char = '\u{a0}';

/// Whether this word is a unit.
pub fn is_unit(word: &str) -> bool {
    UNITS.contains(&word)
}

/// The marks of a terminal, which belong to the word behind them.
const MARKS: [char; 6] = ['◆', '●', '○', '✗', '▲', '✓'];

/// `text` with [`NO_BREAK`] between each number and its unit, and between a mark and its word.
pub fn unbroken(text: &str) -> String {
    let mut words = text.split(' ');
    let mut joined = words.next().unwrap_or_default().to_owned();
    for word in words {
        let bare = word.trim_end_matches([',', ';', '.', ':', ')']);
        let is_one = (joined.ends_with(|c: char| c.is_ascii_digit()) && is_unit(bare))
            || joined.ends_with(MARKS);
        joined.push(if is_one { NO_BREAK } else { ' ' });
        joined.push_str(word);
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_and_its_unit_are_joined_and_nothing_else() {
        for (text, joined) in [
            ("87.5 %, more than 10 %", "87.5\u{a0}%, more than 10\u{a0}%"),
            ("idle for 2 d (9 s)", "idle for 2\u{a0}d (9\u{a0}s)"),
            ("a % of 3 pieces", "a % of 3 pieces"),
            ("✓ kept, ◆ cold", "✓\u{a0}kept, ◆\u{a0}cold"),
            ("  two  blanks ", "  two  blanks "),
            ("", ""),
        ] {
            assert_eq!(unbroken(text), joined, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_blanks_changes(text in "[0-9a-z% ,]{0,40}") {
            prop_assert_eq!(unbroken(&text).replace(NO_BREAK, " "), text);
        }
    }
}
