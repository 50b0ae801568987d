//! Makes text from other sources safe in Markdown.

/// `text` so that GitHub and GitLab show it as it is: on one line, without markup, links, HTML, or
/// mentions of people.
pub fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // An invisible comment keeps it from being a mention.
            '@' => escaped.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_whitespace() || c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_becomes_markup() {
        assert_eq!(plain("a|b\n# c"), "a\\|b \\# c");
        assert_eq!(plain("<img src=x>"), "&lt;img src=x&gt;");
        assert_eq!(
            plain("[x](y) `z` @team"),
            "\\[x\\](y) \\`z\\` @<!-- -->team"
        );
    }
}
