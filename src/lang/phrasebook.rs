//! Sentences that were said in English, said in Korean: a run keeps what it says as English
//! sentences, and whoever reads it may not.

use std::cmp::Reverse;

use super::{Lang, Text, parts};
use crate::units::is_unit;

/// Texts that sentences were made from.
#[derive(Clone, Debug)]
pub struct Phrasebook {
    /// Those with the most words first: a text that says little may fit what another says whole.
    texts: Vec<Text>,
}

/// A longer sentence is nobody's of ours, and is not looked at: a file may hold any.
const LONGEST: usize = 4_000;
/// So many texts are held against one sentence and what is in it, and no more.
const MOST_TRIED: u32 = 100_000;

impl Phrasebook {
    /// The phrasebook of these texts.
    pub fn of(mut texts: Vec<Text>) -> Phrasebook {
        texts.sort_by_key(|text| Reverse(words(text.en)));
        Phrasebook { texts }
    }

    /// The sentence in Korean; None for one that was said from no text here. What stands in it is
    /// said in Korean too, numbers and the values of named places (`{function}`) left as they are;
    /// so is a reason (`{why}`) that was said from no text here.
    pub fn korean(&self, english: &str) -> Option<String> {
        let mut left = MOST_TRIED;
        (english.len() <= LONGEST).then(|| self.told(english, &mut left))?
    }

    /// The sentence in `lang` where that is another one than it is kept in, as [`Phrasebook::korean`].
    pub fn in_lang(&self, english: &str, lang: Lang) -> Option<String> {
        match lang {
            Lang::En => None,
            Lang::Ko => self.korean(english),
        }
    }

    fn told(&self, english: &str, left: &mut u32) -> Option<String> {
        self.texts.iter().find_map(|text| {
            *left = left.checked_sub(1)?;
            let values = text.read(english)?;
            let mut told = vec![String::new(); values.len()];
            let (mut before, parts) = parts(text.en);
            for part in parts {
                let value = *values.get(part.place)?;
                let is_named = part.name.starts_with(|c: char| c.is_ascii_alphabetic());
                let is_reason = part.name == "why";
                // Else the end of one phrase would be taken for the end of a whole sentence.
                let is_too_much = has_parts(value) && !is_set_off(before, part.words);
                *told.get_mut(part.place)? = match is_named {
                    true if is_reason => {
                        let korean = self.told(value, left);
                        korean.unwrap_or_else(|| value.to_owned())
                    }
                    true => value.to_owned(),
                    false if is_too_much => return None,
                    false => match self.told(value, left) {
                        Some(korean) => korean,
                        None => is_number(value).then(|| value.to_owned())?,
                    },
                };
                before = part.words;
            }
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            Some(text.say(Lang::Ko, &told))
        })
    }
}

/// How much of a text are words, not places.
fn words(text: &str) -> usize {
    let (begin, parts) = parts(text);
    begin.len() + parts.iter().map(|part| part.words.len()).sum::<usize>()
}

/// What sets the parts of a sentence off from each other.
const MARKS: [char; 4] = [',', ';', ':', '.'];

/// Whether a place between these words holds a whole part of the sentence.
fn is_set_off(before: &str, after: &str) -> bool {
    let begins = before.is_empty() || before.trim_end().ends_with(MARKS);
    begins && (after.is_empty() || after.starts_with(MARKS))
}

/// Whether a value is made of several parts.
fn has_parts(value: &str) -> bool {
    let mut words = value.split(' ').rev().skip(1);
    words.any(|word| word.ends_with(MARKS))
}

/// Whether this is a number, with a unit or as a limit: `20`, `1 h 30 min`, `16.7 %`, `< 800ms`.
fn is_number(value: &str) -> bool {
    let is_part = |word: &str| {
        let number = word.trim_start_matches(['<', '>', '=']);
        let begins = number.starts_with(|c: char| c.is_ascii_digit());
        begins || number.is_empty() || is_unit(word)
    };
    value.contains(|c: char| c.is_ascii_digit()) && value.split(' ').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn korean(sentence: &str) -> Option<String> {
        let texts = [
            ("{}, {}", "{}, {}"),
            ("{} to {}", "{}~{}"),
            ("{} cold starts", "콜드 스타트 {}회"),
            ("at least {}", "최소 {}"),
            ("timeout", "제한 시간"),
            ("{function} has no {} of its own", "{}: 자체 {} 없음"),
            ("not verified: {why}", "검증하지 못했습니다: {}"),
            ("not {}", "{} 아님"),
        ];
        Phrasebook::of(texts.map(|(en, ko)| Text::new(en, ko)).to_vec()).korean(sentence)
    }

    #[test]
    fn what_stands_in_a_sentence_is_said_in_korean_too() {
        for (english, expected) in [
            ("20 to 52 cold starts", "콜드 스타트 20~52회"),
            (
                "at least 3 cold starts, not 20 %",
                "콜드 스타트 최소 3회, 20 % 아님",
            ),
            ("timeout", "제한 시간"),
            ("1 h 30 min, not > 50%", "1 h 30 min, > 50% 아님"),
        ] {
            assert_eq!(korean(english).as_deref(), Some(expected), "{english}");
        }
    }

    #[test]
    fn a_name_is_in_nobodys_language() {
        let said = korean("timeout has no timeout of its own");
        assert_eq!(said.as_deref(), Some("timeout: 자체 제한 시간 없음"));
        let said = korean("not verified: failed to look it up");
        let expected = "검증하지 못했습니다: failed to look it up";
        assert_eq!(said.as_deref(), Some(expected));
        // A reason may be a sentence of ours.
        let said = korean("not verified: at least 3 cold starts");
        let expected = "검증하지 못했습니다: 콜드 스타트 최소 3회";
        assert_eq!(said.as_deref(), Some(expected));
    }

    #[test]
    fn what_only_looks_like_ours_stays_as_it_is() {
        for other in [
            "From here to there",
            "Five cold starts",
            "not so",
            "A burst, a pause, an error",
            "12 of these, 3",
            "",
        ] {
            assert_eq!(korean(other), None, "{other}");
        }
    }

    #[test]
    fn a_file_that_means_harm_takes_no_time() {
        let nested = "1 to ".repeat(700) + "x";
        assert_eq!(korean(&nested), None);
        let branching = "1 to 1, ".repeat(400) + "x";
        assert_eq!(korean(&branching), None);
        assert_eq!(korean(&"1 to ".repeat(100_000)), None);
    }
}
