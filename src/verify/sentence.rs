//! What a verdict rests on, as facts for the record and as a sentence in the reader's language.

use crate::{
    insight::Id,
    lang::{Lang, Text},
    record::{FailureKind, InsightOn, Run, Statement, StatementValue, TooFewSamples},
    sample::Outcome,
    units::show_count,
};

/// Facts by code: each is a function of its values, so that number and kind of them are checked,
/// with the text in both languages.
macro_rules! statements {
    ($($code:ident($($value:ident: $kind:ident $type:ty),*): $en:literal, $ko:literal;)*) => {
        $(pub(super) fn $code($($value: $type),*) -> Statement {
            stated(stringify!($code), vec![$(StatementValue::$kind($value)),*])
        })*

        /// The text of each code.
        const TEXTS: &[(&str, Text)] = &[$((stringify!($code), Text::new($en, $ko))),*];
    };
}

statements! {
    no_answer(failures: Failures Vec<FailureKind>): "no request was answered{}", "응답을 받은 요청이 없음{}";
    failed_unasked(failed: Count u64, of: Count u64, failures: Failures Vec<FailureKind>):
        "{} of {} requests failed unexpectedly{}", "요청 {1}회 중 {0}회가 예상과 달리 실패함{2}";
    if_meant(line: Verbatim String): "if you expect that, write `{}`", "의도한 결과라면 `{}`(으)로 지정하세요";
    interrupted(sent: Count u64, planned: Count u64): "{} of {} requests were sent, and nothing is claimed of the rest",
        "요청 {1}회 중 {0}회를 보냈으며 나머지에 대해서는 판단하지 않습니다";
    sent_of(sent: Count u64, planned: Count u64): "{} of {} requests were sent", "요청 {1}회 중 {0}회를 보냈습니다";
    seen(which: Insights Vec<InsightOn>): "{} seen as expected", "{} 예상대로 나타남";
    missing(which: Insights Vec<InsightOn>): "{} missing", "{} 나타나지 않음";
    not_seen_yet(which: Insights Vec<InsightOn>): "{} not seen yet", "{} 아직 나타나지 않음";
    unexpected(which: Insights Vec<InsightOn>): "{} seen and must not be", "{} 나타나지 않아야 하는데 나타남";
    undetermined(which: Insights Vec<InsightOn>): "{} cannot be determined", "{} 판단할 수 없음";
    absent(which: Insights Vec<InsightOn>): "{} absent as expected", "{} 예상대로 나타나지 않음";
    no_others(determined: Count u64): "no unexpected Insight among the {} that could be determined",
        "판단할 수 있는 인사이트 {}개 중 예상하지 않은 것 없음";
    others_undetermined(): "none of the Insights that must not appear could be determined",
        "나타나지 않아야 할 인사이트를 하나도 판단할 수 없음";
    thresholds_kept(all: Count u64): "all {} thresholds kept", "임계값 {}개를 모두 지킴";
    threshold_kept(): "the threshold kept", "임계값을 지킴";
    thresholds_missed(missed: Count u64, all: Count u64): "{} of {} thresholds missed", "임계값 {1}개 중 {0}개를 벗어남";
    too_few_samples(which: TooFew Vec<TooFewSamples>): "too few samples for {}", "샘플이 너무 적음: {}";
    figures_undetermined(which: Names Vec<String>): "{} cannot be determined", "{} 판단할 수 없음";
    not_asked(): "the data could not be asked for", "데이터를 조회할 수 없었음";
    nothing_checked(): "nothing was expected, limited or verified: add `[expect]` or `--threshold`",
        "예상, 임계값, 검증이 모두 없음: `[expect]` 또는 `--threshold`를 추가하세요";
}

/// How values are said: Insights and functions have other names in other places.
pub struct Speaker<'a> {
    /// The language.
    pub lang: Lang,
    /// An Insight's name.
    pub insight: &'a dyn Fn(Id) -> String,
    /// The name of a function that is not the entry function.
    pub function: &'a dyn Fn(&str) -> String,
}

impl Speaker<'_> {
    /// English, with the names that files have.
    pub fn plain() -> Speaker<'static> {
        Speaker {
            lang: Lang::En,
            insight: &|id| id.key().to_owned(),
            function: &str::to_owned,
        }
    }

    /// A fact in the reader's language; in the words that it brings where its code is unknown.
    pub fn say(&self, statement: &Statement) -> String {
        let found = TEXTS.iter().find(|(code, _)| *code == statement.code);
        let Some((_, text)) = found else {
            return statement.text.clone();
        };
        let values: Vec<String> = statement.values.iter().map(|v| self.value(v)).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        text.say(self.lang, &values)
    }

    fn value(&self, value: &StatementValue) -> String {
        match value {
            StatementValue::Count(count) => show_count(*count),
            StatementValue::Verbatim(text) => text.clone(),
            StatementValue::Names(names) => names.join(", "),
            StatementValue::Insights(which) => joined(which.iter().map(|on| self.insight_on(on))),
            StatementValue::Failures(kinds) if kinds.is_empty() => String::new(),
            StatementValue::Failures(kinds) => {
                format!(" ({})", joined(kinds.iter().map(|kind| self.failure(kind))))
            }
            StatementValue::TooFew(which) => joined(which.iter().map(|few| {
                let [samples, needed] = [few.samples, few.needed].map(show_count);
                FEW.say(self.lang, &[&few.metric, &samples, &needed])
            })),
            StatementValue::Other(other) => other.to_string(),
        }
    }

    fn insight_on(&self, on: &InsightOn) -> String {
        let name = (self.insight)(on.id);
        match &on.function {
            None => name,
            Some(function) => OF_FUNCTION.say(self.lang, &[&name, &(self.function)(function)]),
        }
    }

    fn failure(&self, kind: &FailureKind) -> String {
        let outcome = Outcome::ALL.into_iter().find(|o| o.key() == kind.class);
        let word = match (kind.status, outcome) {
            (Some(status), _) => status.to_string(),
            (None, Some(outcome)) => outcome.word().to(self.lang).to_owned(),
            (None, None) => kind.class.clone(),
        };
        format!("{} × {word}", show_count(kind.count))
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn stated(code: &str, values: Vec<StatementValue>) -> Statement {
    let mut statement = Statement {
        code: code.to_owned(),
        values,
        text: String::new(),
    };
    statement.text = Speaker::plain().say(&statement);
    statement
}

const OF_FUNCTION: Text = Text::new("{} of {}", "{1}의 {0}");
const FEW: Text = Text::new("{} ({}, needs {})", "{}({}개, {}개 필요)");
const MET: Text = Text::new("Met", "충족");
const MISSED: Text = Text::new("Missed", "미충족");
const NOT_VERIFIED: Text = Text::new("Not verified", "확인되지 않음");
const INTERRUPTED: Text = Text::new("Interrupted", "중단됨");
const STOPPED_EARLY: Text = Text::new("Stopped early", "조기 중단");
const OVER_ANSWERS: Text = Text::new("{} ({} answers)", "{}(응답 {}회)");
const OVER_ANSWER: Text = Text::new("{} (1 answer)", "{}(응답 1회)");
const RATE: Text = Text::new("{} answers a second", "초당 응답 {}회");
const RATE_OF_ONE: Text = Text::new("1 answer a second", "초당 응답 1회");

/// How the run ended, in one sentence: the same in every report. It says on how many answers it
/// rests. `aborted` is why the run stopped early, in the reader's language.
pub fn sentence(run: &Run, aborted: Option<&str>, speaker: &Speaker<'_>) -> String {
    use crate::record::Overall::{Met, Missed, NotVerified};
    let lang = speaker.lang;
    let head = match (run.requests_per_second, run.verdict) {
        _ if aborted.is_some() => STOPPED_EARLY.to(lang).to_owned(),
        _ if run.interrupted => INTERRUPTED.to(lang).to_owned(),
        // A rate of nothing is no headline.
        (Some(_), Missed) if run.requests.completed == 0 => MISSED.to(lang).to_owned(),
        (Some(rate), _) if rate.round() as u64 == 1 => RATE_OF_ONE.to(lang).to_owned(),
        (Some(rate), _) => RATE.say(lang, &[&show_count(rate.round() as u64)]),
        (None, Met) => MET.to(lang).to_owned(),
        (None, Missed) => MISSED.to(lang).to_owned(),
        (None, NotVerified) => NOT_VERIFIED.to(lang).to_owned(),
    };
    let head = match run.requests.completed {
        1 => OVER_ANSWER.say(lang, &[&head]),
        answers => OVER_ANSWERS.say(lang, &[&head, &show_count(answers)]),
    };
    let said = run.reasons.iter().map(|reason| speaker.say(reason));
    let parts: Vec<String> = aborted.map(str::to_owned).into_iter().chain(said).collect();
    match parts.is_empty() {
        true => format!("{head}."),
        false => format!("{head}: {}.", parts.join("; ")),
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
        assert_eq!(Speaker::plain().say(&statement), "the moon is full");
        let kept = serde_json::to_value(&statement).expect("JSON");
        assert_eq!(kept["values"][0]["moon"], 3);
    }

    #[test]
    fn every_fact_is_said_in_korean_with_the_same_values() {
        let marks = ["①", "②", "③"];
        for (code, text) in TEXTS {
            let [en, ko] = [Lang::En, Lang::Ko].map(|lang| text.say(lang, &marks));
            for mark in marks {
                assert_eq!(en.contains(mark), ko.contains(mark), "{code}");
            }
            assert!(ko.chars().any(|c| ('가'..='힣').contains(&c)), "{code}");
        }
    }
}
