//! Data that is short, late or foreign: what it means, and what to do about it.

use std::time::Duration;

use super::{Subject, Watched, poll::rests_on_cloudwatch};
use crate::{
    insight::{Basis, Doubt, Quantity},
    lang::{Lang, texts},
    units::show_duration,
};

texts! {
    /// What is advised.
    pub(super) const TEXTS;
    NONE: "{} has none of the {} invocations of {function} in the run's time range. Telemetry takes a minute or two. If it does not come, the name is another one, or the function has no Datadog layers, or its DD_API_KEY or DD_SITE is another organization's: `loadgen doctor --stack NAME` looks at each",
        "실행의 시간 범위에서 {2} 함수의 호출 {1}회 중 하나도 {0}에 없습니다. 텔레메트리가 들어오기까지 1~2분이 걸립니다. 그 뒤에도 없으면 함수 이름이 다르거나, 함수에 Datadog 레이어가 없거나, DD_API_KEY 또는 DD_SITE가 다른 조직의 것입니다. `loadgen doctor --stack NAME`으로 하나씩 확인할 수 있습니다";
    MISSING: "{} has {} of the {} invocations of {function}. {}",
        "{3} 함수의 호출 {2}회 중 {1}회만 {0}에 있습니다. {4}";
    DURATIONS: "{} has the durations of {} of {} invocations of {function}. {}",
        "{3} 함수의 호출 {2}회 중 {1}회의 기간만 {0}에 있습니다. {4}";
    // Why the last data of a burst is late, and what brings it: the extension sends after each
    // invocation until it has seen some twenty, and then only while something runs (Datadog's
    // extension, its README and flush_control.rs). A trickle of requests reaches one or two
    // environments, so it is not advised.
    HELD_BACK: "An environment that is frozen after a burst holds its last telemetry back until it is invoked again or shut down, which takes minutes. With DD_SERVERLESS_FLUSH_STRATEGY=end on the function, as in loadgen's template, none does; otherwise repeat the run with as many requests at once, or wait until Lambda has shut its environments down, and run `loadgen verify` again",
        "버스트가 끝나고 정지된 환경은 다시 호출되거나 종료될 때까지 마지막 텔레메트리를 내보내지 않으며 여기에 몇 분이 걸립니다. loadgen의 템플릿처럼 함수에 DD_SERVERLESS_FLUSH_STRATEGY=end를 설정하면 그렇지 않습니다. 설정하지 않았다면 같은 수의 동시 요청으로 다시 실행하거나, Lambda가 환경을 종료할 때까지 기다린 뒤 `loadgen verify`를 다시 실행하세요";
    FOREIGN: "{} has {} invocations of {function} and this run caused at most {}: the others are a run just before or somebody else's. What is seen may be theirs, and nothing can be said to be absent; repeat the run when nobody else calls the function",
        "{0}에는 {2} 함수의 호출이 {1}회 있지만 이 실행이 일으킨 호출은 최대 {3}회입니다. 나머지는 직전의 실행이나 다른 사용자의 호출입니다. 나타난 인사이트가 그 호출 때문일 수 있고 없다고 단정할 수 있는 인사이트도 없습니다. 다른 호출이 없을 때 다시 실행하세요";
    ON_CLOUDWATCH: "throttles, iterator age and provisioned concurrency rest on CloudWatch's metrics, which come through the AWS integration 10 to 20 minutes late (2 to 3 with Metric Streams); the run ended {} ago. Run `loadgen verify` again later; `loadgen doctor` tells whether the integration is there",
        "스로틀링, 반복기 나이, 프로비저닝된 동시성은 CloudWatch 메트릭으로 판정하며 이 메트릭은 AWS 통합을 통해 10~20분(Metric Streams는 2~3분) 늦게 들어옵니다. 실행이 끝난 지 {} 지났습니다. 나중에 `loadgen verify`를 다시 실행하세요. 통합이 설정되어 있는지는 `loadgen doctor`가 알려 줍니다";
    TRACES_GONE: "{} of {} requests have a trace, and the run ended {} ago: Datadog finds every span for 15 minutes and afterwards only what a retention filter keeps. Run `loadgen verify` within 15 minutes of a run, or add a retention filter for the service",
        "요청 {1}회 중 {0}회만 트레이스가 있고 실행이 끝난 지 {2} 지났습니다. Datadog은 15분 동안 모든 스팬을 찾아 주고 그 뒤에는 보존 필터가 남긴 것만 찾아 줍니다. 실행 후 15분 안에 `loadgen verify`를 실행하거나 서비스의 보존 필터를 추가하세요";
    TRACES_TO_COME: "{} of {} requests have a trace so far; the others may come within minutes, or their traces were not kept (--keep-traces). Without one, what has no marker stays unknown",
        "지금까지 요청 {1}회 중 {0}회만 트레이스가 있습니다. 나머지는 몇 분 안에 들어오거나 보관되지 않았을 수 있습니다(--keep-traces). 표식도 트레이스도 없는 요청은 콜드인지 웜인지 알 수 없습니다";
}

/// For so long Datadog's search finds every span that came in; afterwards only those that a
/// retention filter keeps (Datadog, "Trace Retention": Live Search covers 15 minutes).
const LIVE_SEARCH_MS: i64 = 15 * 60 * 1_000;

/// What to know about the data on the run's entry function, in whole sentences. `now_ms` is the
/// moment on the target's clock, in milliseconds since 1970.
pub fn advice(subject: &Subject, now_ms: i64) -> Vec<String> {
    let mut advice = Vec::new();
    let who = subject.basis.who().en;
    let number = |count: u64| count.to_string();
    for watched in subject
        .functions
        .iter()
        .filter(|watched| watched.view.entry)
    {
        let name = &watched.view.function;
        let Some(seen) = &watched.view.observed else {
            continue;
        };
        let reported = seen.get(Quantity::Invocations).low();
        let reports = seen.get(Quantity::Reports).low();
        match seen.doubt {
            Some(Doubt::Missing { reported: 0, sent }) => {
                advice.push(NONE.say(Lang::En, &[who, &number(sent), name]));
            }
            Some(Doubt::Missing { reported, sent }) => advice.push(MISSING.say(
                Lang::En,
                &[who, &number(reported), &number(sent), name, HELD_BACK.en],
            )),
            Some(Doubt::Foreign { reported, sent }) => {
                advice.push(FOREIGN.say(Lang::En, &[who, &number(reported), name, &number(sent)]))
            }
            Some(Doubt::Uncounted) | None if (1..reported).contains(&reports) => {
                advice.push(DURATIONS.say(
                    Lang::En,
                    &[who, &number(reports), &number(reported), name, HELD_BACK.en],
                ));
            }
            Some(Doubt::Uncounted) | None => {}
        }
        if lacks_cloudwatch(subject, watched) {
            let ago = now_ms.saturating_sub(subject.to_ms).max(0).unsigned_abs();
            let ago = show_duration(Duration::from_secs(ago / 1_000));
            advice.push(ON_CLOUDWATCH.say(Lang::En, &[&ago]));
        }
    }
    advice
}

fn lacks_cloudwatch(subject: &Subject, watched: &Watched) -> bool {
    subject.basis == Basis::Datadog
        && rests_on_cloudwatch(subject)
        && watched.view.observed.as_ref().is_some_and(|seen| {
            let had = seen.get(Quantity::CloudwatchInvocations).low();
            had < watched.sent.low()
        })
}

/// What to know where only `traced` of `wanted` requests have a trace.
pub fn about_traces(subject: &Subject, traced: u64, wanted: u64, now_ms: i64) -> Option<String> {
    if traced >= wanted || subject.basis != Basis::Datadog {
        return None;
    }
    let age = now_ms.saturating_sub(subject.to_ms).max(0);
    let ago = show_duration(Duration::from_secs(age.unsigned_abs() / 1_000));
    let text = match age > LIVE_SEARCH_MS {
        true => TRACES_GONE,
        false => TRACES_TO_COME,
    };
    let [traced, wanted] = [traced, wanted].map(|count| count.to_string());
    Some(text.say(Lang::En, &[&traced, &wanted, &ago]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        insight::{Band, Id, KnownSettings, Observation},
        scenario::{Expect, Expected},
    };

    fn subject(seen: Observation, insight: Id) -> Subject {
        let client =
            Observation::new("f", Basis::Client).with(Quantity::Invocations, Band::exactly(60));
        let mut watched = Watched::entry(KnownSettings::default(), None, client);
        watched.view.observed = Some(seen);
        Subject {
            run_id: "r".to_owned(),
            from_ms: 0,
            to_ms: 60_000,
            basis: Basis::Datadog,
            expect: Expect {
                insights: vec![Expected {
                    insight,
                    function: None,
                }],
                ..Expect::default()
            },
            functions: vec![watched],
            tagged: true,
            service: None,
            env: None,
        }
    }

    fn seen(reported: u64, reports: u64) -> Observation {
        let mut seen = Observation::new("f", Basis::Datadog)
            .with(Quantity::Invocations, Band::exactly(reported))
            .with(Quantity::Reports, Band::exactly(reports));
        seen.doubt = match reported {
            0..60 => Some(Doubt::Missing { reported, sent: 60 }),
            60 => None,
            _ => Some(Doubt::Foreign { reported, sent: 60 }),
        };
        seen
    }

    #[test]
    fn each_kind_of_incomplete_data_comes_with_its_cause_and_the_next_step() {
        for (reported, reports, part) in [
            (0, 0, "loadgen doctor --stack"),
            (41, 41, "DD_SERVERLESS_FLUSH_STRATEGY=end"),
            (60, 40, "durations of 40 of 60"),
            (75, 75, "somebody else's"),
        ] {
            let subject = subject(seen(reported, reports), Id::ColdStarts);
            let advice = advice(&subject, 60_000);
            assert_eq!(advice.len(), 1, "{advice:?}");
            assert!(advice[0].contains(part), "{part}: {advice:?}");
        }
        let complete = subject(seen(60, 60), Id::ColdStarts);
        assert!(advice(&complete, 60_000).is_empty());
    }

    #[test]
    fn what_cloudwatch_alone_knows_says_how_late_it_comes() {
        let waiting = subject(seen(60, 60), Id::Throttles);
        let advised = advice(&waiting, 360_000);
        assert!(advised[0].contains("10 to 20 minutes late"), "{advised:?}");
        assert!(advised[0].contains("ended 5 min ago"), "{advised:?}");
        let there = seen(60, 60).with(Quantity::CloudwatchInvocations, Band::exactly(60));
        assert!(advice(&subject(there, Id::Throttles), 360_000).is_empty());
    }

    #[test]
    fn spans_that_no_filter_kept_are_explained_after_a_quarter_of_an_hour() {
        let subject = subject(seen(60, 60), Id::ColdStarts);
        let soon = about_traces(&subject, 10, 60, 60_000 + 60_000).expect("advice");
        assert!(soon.contains("so far"), "{soon}");
        let late = about_traces(&subject, 10, 60, 60_000 + 20 * 60_000).expect("advice");
        assert!(late.contains("retention filter"), "{late}");
        assert_eq!(about_traces(&subject, 60, 60, i64::MAX), None);
    }
}
