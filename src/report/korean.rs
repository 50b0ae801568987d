//! What a run keeps as English sentences, in the reader's language.

use std::sync::LazyLock;

use crate::{
    insight,
    lang::{Lang, Phrasebook, Text},
    record::{
        self,
        words::{AT_RATE, CLOSED_LOOP},
    },
    sample::{Outcome, reason},
    scenario::{self, BUILTINS},
    verify,
};

static KEPT: LazyLock<Phrasebook> = LazyLock::new(|| Phrasebook::of(texts()));
static PHASES: LazyLock<Phrasebook> = LazyLock::new(|| Phrasebook::of(scenario::phase_texts()));
static TITLES: LazyLock<Phrasebook> = LazyLock::new(|| Phrasebook::of(titles()));

/// Every text of which runs keep sentences, titles and phases left out.
fn texts() -> Vec<Text> {
    let outcomes = Outcome::ALL.map(|outcome| Text::new(outcome.key(), outcome.word().ko));
    let rooms = [
        insight::texts(),
        record::texts(),
        reason::TEXTS.to_vec(),
        outcomes.to_vec(),
        verify::texts(),
    ];
    rooms.concat()
}

/// The titles that are ours. A title may be any sentence of a user's, so no other text is read in it.
fn titles() -> Vec<Text> {
    let ours = BUILTINS.iter().map(|builtin| builtin.title);
    ours.chain([AT_RATE, CLOSED_LOOP]).collect()
}

/// A scenario's title in `lang`, or as it is.
pub fn title(title: &str, lang: Lang) -> String {
    let told = TITLES.in_lang(title, lang);
    told.unwrap_or_else(|| title.to_owned())
}

/// What a phase does in `lang`, or as it is.
pub fn phase(what: &str, lang: Lang) -> String {
    let told = PHASES.in_lang(what, lang);
    told.unwrap_or_else(|| what.to_owned())
}

/// A sentence of a run's record in `lang`; None where it stays in English, as it is kept, or is
/// none of ours: a system's error.
pub fn told(sentence: &str, lang: Lang) -> Option<String> {
    KEPT.in_lang(sentence, lang)
}

/// [`told`], or the sentence as it is.
pub fn said(sentence: &str, lang: Lang) -> String {
    told(sentence, lang).unwrap_or_else(|| sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::ReportLines;

    /// Every text, and the book that it is read by.
    fn books() -> [(Vec<Text>, &'static Phrasebook); 3] {
        [
            (texts(), &KEPT),
            (scenario::phase_texts(), &PHASES),
            (titles(), &TITLES),
        ]
    }

    fn all() -> impl Iterator<Item = (Text, &'static Phrasebook)> {
        let each = |(texts, book): (Vec<Text>, _)| texts.into_iter().map(move |text| (text, book));
        books().into_iter().flat_map(each)
    }

    fn letters(text: &str) -> impl Iterator<Item = char> {
        let mut inside = false;
        text.chars().filter(move |c| {
            inside = (inside || *c == '{') && *c != '}';
            !inside && c.is_alphabetic()
        })
    }

    #[test]
    fn every_text_is_korean_with_the_same_values() {
        // No text has any of these itself.
        let marks = ["①", "②", "③", "④", "⑤"];
        for (text, _) in all() {
            let [en, ko] = [Lang::En, Lang::Ko].map(|lang| text.say(lang, &marks));
            for mark in marks {
                assert_eq!(en.contains(mark), ko.contains(mark), "{text:?}");
            }
            let hangul = |c: char| ('가'..='힣').contains(&c);
            let is_name = text.en == text.ko && !text.en.contains(' ');
            let silent = letters(text.ko).next().is_none();
            assert!(
                is_name || silent || letters(text.ko).any(hangul),
                "{text:?}"
            );
            assert!(text.en.chars().any(|c| !"{} ".contains(c)), "{text:?}");
        }
    }

    #[test]
    fn what_lambdas_lines_say_is_told_whole() {
        for (place, share) in [None, Some((0.1, 0.1)), Some((0.1, 0.25))]
            .into_iter()
            .enumerate()
        {
            for lines in [0, 1, 5] {
                for (unknown, missing, joined) in [(0, 0, 0), (2, 0, 1), (0, 3, 4)] {
                    let lines = ReportLines {
                        function: "no function of ours".to_owned(),
                        lines,
                        cold: 1,
                        warm: 4,
                        unknown,
                        timeouts: 0,
                        missing,
                        joined,
                        share_low: share.map(|(low, _)| low),
                        share_high: share.map(|(_, high)| high),
                    };
                    let said = lines.sentence(|share| format!("{} %", share * 100.0));
                    let note = format!("verifying: {said}");
                    let korean = told(&note, Lang::Ko).unwrap_or_else(|| panic!("{note}"));
                    let ours = korean.replace("no function of ours", "");
                    for english in ["cold", "requests", "that", "between", "line"] {
                        assert!(!ours.contains(english), "{place}: {korean}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_text_is_told_by_itself_and_by_no_other() {
        let values = ["7", "8 ms", "9 %", "10", "11"];
        for (text, book) in all() {
            let english = text.say(Lang::En, &values);
            let korean = text.say(Lang::Ko, &values);
            assert_eq!(book.in_lang(&english, Lang::Ko), Some(korean), "{english}");
            assert_eq!(book.in_lang(&english, Lang::En), None);
        }
    }
}
