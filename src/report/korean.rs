//! What a run keeps as English sentences, in the reader's language.

use std::sync::LazyLock;

use crate::{
    insight,
    lang::{Lang, Phrasebook, Text},
    record, sample, scenario, verify,
};

static KEPT: LazyLock<Phrasebook> = LazyLock::new(|| Phrasebook::of(texts()));

/// Every text of which runs keep sentences.
fn texts() -> Vec<Text> {
    let rooms = [
        insight::texts(),
        record::texts(),
        sample::reason::TEXTS.to_vec(),
        scenario::texts(),
        verify::texts(),
    ];
    rooms.concat()
}

/// A sentence of a run's record in `lang`; None where it stays in English, as it is kept, or is
/// none of ours: a scenario's title, a system's error.
pub fn told(sentence: &str, lang: Lang) -> Option<String> {
    match lang {
        Lang::En => None,
        Lang::Ko => KEPT.korean(sentence),
    }
}

/// [`told`], or the sentence as it is.
pub fn said(sentence: &str, lang: Lang) -> String {
    told(sentence, lang).unwrap_or_else(|| sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::ReportLines;

    /// The places of a text, each once: `{}` and `{name}` in turn, `{1}` by its number.
    fn places(text: &str) -> Vec<usize> {
        let mut next = 0;
        let place = |part: &str| {
            let (name, _) = part.split_once('}').expect("a place that ends");
            name.parse().unwrap_or_else(|_| {
                next += 1;
                next - 1
            })
        };
        let mut places: Vec<usize> = text.split('{').skip(1).map(place).collect();
        places.sort_unstable();
        places.dedup();
        places
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
        for text in texts() {
            assert_eq!(places(text.en), places(text.ko), "{text:?}");
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
        for text in texts() {
            let english = text.say(Lang::En, &values);
            let korean = text.say(Lang::Ko, &values);
            assert_eq!(told(&english, Lang::Ko), Some(korean), "{english}");
            assert_eq!(told(&english, Lang::En), None);
        }
    }
}
