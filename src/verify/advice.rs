//! Data that is short, late or foreign: what it means, and what to do about it.

use std::time::Duration;

use super::{Subject, Watched, poll::rests_on_cloudwatch};
use crate::{
    insight::{Basis, Doubt, Quantity},
    lang::{FunctionName, Statement, statements::verifying},
};

/// For this long, Datadog's search finds every span that was sent. Afterwards it finds only those
/// that a retention filter keeps (Datadog, "Trace Retention": Live Search covers 15 minutes).
const LIVE_SEARCH_MS: i64 = 15 * 60 * 1_000;

/// What to know about the data on the run's entry function, in complete sentences. `now_ms` is the
/// moment on the target's clock, in milliseconds since 1970.
pub fn advice(subject: &Subject, now_ms: i64) -> Vec<Statement> {
    let mut advice = Vec::new();
    let who = subject.basis.who();
    let held_back = verifying::advice_held_back;
    for watched in subject
        .functions
        .iter()
        .filter(|watched| watched.view.entry)
    {
        let name = FunctionName(&watched.view.function);
        let Some(seen) = &watched.view.observed else {
            continue;
        };
        let reported = seen.get(Quantity::Invocations).low();
        let reports = seen.get(Quantity::Reports).low();
        match seen.doubt {
            Some(Doubt::Missing { reported: 0, sent }) => {
                advice.push(verifying::advice_none(who.clone(), sent, name));
            }
            Some(Doubt::Missing { reported, sent }) => {
                advice.push(verifying::advice_missing(
                    who.clone(),
                    reported,
                    sent,
                    name,
                    held_back(),
                ));
            }
            Some(Doubt::Foreign { reported, sent }) => {
                advice.push(verifying::advice_foreign(who.clone(), reported, name, sent));
            }
            Some(Doubt::Uncounted) | None if (1..reported).contains(&reports) => {
                advice.push(verifying::advice_durations(
                    who.clone(),
                    reports,
                    reported,
                    name,
                    held_back(),
                ));
            }
            Some(Doubt::Uncounted) | None => {}
        }
        if lacks_cloudwatch(subject, watched) {
            let ago = now_ms.saturating_sub(subject.to_ms).max(0).unsigned_abs();
            let ago = Duration::from_secs(ago / 1_000);
            advice.push(verifying::advice_cloudwatch(ago));
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
pub fn about_traces(subject: &Subject, traced: u64, wanted: u64, now_ms: i64) -> Option<Statement> {
    if traced >= wanted || subject.basis != Basis::Datadog {
        return None;
    }
    let age = now_ms.saturating_sub(subject.to_ms).max(0);
    let ago = Duration::from_secs(age.unsigned_abs() / 1_000);
    Some(match age > LIVE_SEARCH_MS {
        true => verifying::traces_gone(traced, wanted, ago),
        false => verifying::traces_to_come(traced, wanted),
    })
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
        let mut watched = Watched::entry(KnownSettings::default(), client);
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
            (75, 75, "Other traffic reached"),
        ] {
            let subject = subject(seen(reported, reports), Id::ColdStarts);
            let advice = advice(&subject, 60_000);
            assert_eq!(advice.len(), 1, "{advice:?}");
            assert!(advice[0].text.contains(part), "{part}: {advice:?}");
        }
        let complete = subject(seen(60, 60), Id::ColdStarts);
        assert!(advice(&complete, 60_000).is_empty());
    }

    #[test]
    fn what_cloudwatch_alone_knows_says_how_late_it_comes() {
        let waiting = subject(seen(60, 60), Id::Throttles);
        let advised = advice(&waiting, 360_000);
        assert!(
            advised[0].text.contains("10 to 20 minutes late"),
            "{advised:?}"
        );
        assert!(advised[0].text.contains("ended 5 min ago"), "{advised:?}");
        let there = seen(60, 60).with(Quantity::CloudwatchInvocations, Band::exactly(60));
        assert!(advice(&subject(there, Id::Throttles), 360_000).is_empty());
    }

    #[test]
    fn spans_that_no_filter_kept_are_explained_after_a_quarter_of_an_hour() {
        let subject = subject(seen(60, 60), Id::ColdStarts);
        let soon = about_traces(&subject, 10, 60, 60_000 + 60_000).expect("advice");
        assert!(soon.text.contains("so far"), "{soon}");
        let late = about_traces(&subject, 10, 60, 60_000 + 20 * 60_000).expect("advice");
        assert!(late.text.contains("retention filter"), "{late}");
        assert_eq!(about_traces(&subject, 60, 60, i64::MAX), None);
    }
}
