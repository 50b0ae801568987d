//! How a run ended, in one sentence: the same for every report.

use super::{korean, text::Look};
use crate::{
    insight::Id,
    lang::{Lang, texts},
    record::Run,
    units::show_count,
    verify::{Demand, Finding, Overall, Verdict},
};

texts! {
    const;

    INTERRUPTED: "Interrupted: {} of {} requests were sent, and nothing is claimed of the rest.",
        "중단됨: 요청 {1}회 중 {0}회를 보냈으며 나머지에 대해서는 아무것도 말하지 않습니다.";
    ABORTED: "Stopped early: {}. {} of {} requests were sent.", "조기 중단: {0}. 요청 {2}회 중 {1}회를 보냈습니다.";
    NO_ANSWER: "No request was answered.", "응답을 받은 요청이 없습니다.";
    RATE: "{} answers a second.", "초당 응답 {}회.";
    RATE_MISSED: "{} answers a second; {}.", "초당 응답 {}회. {}.";
    OF_FUNCTION: "{} of {}", "{1}의 {0}";
    SEEN: "{} seen as expected", "{} 예상대로 나타남";
    MISSING: "{} missing", "{} 나타나지 않음";
    LATE: "{} not seen yet", "{} 아직 나타나지 않음";
    UNEXPECTED: "{} seen and must not be", "{} 나타나지 않아야 하는데 나타남";
    UNTOLD: "nobody could tell whether {} is there", "{} 나타났는지 알 수 없음";
    UNTOLD_MANY: "nobody could tell whether {} are there", "{} 나타났는지 알 수 없음";
    LIMIT_KEPT: "the limit kept", "한계값을 지킴";
    LIMITS_KEPT: "all {} limits kept", "한계값 {}개를 모두 지킴";
    LIMITS_MISSED: "{} of {} limits missed", "한계값 {1}개 중 {0}개를 넘음";
    LIMITS_UNTOLD: "{} of {} limits cannot be told", "한계값 {1}개 중 {0}개를 판단할 수 없음";
    NOTHING_ELSE: "no unexpected Insight", "예상하지 않은 인사이트 없음";
    MET: "Met", "충족";
    MISSED: "Missed", "미충족";
    NOT_VERIFIED: "Not verified", "확인되지 않음";
}

/// How the run ended, in a sentence, and how it looks. `name` says an Insight, `function` a
/// function other than the entry function.
pub fn sentence(
    run: &Run,
    lang: Lang,
    name: &dyn Fn(Id) -> &'static str,
    function: &dyn Fn(&str) -> String,
) -> (Look, String) {
    let sent = [run.requests.sent, run.requests.planned].map(show_count);
    if let Some(why) = &run.aborted {
        let why = korean::said(why, lang);
        let sentence = ABORTED.say(lang, &[&why, &sent[0], &sent[1]]);
        return (Look::Bad, sentence);
    }
    if run.interrupted {
        let sentence = INTERRUPTED.say(lang, &[&sent[0], &sent[1]]);
        return (Look::Caution, sentence);
    }
    if let Some(rate) = run.requests_per_second {
        let rate = show_count(rate.round() as u64);
        return match run.verdict {
            Overall::Met | Overall::NotVerified => (Look::Good, RATE.say(lang, &[&rate])),
            Overall::Missed if run.requests.completed == 0 => {
                (Look::Bad, NO_ANSWER.to(lang).to_owned())
            }
            Overall::Missed => {
                let said = limits(run, lang).join("; ");
                (Look::Bad, RATE_MISSED.say(lang, &[&rate, &said]))
            }
        };
    }
    let (look, word) = match run.verdict {
        Overall::Met => (Look::Good, MET),
        Overall::Missed => (Look::Bad, MISSED),
        Overall::NotVerified => (Look::Dim, NOT_VERIFIED),
    };
    let named = |finding: &Finding| {
        let said = name(finding.id);
        match finding.function == run.target.functions.entry_or_unnamed() {
            true => said.to_owned(),
            false => OF_FUNCTION.say(lang, &[said, &function(&finding.function)]),
        }
    };
    let parts = parts(run, lang, &named);
    let word = word.to(lang);
    match parts.is_empty() {
        true => (look, format!("{word}.")),
        false => (look, format!("{word}: {}.", parts.join("; "))),
    }
}

fn parts(run: &Run, lang: Lang, named: &dyn Fn(&Finding) -> String) -> Vec<String> {
    let names = |wanted: &dyn Fn(&Finding) -> bool| -> Vec<String> {
        let found = run.insights.iter().filter(|finding| wanted(finding));
        found.map(named).collect()
    };
    let seen = names(&|finding| finding.verdict == Verdict::Seen);
    let missing = names(&|finding| finding.verdict == Verdict::Missing);
    let late = names(&|finding| finding.verdict == Verdict::NotSeenYet);
    let unexpected = names(&|finding| finding.verdict == Verdict::Unexpected);
    let untold = names(&|finding| {
        finding.verdict == Verdict::CannotTell && finding.expected == Some(Demand::Present)
    });
    let untold_said = match untold.len() {
        1 => UNTOLD,
        _ => UNTOLD_MANY,
    };
    let mut parts: Vec<String> = [
        (&seen, SEEN),
        (&missing, MISSING),
        (&late, LATE),
        (&unexpected, UNEXPECTED),
        (&untold, untold_said),
    ]
    .into_iter()
    .filter(|(names, _)| !names.is_empty())
    .map(|(names, said)| said.say(lang, &[&names.join(", ")]))
    .collect();
    parts.extend(limits(run, lang));
    if unexpected.is_empty() && run.verdict == Overall::Met {
        parts.push(NOTHING_ELSE.to(lang).to_owned());
    }
    parts
}

/// What came of the limits, where there are any.
fn limits(run: &Run, lang: Lang) -> Vec<String> {
    let count = |met| {
        run.thresholds
            .iter()
            .filter(|limit| limit.met == met)
            .count()
    };
    let all = run.thresholds.len();
    if count(Some(true)) == all {
        return match all {
            0 => Vec::new(),
            1 => vec![LIMIT_KEPT.to(lang).to_owned()],
            _ => vec![LIMITS_KEPT.say(lang, &[&all.to_string()])],
        };
    }
    [(Some(false), LIMITS_MISSED), (None, LIMITS_UNTOLD)]
        .into_iter()
        .filter(|(met, _)| count(*met) > 0)
        .map(|(met, said)| said.say(lang, &[&count(met).to_string(), &all.to_string()]))
        .collect()
}
