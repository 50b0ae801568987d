//! Bad scenarios: each mistake is found, at its place, with a way out.

mod meaning;
mod shape;

use proptest::prelude::*;

use super::{Mistakes, Scenario, mistake::Mistake};

fn mistakes(text: &str) -> Mistakes {
    Scenario::parse(text, "bad.toml").expect_err(text)
}

/// Each mistake as `line:column message / help`.
fn told(text: &str) -> Vec<String> {
    let mistakes = mistakes(text);
    let tell = |mistake: &Mistake| {
        let (line, column) = mistakes.position(mistake);
        let help = mistake.help.as_deref().unwrap_or_default();
        format!("{line}:{column} {} / {help}", mistake.message)
    };
    mistakes.found.iter().map(tell).collect()
}

/// The file has exactly this mistake, which begins and ends as given.
#[track_caller]
fn one(text: &str, begins: &str, ends: &str) {
    let told = told(text);
    assert!(
        told.len() == 1 && told[0].starts_with(begins) && told[0].ends_with(ends),
        "wanted `{begins} ... {ends}`, got {told:#?}"
    );
}

/// A scenario whose only phase is this.
fn phase(lines: &str) -> String {
    format!("name = \"x\"\n[[phase]]\nname = \"p\"\n{lines}\n")
}

/// A sound scenario with this before its phase.
fn before(lines: &str) -> String {
    format!("name = \"x\"\n{lines}\n[[phase]]\nname = \"p\"\nburst = 1\n")
}

#[test]
fn mistakes_of_every_kind_are_reported_together_in_order() {
    let text = "name = \"no good\"\nsed = 1\n[[phase]]\nname = \"a\"\nbust = 1\n\
                [[phase]]\nname = \"b\"\nidle = \"soon\"\n[thresholds]\n\"x\" = \"< 1\"\n";
    let places: Vec<String> = told(text)
        .iter()
        .filter_map(|told| Some(told.split_once(' ')?.0.to_owned()))
        .collect();
    assert_eq!(places, ["1:8", "2:1", "5:1", "8:8", "10:1"]);
}

#[test]
fn the_place_is_shown_with_its_line_and_the_way_out() {
    let shown = mistakes(&phase("bust = 20\nburst = 20")).to_string();
    for part in [
        "bad.toml:4:1",
        "4 │ bust = 20",
        "unknown key",
        "did you mean `burst`?",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    for (text, place) in [
        ("name = \"x", "1:"),
        ("name = \"x\"\nname = \"y\"", "2:1 "),
        ("name = \"x\"\n[[phase]\n", "2:"),
        ("name = \"x\"\n= 3", "2:"),
        ("\u{0}", "1:1 "),
    ] {
        let told = told(text);
        assert!(told[0].starts_with(place), "{text:?}: {told:?}");
    }
}

#[test]
fn a_file_cannot_command_the_terminal() {
    let text = before("# \u{1b}[31m \u{9b}31m\nsed = \"\\u001b[31m\"");
    assert!(!mistakes(&text).to_string().contains(['\u{1b}', '\u{9b}']));
    let named = Scenario::parse("x", "\u{1b}[31m")
        .expect_err("bad")
        .to_string();
    assert!(!named.contains('\u{1b}'));
}

#[test]
fn deep_nesting_and_endless_lines_are_refused_in_few_words() {
    let deep = format!("name = {}", "[".repeat(100_000));
    assert!(mistakes(&deep).to_string().len() < 10_000);
    let long = format!("name = \"{}\"", "x ".repeat(100_000));
    assert!(mistakes(&long).to_string().len() < 10_000);
    let many = "[[phase]]\n".repeat(10_000);
    assert!(mistakes(&many).to_string().len() < 10_000);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}") {
        if let Err(mistakes) = Scenario::parse(&text, "x") {
            prop_assert!(!mistakes.to_string().is_empty());
        }
    }

    /// A sound scenario with a piece cut out and another put in: nearly TOML, nearly right.
    #[test]
    fn no_edit_makes_it_panic(
        which in 0..super::BUILTINS.len(),
        at in 0.0..1.0,
        cut in 0..20_usize,
        put in "[ -~\\n\"]{0,8}",
    ) {
        let chars: Vec<char> = super::BUILTINS[which].text.chars().collect();
        let at = (at * chars.len() as f64) as usize;
        let end = (at + cut).min(chars.len());
        let edited: String = chars[..at]
            .iter()
            .copied()
            .chain(put.chars())
            .chain(chars[end..].iter().copied())
            .collect();
        if let Err(mistakes) = Scenario::parse(&edited, "x") {
            prop_assert!(!mistakes.to_string().is_empty());
        }
    }
}
