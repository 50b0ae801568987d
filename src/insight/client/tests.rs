use std::time::Duration;

use super::*;
use crate::insight::{Id, Met};
use crate::sample::Front;

fn sample(outcome: Outcome, status: Option<u16>) -> Sample {
    Sample {
        outcome,
        status,
        ..Sample::answered()
    }
}

fn marked(status: u16, temperature: Temperature) -> Sample {
    Sample {
        temperature,
        evidence: Evidence::Marker,
        request_id: Some("id".to_owned()),
        ..sample(Outcome::of_status(status, Front::RestApi), Some(status))
    }
}

fn seen(samples: &[Sample]) -> Observation {
    let settings = KnownSettings {
        timeout: Some(Duration::from_secs(3)),
        sample_app: true,
        ..KnownSettings::default()
    };
    let mut view = ClientView::new("entry", settings);
    samples.iter().for_each(|sample| view.add(sample));
    view.observation()
}

#[test]
fn marked_answers_are_cold_or_warm_for_certain() {
    let mut samples = vec![marked(200, Temperature::Cold); 20];
    samples.extend(vec![marked(200, Temperature::Warm); 100]);
    let seen = seen(&samples);
    assert_eq!(seen.get(Quantity::ColdStarts), Band::exactly(20));
    assert_eq!(seen.get(Quantity::Invocations), Band::exactly(120));
    let reading = Id::ColdStarts.insight().evaluate(&seen);
    assert_eq!(reading.met, Met::Yes);
    assert_eq!(
        reading.measured.text,
        "20 cold starts in 120 invocations: 16.7 %, more than 1 %"
    );
}

#[test]
fn answers_without_markers_leave_cold_and_warm_open() {
    let seen = seen(&vec![sample(Outcome::Ok, Some(200)); 30]);
    assert_eq!(seen.get(Quantity::ColdStarts), Band::between(0, 30));
    let reading = Id::ColdStarts.insight().evaluate(&seen);
    assert_eq!(reading.met, Met::CannotTell);
}

#[test]
fn an_estimate_is_no_certainty() {
    let estimated = Sample {
        temperature: Temperature::Cold,
        evidence: Evidence::Estimate,
        ..sample(Outcome::Ok, Some(200))
    };
    assert_eq!(
        seen(&[estimated]).get(Quantity::ColdStarts),
        Band::between(0, 1)
    );
}

#[test]
fn a_refused_request_did_not_run() {
    let mut samples = vec![marked(200, Temperature::Warm); 9];
    samples.push(sample(Outcome::Rejected, Some(500)));
    samples.push(sample(Outcome::Throttled, Some(429)));
    let seen = seen(&samples);
    assert_eq!(seen.get(Quantity::Invocations), Band::exactly(9));
    assert_eq!(seen.get(Quantity::Errors), Band::ZERO);
    assert_eq!(seen.get(Quantity::Throttles), Band::between(0, 2));
}

#[test]
fn a_500_that_the_function_returned_itself_ran_and_counts_once() {
    let seen = seen(&[marked(500, Temperature::Warm)]);
    assert_eq!(seen.get(Quantity::Invocations), Band::exactly(1));
    assert_eq!(seen.get(Quantity::Errors), Band::exactly(1));
    assert_eq!(seen.get(Quantity::Throttles), Band::ZERO);
}

#[test]
fn a_bare_502_is_an_error_of_unknown_temperature() {
    let seen = seen(&[sample(Outcome::FunctionError, Some(502))]);
    assert_eq!(seen.get(Quantity::Errors), Band::between(1, 3));
    assert_eq!(seen.get(Quantity::ColdStarts), Band::between(0, 1));
    // It came back after 40 ms, and the timeout is 3 s.
    assert_eq!(seen.get(Quantity::Timeouts), Band::ZERO);
    assert_eq!(seen.get(Quantity::OutOfMemory), Band::between(0, 1));
}

#[test]
fn a_502_as_slow_as_the_timeout_may_be_one() {
    let slow = Sample {
        done_us: 3_100_000,
        ..sample(Outcome::FunctionError, Some(502))
    };
    assert_eq!(seen(&[slow]).get(Quantity::Timeouts), Band::between(0, 1));
}

#[test]
fn a_traced_timeout_settles_timeouts_and_high_duration() {
    let traced = Sample {
        evidence: Evidence::Trace,
        temperature: Temperature::Warm,
        request_id: Some("id".to_owned()),
        ..sample(Outcome::FunctionTimeout, Some(502))
    };
    let seen = seen(&[traced]);
    for id in [Id::Timeouts, Id::HighDuration, Id::Errors] {
        assert_eq!(id.insight().evaluate(&seen).met, Met::Yes, "{id}");
    }
}

#[test]
fn a_failure_without_an_answer_may_or_may_not_have_run() {
    for outcome in [
        Outcome::TimedOut,
        Outcome::ConnectionClosed,
        Outcome::BadResponse,
        Outcome::IncompleteBody,
        Outcome::GatewayTimeout,
    ] {
        let seen = seen(&[sample(outcome, None)]);
        assert_eq!(seen.get(Quantity::Invocations), Band::between(0, 1));
        assert_eq!(seen.get(Quantity::Errors), Band::between(0, 3));
        assert_eq!(seen.get(Quantity::Timeouts), Band::between(0, 1));
    }
}

#[test]
fn what_never_was_sent_counts_nowhere() {
    let mut samples: Vec<Sample> = [
        Outcome::DnsFailure,
        Outcome::ConnectionRefused,
        Outcome::ConnectFailure,
        Outcome::TlsFailure,
        Outcome::NotSent,
    ]
    .map(|outcome| sample(outcome, None))
    .to_vec();
    for (place, sample) in samples.iter_mut().enumerate() {
        sample.sent_us = (place % 2 == 0).then_some(0);
    }
    let seen = seen(&samples);
    for quantity in [Quantity::Invocations, Quantity::Errors, Quantity::Throttles] {
        assert_eq!(seen.get(quantity), Band::ZERO);
    }
}

#[test]
fn a_client_never_settles_duration_or_memory() {
    let seen = seen(&vec![marked(200, Temperature::Warm); 5]);
    for id in [Id::HighDuration, Id::HighMemory, Id::OverProvisioned] {
        let reading = id.insight().evaluate(&seen);
        assert_eq!(reading.met, Met::CannotTell, "{id}");
        assert!(reading.reason.is_some());
    }
}

mod while_requests_are_open {
    use proptest::prelude::*;

    use super::*;

    fn any_sample() -> impl Strategy<Value = Sample> {
        let answers = prop::sample::select(vec![200_u16, 404, 429, 500, 502, 504]);
        let temperature = prop_oneof![
            Just(Temperature::Cold),
            Just(Temperature::Warm),
            Just(Temperature::Unknown)
        ];
        (answers, temperature, any::<bool>()).prop_map(|(status, temperature, by_marker)| {
            match by_marker {
                true => marked(status, temperature),
                false => sample(Outcome::of_status(status, Front::RestApi), Some(status)),
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_certain_with_requests_open_stays_so_whatever_comes(
            before in prop::collection::vec(any_sample(), 0..60),
            after in prop::collection::vec(any_sample(), 0..60),
        ) {
            let mut view = ClientView::new("entry", KnownSettings::default());
            before.iter().for_each(|sample| view.add(sample));
            let early = view.observation_with_open(after.len() as u64);
            after.iter().for_each(|sample| view.add(sample));
            let late = view.observation();
            for &id in Id::ALL {
                let insight = id.insight();
                let (early, late) = (insight.evaluate(&early).met, insight.evaluate(&late).met);
                prop_assert!(
                    early == Met::CannotTell || early == late,
                    "{id}: {early:?} with requests open, {late:?} at the end"
                );
            }
        }
    }
}
