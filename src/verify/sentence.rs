//! How a run ended, as a sentence in the reader's language.

use crate::{
    lang::{Speaker, texts, three_digits},
    record::Run,
};

texts! {
    const;
    MET: "Met", "충족";
    MISSED: "Missed", "미충족";
    NOT_VERIFIED: "Not verified", "확인되지 않음";
    INTERRUPTED: "Interrupted", "중단됨";
    STOPPED_EARLY: "Stopped early", "조기 중단";
    over_answers(head: String, answers: u64): "{head} ({answers} {answers?answer|answers})", "{head}(응답 {answers}회)";
    answers_a_second(rate: u64): "{rate} {rate?answer|answers} a second", "초당 응답 {rate}회";
    few_a_second(rate: String): "{} answers a second", "초당 응답 {}회";
}

/// How the run ended, in one sentence: the same in every report. It says on how many answers it
/// rests.
pub fn sentence(run: &Run, speaker: &Speaker<'_>) -> String {
    use crate::record::Overall::{Met, Missed, NotVerified};
    let lang = speaker.lang;
    let head = match (run.requests_per_second, run.verdict) {
        _ if run.aborted.is_some() => STOPPED_EARLY.to(lang).to_owned(),
        _ if run.interrupted => INTERRUPTED.to(lang).to_owned(),
        // A rate of nothing is no headline.
        (Some(_), Missed) if run.requests.completed == 0 => MISSED.to(lang).to_owned(),
        // 0.5 or 2.4 a second is said so.
        (Some(rate), _) if rate < 9.5 && (rate - rate.round()).abs() > 0.005 => {
            few_a_second(three_digits(rate)).to(lang)
        }
        (Some(rate), _) => answers_a_second(rate.round() as u64).to(lang),
        (None, Met) => MET.to(lang).to_owned(),
        (None, Missed) => MISSED.to(lang).to_owned(),
        (None, NotVerified) => NOT_VERIFIED.to(lang).to_owned(),
    };
    let head = match &run.watched {
        Some(_) => head,
        None => over_answers(head, run.requests.completed).to(lang),
    };
    let facts = run.aborted.iter().chain(&run.reasons);
    let parts: Vec<String> = facts.map(|fact| fact.say(speaker)).collect();
    match parts.is_empty() {
        true => format!("{head}."),
        false => format!("{head}: {}.", parts.join("; ")),
    }
}
