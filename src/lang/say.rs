//! How facts and their values are written in each language.

use std::{fmt, time::Duration};

use super::{
    FailureKind, InsightOn, Lang, Range, Reason, Statement, Text, Value, current, show_count,
    show_duration, show_percent, speaking, statements, template,
};

/// The form of values: Insights and functions have different names in different places.
pub struct Speaker<'a> {
    /// The language.
    pub lang: Lang,
    /// An Insight's name, by its key.
    pub insight: &'a dyn Fn(&str) -> String,
    /// The name of a function.
    pub function: &'a dyn Fn(&str) -> String,
}

impl Speaker<'_> {
    /// With the names that files have.
    pub fn plain(lang: Lang) -> Speaker<'static> {
        Speaker {
            lang,
            insight: &str::to_owned,
            function: &str::to_owned,
        }
    }
}

const FROM_TO: Text = Text::new("{} to {}", "{}~{}");
const AT_LEAST: Text = Text::new("at least {}", "최소 {}");
const AT_MOST: Text = Text::new("at most {}", "최대 {}");
const UNKNOWN: Text = Text::new("unknown", "알 수 없음");
const OF_FUNCTION: Text = Text::new("{} of {}", "{1}의 {0}");
const OF_FUNCTIONS: Text = Text::new("{} of {} functions", "함수 {1}개의 {0}");
const FEW: Text = Text::new("{} ({}, needs {})", "{}({}개, {}개 필요)");

impl Value {
    /// The value in the speaker's language.
    pub fn say(&self, speaker: &Speaker<'_>) -> String {
        match self {
            Value::Count(count) => show_count(*count),
            Value::Number(number) => number.to_string(),
            Value::Share(share) => percent(show_percent(*share), speaker.lang),
            Value::Percent(value) => percent(format!("{value} %"), speaker.lang),
            Value::DurationUs(micros) => show_duration(Duration::from_micros(*micros)),
            Value::MemoryKib(kib) => format!("{} MB", (*kib as f64 / 102.4).round() / 10.0),
            Value::Usd(dollars) => format!("${dollars:.6}"),
            Value::Range(range) => range.say(speaker),
            Value::Insights(which) => joined(which, |on| on.say(speaker)),
            Value::Failures(kinds) if kinds.is_empty() => String::new(),
            Value::Failures(kinds) => format!(" ({})", joined(kinds, |kind| kind.say(speaker))),
            Value::TooFew(which) => joined(which, |few| {
                let [samples, needed] = [few.samples, few.needed].map(show_count);
                FEW.say(speaker.lang, &[&few.metric, &samples, &needed])
            }),
            Value::FailureClass(class) => class_said(class, speaker.lang),
            Value::Function(name) => (speaker.function)(name),
            Value::Names(names) => names.join(", "),
            Value::Verbatim(text) => text.clone(),
            Value::Reason(reason) => reason.to(speaker.lang).to_owned(),
            Value::Statement(statement) => statement.say(speaker),
            Value::Other(other) => other.to_string(),
        }
    }
}

impl fmt::Display for Value {
    /// In the language that is spoken now, with the names that files have.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&Speaker::plain(current())))
    }
}

/// A percentage as a language writes it: `1 %`, and `1%` in Korean.
fn percent(english: String, lang: Lang) -> String {
    match lang {
        Lang::En => english,
        Lang::Ko => english.replace(" %", "%"),
    }
}

fn joined<T>(all: &[T], say: impl Fn(&T) -> String) -> String {
    all.iter().map(say).collect::<Vec<_>>().join(", ")
}

impl Range {
    /// `20`, `20 to 52`, `at least 3`, `unknown`.
    fn say(&self, speaker: &Speaker<'_>) -> String {
        let said = |bound: &Option<Box<Value>>| bound.as_ref().map(|value| value.say(speaker));
        let lang = speaker.lang;
        match (said(&self.low), said(&self.high)) {
            (None, None) => UNKNOWN.to(lang).to_owned(),
            (Some(low), None) => AT_LEAST.say(lang, &[&low]),
            (None, Some(high)) => AT_MOST.say(lang, &[&high]),
            (Some(low), Some(high)) if low == high => low,
            // One unit is enough, and Korean joins the numbers.
            (Some(low), Some(high)) => template::fill(FROM_TO.to(lang), &[], &[low, high]),
        }
    }
}

impl InsightOn {
    fn say(&self, speaker: &Speaker<'_>) -> String {
        let name = (speaker.insight)(&self.id);
        if let Some(functions) = self.functions {
            return OF_FUNCTIONS.say(speaker.lang, &[&name, &show_count(functions)]);
        }
        match &self.function {
            None => name,
            Some(function) => {
                OF_FUNCTION.say(speaker.lang, &[&name, &(speaker.function)(function)])
            }
        }
    }
}

impl FailureKind {
    fn say(&self, speaker: &Speaker<'_>) -> String {
        let word = match self.status {
            Some(status) => status.to_string(),
            None => class_said(&self.class, speaker.lang),
        };
        format!("{} × {word}", show_count(self.count))
    }
}

/// What a class of failures is called.
fn class_said(class: &str, lang: Lang) -> String {
    statements::outcome_word(class, lang)
        .unwrap_or(class)
        .to_owned()
}

impl fmt::Display for Reason {
    /// In the language that is spoken now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to(current()))
    }
}

impl Reason {
    /// The sentence in `lang`.
    pub fn to(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }

    /// What is said in each language.
    pub fn of(said: impl fmt::Display) -> Reason {
        let [en, ko] = [Lang::En, Lang::Ko].map(|lang| speaking(lang, || said.to_string()));
        Reason { en, ko }
    }
}

impl Statement {
    /// A fact of this code; `names` are what its values are called in the text.
    pub(super) fn new(code: &str, text: Text, names: &[&str], values: Vec<Value>) -> Statement {
        let speaker = Speaker::plain(Lang::En);
        let said: Vec<String> = values.iter().map(|value| value.say(&speaker)).collect();
        Statement {
            code: code.to_owned(),
            text: template::fill(text.en, names, &said),
            values,
        }
    }

    /// The text of its code. None for a code of another version, and if the values do not match it:
    /// a record may have been edited.
    fn known(&self) -> Option<statements::Known> {
        let others = self
            .values
            .iter()
            .any(|value| matches!(value, Value::Other(_)));
        let known = statements::find(&self.code)?;
        (known.names.len() == self.values.len() && !others).then_some(known)
    }

    /// The fact in the speaker's language; in the words that it brings where its code is unknown.
    pub fn say(&self, speaker: &Speaker<'_>) -> String {
        let Some(known) = self.known() else {
            return self.text.clone();
        };
        let values: Vec<String> = self.values.iter().map(|value| value.say(speaker)).collect();
        template::fill(known.text.to(speaker.lang), known.names, &values)
    }

    /// The fact in `lang`, with the names that files have.
    pub fn to(&self, lang: Lang) -> String {
        self.say(&Speaker::plain(lang))
    }

    /// Whether it has a text in `lang`, and not only the English that it brings.
    pub fn is_in(&self, lang: Lang) -> bool {
        lang == Lang::En || self.known().is_some()
    }
}

impl fmt::Display for Statement {
    /// In the language that is spoken now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to(current()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_of_a_newer_version_is_said_in_the_words_that_it_brings() {
        let newer =
            r#"{"code": "of_tomorrow", "values": [{"moon": 3}], "text": "the moon is full"}"#;
        let statement: Statement = serde_json::from_str(newer).expect("a statement");
        assert_eq!(statement.to(Lang::Ko), "the moon is full");
        let kept = serde_json::to_value(&statement).expect("JSON");
        assert_eq!(kept["values"][0]["moon"], 3);
    }

    #[test]
    fn a_fact_whose_values_do_not_fit_is_said_in_the_words_that_it_brings() {
        for values in ["[]", r#"[{"weird": [1]}]"#] {
            let edited =
                format!(r#"{{"code": "idle", "values": {values}, "text": "idle for 1 s"}}"#);
            let statement: Statement = serde_json::from_str(&edited).expect("a statement");
            assert_eq!(statement.to(Lang::Ko), "idle for 1 s");
            assert!(!statement.is_in(Lang::Ko));
        }
    }

    #[test]
    fn a_sentence_of_schema_1_is_shown_as_it_stands() {
        let old: Statement = serde_json::from_str(r#""more than 1 %""#).expect("a statement");
        assert_eq!(old.to(Lang::Ko), "more than 1 %");
    }
}
