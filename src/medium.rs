//! Makes text of others (a server's answer, a run's folder, a scenario, a name) safe for the medium
//! that shows it: one function per medium. Markdown's is `report::markdown::plain`; HTML is written
//! by `maud`, which escapes.

/// Replaces unsafe characters.
const REPLACED: char = char::REPLACEMENT_CHARACTER;

/// For a terminal or the log of a CI system. Control characters are replaced, except line breaks,
/// tabs and loadgen's own colours; so are characters that change the direction of writing. Commands
/// of CI systems are broken up by a space: a line that begins with `::` (GitHub), and `##` before a
/// word or a bracket anywhere in a line (`##[`, `##vso[` of Azure, `##teamcity[`).
pub fn terminal(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    let (mut begins, mut colon, mut hashes) = (true, false, 0);
    while let Some(next) = rest.chars().next() {
        if let Some(length) = style(rest) {
            safe.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        rest = &rest[next.len_utf8()..];
        let shown = if is_shown(next) { next } else { REPLACED };
        let ends_hashes = hashes >= 2 && shown != '#' && !shown.is_whitespace();
        if ends_hashes || (colon && shown == ':') {
            safe.push(' ');
        }
        safe.push(shown);
        colon = begins && shown == ':';
        begins = shown == '\n' || (begins && shown.is_whitespace());
        hashes = if shown == '#' { hashes + 1 } else { 0 };
    }
    safe
}

/// For JSON text: characters that a terminal might obey are escaped. Outside of strings JSON has
/// none of them.
pub fn json(text: String) -> String {
    let is_control = |c: char| matches!(c, '\u{7f}'..='\u{9f}');
    if !text.contains(is_control) {
        return text;
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match is_control(c) {
            true => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => safe.push(c),
        }
    }
    safe
}

/// For a POSIX shell: one word, quoted where it must be.
pub fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if word.contains('\'') && !word.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// For XML, which CI systems read and their logs may show: as for a terminal, without colours and
/// characters that XML 1.0 cannot hold even escaped.
pub fn xml(text: &str) -> String {
    let held = |c: char| is_shown(c) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let held = |c: char| if held(c) { c } else { REPLACED };
    terminal(text).chars().map(held).collect()
}

/// For a field of a table: on one line.
pub fn field(text: &str) -> String {
    let held = |c: char| if c.is_control() { REPLACED } else { c };
    text.chars().map(held).collect()
}

fn is_shown(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    matches!(c, '\n' | '\t') || !(c.is_control() || turns)
}

/// The length of the colour code that a text begins with: bold, dim, italic, underlined, the 16
/// colours and their ends, as reports use them.
fn style(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("\u{1b}[")?;
    let end = inner.find('m').filter(|end| *end <= 12)?;
    let known = |code: &str| {
        matches!(
            code.parse::<u8>(),
            Ok(0..=4 | 22..=24 | 30..=37 | 39 | 90..=97)
        )
    };
    inner[..end].split(';').all(known).then_some(2 + end + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_terminal_is_told_nothing_by_others() {
        for (text, safe) in [
            ("plain\n\ttext é 한", "plain\n\ttext é 한"),
            ("\u{1b}[1;32m✓\u{1b}[0m met", "\u{1b}[1;32m✓\u{1b}[0m met"),
            (
                "\u{1b}[2J\u{1b}]0;title\u{7}",
                "\u{fffd}[2J\u{fffd}]0;title\u{fffd}",
            ),
            ("\u{1b}[8mhidden", "\u{fffd}[8mhidden"),
            ("a\rb\u{9b}2Jc\u{202e}d", "a\u{fffd}b\u{fffd}2Jc\u{fffd}d"),
            ("a ::error::b", "a ::error::b"),
            ("a\n ::error::b\n", "a\n : :error::b\n"),
            (
                "\u{1b}[31m\u{1b}[1m::warning::b",
                "\u{1b}[31m\u{1b}[1m: :warning::b",
            ),
            ("x ##[error]y ##vso[task]", "x ## [error]y ## vso[task]"),
            ("##\u{1b}[0m[ :\u{1b}[0m:", "##\u{1b}[0m [ :\u{1b}[0m:"),
            (" :\u{1b}[0m:a", " :\u{1b}[0m :a"),
        ] {
            assert_eq!(terminal(text), safe, "{text:?}");
        }
    }

    #[test]
    fn xml_holds_what_it_can() {
        assert_eq!(
            xml("a\0b\u{1b}[31m\u{ffff}é\u{85}\n"),
            "a\u{fffd}b\u{fffd}[31m\u{fffd}é\u{fffd}\n"
        );
        assert_eq!(xml("a\r\n::error::b"), "a\u{fffd}\n: :error::b");
        assert_eq!(field("a\r\n::error::b"), "a\u{fffd}\u{fffd}::error::b");
    }

    proptest! {
        #[test]
        fn no_text_leads_out(text in "([ -~]|[\u{0}-\u{9f}]|\u{1b}\\[[0-9;]{0,4}[mJK]|::|##|\\[|\n){0,30}") {
            let safe = terminal(&text);
            let bare = anstream::adapter::strip_str(&safe).to_string();
            prop_assert!(bare.chars().all(is_shown), "{:?}", bare);
            prop_assert!(bare.lines().all(|line| !line.trim_start().starts_with("::")), "{:?}", bare);
            prop_assert!(!bare.contains("##["), "{:?}", bare);
            prop_assert_eq!(&terminal(&safe), &safe);
            prop_assert_eq!(shlex::split(&shell(&text.replace('\0', ""))), Some(vec![text.replace('\0', "")]));
            let escaped = json(serde_json::to_string(&text).expect("a text"));
            prop_assert!(escaped.chars().all(|c| !c.is_control()));
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).expect("JSON"), text);
        }
    }
}
