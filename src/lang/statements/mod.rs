//! Every fact that a record may hold, by its code: what is said of it in both languages. A code
//! and the order of its values belong to the schema of `run.json`; a text may change at any time.

pub mod ab;
pub mod audit;
pub mod benchmark;
pub mod comparison;
pub mod failure;
pub mod insight;
mod known;
pub mod logs;
pub mod notes;
pub mod phase;
pub mod quantity;
pub mod simulation;
pub mod title;
pub mod verdict;
pub mod verifying;

use std::{collections::HashMap, sync::LazyLock};

use super::Lang;

pub use known::Known;

const TABLES: [&[Known]; 14] = [
    ab::KNOWN,
    audit::KNOWN,
    benchmark::KNOWN,
    comparison::KNOWN,
    failure::KNOWN,
    insight::KNOWN,
    logs::KNOWN,
    notes::KNOWN,
    phase::KNOWN,
    quantity::KNOWN,
    simulation::KNOWN,
    title::KNOWN,
    verdict::KNOWN,
    verifying::KNOWN,
];

/// What is said of this code; None for one of another version.
pub fn find(code: &str) -> Option<Known> {
    static BY_CODE: LazyLock<HashMap<&str, Known>> =
        LazyLock::new(|| all().map(|known| (known.code, known)).collect());
    BY_CODE.get(code).copied()
}

fn all() -> impl Iterator<Item = Known> {
    TABLES.into_iter().flatten().copied()
}

/// What a class of failure is called, by its key: `http_error`.
pub fn outcome_word(key: &str, lang: Lang) -> Option<&'static str> {
    let (_, text) = failure::OUTCOMES.iter().find(|(known, _)| *known == key)?;
    Some(text.to(lang))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::template;

    #[test]
    fn a_code_stands_for_one_fact() {
        let mut codes: Vec<&str> = all().map(|known| known.code).collect();
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn every_fact_is_said_in_both_languages_with_the_same_values() {
        // No text has any of these itself.
        let marks = ["①", "②", "③", "④", "⑤", "⑥"];
        for known in all() {
            let values = &marks[..known.names.len()];
            let [en, ko] = [Lang::En, Lang::Ko]
                .map(|lang| template::fill(known.text.to(lang), known.names, values));
            for mark in values {
                assert!(en.contains(mark) && ko.contains(mark), "{known:?}");
            }
            let hangul = |c: char| ('가'..='힣').contains(&c);
            let has_words =
                known.text.ko.chars().any(char::is_alphabetic) && known.text.en.contains(' ');
            assert!(
                !has_words || ko.chars().any(hangul) || known.names.len() > 1,
                "{known:?}"
            );
        }
    }
}
