//! Bad scenarios: each mistake is found, at its place, with a way out.

mod meaning;
mod setting;
mod shape;
mod traffic;

use proptest::prelude::*;

use super::{Mistakes, Scenario, mistake::Mistake};
use crate::lang::{Lang, speaking};

/// The mistakes of a text. Each is said in Korean too, whatever it is.
fn mistakes(text: &str) -> Mistakes {
    let mistakes = Scenario::parse(text, "bad.toml").expect_err(text);
    for mistake in &mistakes.found {
        let said = [
            Some(&mistake.message),
            Some(&mistake.label),
            mistake.help.as_ref(),
        ];
        for phrase in said.into_iter().flatten() {
            let korean = phrase.to(Lang::Ko);
            assert_eq!(english(&korean), None, "{korean}");
        }
    }
    mistakes
}

/// Three English words that follow each other outside code and quotes.
fn english(text: &str) -> Option<String> {
    let quotes = |c| matches!(c, '`' | '"');
    let bare: String = text.split(quotes).step_by(2).collect::<Vec<_>>().join("·");
    let words: Vec<&str> = bare.split(' ').collect();
    let is_word = |word: &&str| {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
        bare.len() > 1 && bare.chars().all(|c| c.is_ascii_alphabetic())
    };
    let runs = words.windows(3).find(|three| three.iter().all(is_word));
    runs.map(|three| three.join(" "))
}

/// Each mistake as `line:column message / help`.
fn told(text: &str) -> Vec<String> {
    let mistakes = mistakes(text);
    let tell = |mistake: &Mistake| {
        let (line, column) = mistakes.position(mistake);
        let help = mistake.help.as_ref().map(ToString::to_string);
        let help = help.unwrap_or_default();
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

#[test]
fn a_picture_counts_characters_in_its_place_and_cells_under_its_line() {
    let shown = mistakes(&phase("\"요청\" = 1\nburst = 2")).to_string();
    let picture = " 4 │ \"요청\" = 1\n   · ──┬───\n   ·   ╰── unknown key\n";
    assert!(
        shown.contains("bad.toml:4:1") && shown.contains(picture),
        "{shown}"
    );
    let shown = mistakes(&phase("burst = \"스무 번\" # 많이")).to_string();
    let picture =
        " 4 │ burst = \"스무 번\" # 많이\n   ·         ────┬────\n   ·             ╰── text\n";
    assert!(
        shown.contains("bad.toml:4:9") && shown.contains(picture),
        "{shown}"
    );
    let shown = mistakes(&phase("fault = { kind = \"요\", share = 2 }\nburst = 1")).to_string();
    assert!(
        shown.contains("bad.toml:4:18") && shown.contains("bad.toml:4:31"),
        "{shown}"
    );
}

#[test]
fn a_phase_may_have_a_hangul_name_and_be_limited_by_it() {
    let text = "name = \"x\"\n[[phase]]\nname = \"버스트_1\"\nburst = 1\n\
                [thresholds]\n\"phase.버스트_1.response.p95\" = \"< 1s\"\n";
    let scenario = Scenario::parse(text, "own.toml").expect("a scenario");
    assert_eq!(scenario.phases[0].name, "버스트_1");
    assert_eq!(scenario.thresholds.len(), 1);
    let slip = text.replace("phase.버스트_1", "phase.버스터_1");
    assert!(
        told(&slip)[0].contains("did you mean `버스트_1`?"),
        "{:?}",
        told(&slip)
    );
}

#[test]
fn mistakes_are_shown_in_the_language_that_is_spoken() {
    let text = phase("bust = 20\nburst = 20");
    let shown = speaking(Lang::Ko, || mistakes(&text).to_string());
    for part in [
        "시나리오 bad.toml에 잘못된 곳이 있습니다",
        "`bust`는 `phase`의 키가 아닙니다",
        "╰── 알 수 없는 키",
        "도움말: 혹시 `burst`를 쓰려고 했나요?",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
}
