use proptest::prelude::*;

use super::*;
use crate::lang::Lang;

fn shares(part: Quantity, k: u64, n: u64) -> Observation {
    Observation::new("f", Basis::Datadog)
        .with(part, Band::exactly(k))
        .with(Quantity::Invocations, Band::exactly(n))
        .with(Quantity::CloudwatchInvocations, Band::exactly(n))
}

fn met(id: Id, seen: &Observation) -> Met {
    id.insight().evaluate(seen).met
}

#[test]
fn exactly_one_percent_does_not_fire() {
    for (k, n, fires) in [
        (1, 100, Met::No),
        (2, 100, Met::Yes),
        (1, 99, Met::Yes),
        (10, 1000, Met::No),
        (11, 1000, Met::Yes),
        (0, 0, Met::No),
        (u64::MAX / 100, u64::MAX, Met::No),
        (u64::MAX / 100 + 1, u64::MAX, Met::Yes),
    ] {
        let seen = shares(Quantity::ColdStarts, k, n);
        assert_eq!(met(Id::ColdStarts, &seen), fires, "{k} of {n}");
    }
    assert_eq!(
        met(Id::HighErrors, &shares(Quantity::Errors, 10, 100)),
        Met::No
    );
    assert_eq!(
        met(Id::HighErrors, &shares(Quantity::Errors, 11, 100)),
        Met::Yes
    );
}

#[test]
fn a_burst_of_b_fires_until_there_are_99_times_as_many_warm_ones() {
    for b in [1, 7, 50, 1000] {
        for (warm, fires) in [(99 * b - 1, Met::Yes), (99 * b, Met::No)] {
            let seen = shares(Quantity::ColdStarts, b, b + warm);
            assert_eq!(met(Id::ColdStarts, &seen), fires, "{b} cold, {warm} warm");
        }
    }
}

#[test]
fn the_share_beside_a_limit_is_shown_with_the_digits_that_tell_them_apart() {
    let measured = |k, n| {
        let seen = shares(Quantity::ColdStarts, k, n);
        Id::ColdStarts.insight().evaluate(&seen).measured.text
    };
    assert_eq!(
        measured(1, 100),
        "1 cold start in 100 invocations: 1 %, not more than 1 %"
    );
    assert_eq!(
        measured(10_001, 1_000_000),
        "10,001 cold starts in 1,000,000 invocations: 1.0001 %, more than 1 %"
    );
}

#[test]
fn peaks_compare_with_the_configured_limit() {
    let seen = |micros, kib| {
        Observation::new("f", Basis::Sandbox)
            .with(Quantity::Invocations, Band::exactly(5))
            .with(Quantity::LongestDuration, Band::exactly(micros))
            .with(Quantity::Timeout, Band::exactly(3_000_000))
            .with(Quantity::MemoryUsed, Band::exactly(kib))
            .with(Quantity::MemorySize, Band::exactly(512 * 1024))
    };
    assert_eq!(met(Id::HighDuration, &seen(2_850_000, 0)), Met::No);
    assert_eq!(met(Id::HighDuration, &seen(2_850_001, 0)), Met::Yes);
    assert_eq!(met(Id::HighMemory, &seen(0, 486 * 1024)), Met::No);
    assert_eq!(met(Id::HighMemory, &seen(0, 487 * 1024)), Met::Yes);
    assert_eq!(met(Id::OverProvisioned, &seen(0, 51 * 1024)), Met::Yes);
    assert_eq!(met(Id::OverProvisioned, &seen(0, 52 * 1024)), Met::No);
}

#[test]
fn a_function_that_never_ran_is_not_over_provisioned() {
    let seen = Observation::new("f", Basis::Datadog).with(Quantity::Invocations, Band::ZERO);
    assert_eq!(met(Id::OverProvisioned, &seen), Met::No);
}

#[test]
fn throttles_fire_only_if_they_do_in_both_readings() {
    // 11 refused beside 99 that ran: 11.1 % of those, 10 % of all.
    let cases = [
        (10, 100, Met::No),
        (11, 99, Met::CannotTell),
        (12, 99, Met::Yes),
        (5, 0, Met::Yes),
    ];
    for (refused, ran, expected) in cases {
        let seen = shares(Quantity::Throttles, refused, ran);
        assert_eq!(
            met(Id::Throttles, &seen),
            expected,
            "{refused} beside {ran}"
        );
    }
}

#[test]
fn provisioned_concurrency_needs_some() {
    let seen = |ready, ppm| {
        Observation::new("f", Basis::Datadog)
            .with(Quantity::ProvisionedConcurrency, ready)
            .with(Quantity::ProvisionedUtilization, ppm)
    };
    let low = Band::exactly(599_999);
    assert_eq!(
        met(Id::ProvisionedConcurrency, &seen(Band::ZERO, low)),
        Met::No
    );
    assert_eq!(
        met(Id::ProvisionedConcurrency, &seen(Band::exactly(2), low)),
        Met::Yes
    );
    let limit = Band::exactly(600_000);
    assert_eq!(
        met(Id::ProvisionedConcurrency, &seen(Band::exactly(2), limit)),
        Met::No
    );
    assert_eq!(
        met(Id::ProvisionedConcurrency, &seen(Band::UNKNOWN, low)),
        Met::CannotTell
    );
}

#[test]
fn values_of_metrics_keep_their_units() {
    assert_eq!(Quantity::Timeout.read(3.0), Some(Band::exactly(3_000_000)));
    assert_eq!(Quantity::MemoryUsed.read(76.0), Some(Band::exactly(77_824)));
    assert_eq!(Quantity::Invocations.read(2.5), Some(Band::between(2, 3)));
    assert_eq!(
        Quantity::ProvisionedUtilization.read(25.0),
        Some(Band::exactly(250_000))
    );
    assert_eq!(
        Quantity::ProvisionedUtilization.read(0.25),
        Some(Band::between(2_500, 250_000))
    );
    for absurd in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(Quantity::Invocations.read(absurd), None);
    }
}

#[test]
fn queries_name_the_function_in_lower_case() {
    let queries = Id::ColdStarts.insight().queries("My-Function");
    let texts: Vec<&str> = queries.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "sum:aws.lambda.enhanced.invocations{functionname:my-function,cold_start:true}.as_count()",
            "sum:aws.lambda.enhanced.invocations{functionname:my-function}.as_count()",
        ]
    );
}

#[test]
fn every_entry_of_the_catalogue_is_complete() {
    for &id in Id::ALL {
        let insight = id.insight();
        assert_eq!(insight.id, id);
        for text in [insight.name, insight.when, insight.advice] {
            assert!(!text.en.is_empty() && !text.ko.is_empty(), "{id}");
        }
        assert!(insight.advice.en.matches(['.', ':']).count() >= 1, "{id}");
        assert!(!insight.needs.is_empty(), "{id}");
        let known: Vec<_> = insight.queries("f");
        let unmeasured = matches!(insight.condition, Condition::Unmeasured);
        assert_eq!(known.is_empty(), unmeasured, "{id}");
    }
}

#[test]
fn a_timeout_implies_errors_through_high_errors() {
    let implied = Id::Timeouts.insight().implied();
    for id in [Id::Errors, Id::HighErrors, Id::HighDuration, Id::ColdStarts] {
        assert!(implied.contains(&id), "{id}");
    }
    assert!(!implied.contains(&Id::Timeouts));
}

#[test]
fn quantities_stand_in_order() {
    for (place, quantity) in Quantity::ALL.iter().copied().enumerate() {
        assert_eq!(quantity.place(), place);
    }
}

#[test]
fn parts_that_are_counted_apart_from_the_whole_have_a_least_share_or_none() {
    let said = |part: Band, whole: u64| {
        let mut seen = Observation::new("f", Basis::Cloudwatch);
        seen.set(Quantity::Errors, part);
        seen.set(Quantity::Invocations, Band::exactly(whole));
        Id::HighErrors.insight().evaluate(&seen).measured.text
    };
    let (apart, none) = (Band::between(4, 20), Band::between(0, 20));
    assert_eq!(
        said(apart, 8),
        "4 to 20 enhanced.errors in 8 invocations: at least 50 %, more than 10 %"
    );
    assert_eq!(
        said(none, 8),
        "0 to 20 enhanced.errors in 8 invocations, possibly more than 10 %"
    );
}

fn any_band() -> impl Strategy<Value = Band> {
    // Small numbers, so that limits are often hit exactly.
    (0..400u64, prop::option::of(0..400u64)).prop_map(|(low, more)| match more {
        None => Band::at_least(low),
        Some(more) => Band::between(low, low + more),
    })
}

fn observation(bands: &[Band]) -> Observation {
    let mut seen = Observation::new("f", Basis::Datadog);
    for (quantity, band) in Quantity::ALL.iter().copied().zip(bands) {
        seen.set(quantity, *band);
    }
    seen
}

proptest! {
    #[test]
    fn a_wider_band_never_says_more(
        inner in prop::collection::vec(any_band(), Quantity::ALL.len()),
        wider in prop::collection::vec((0..200u64, prop::option::of(0..200u64)), Quantity::ALL.len()),
    ) {
        let outer: Vec<Band> = inner.iter().zip(&wider).map(|(band, (down, up))| {
            let low = band.low().saturating_sub(*down);
            match (band.high(), up) {
                (Some(high), Some(up)) => Band::between(low, high + up),
                _ => Band::at_least(low),
            }
        }).collect();
        for (a, b) in inner.iter().zip(&outer) {
            prop_assert!(b.holds(*a));
        }
        for &id in Id::ALL {
            let (narrow, wide) = (met(id, &observation(&inner)), met(id, &observation(&outer)));
            prop_assert!(wide == Met::CannotTell || wide == narrow, "{}: {:?} then {:?}", id, narrow, wide);
        }
    }

    #[test]
    fn what_is_known_exactly_is_always_told(
        values in prop::collection::vec(0..300u64, Quantity::ALL.len()),
    ) {
        let exact: Vec<Band> = values.iter().map(|value| Band::exactly(*value)).collect();
        let seen = observation(&exact);
        for &id in Id::ALL {
            // Two readings of Datadog's page remain for throttles, none for threats.
            if id != Id::Throttles && id != Id::ThreatsDetected {
                prop_assert_ne!(met(id, &seen), Met::CannotTell, "{}", id);
            }
            prop_assert_eq!(
                id.insight().evaluate(&seen).reason.is_some(),
                met(id, &seen) == Met::CannotTell
            );
        }
    }

    #[test]
    fn shares_agree_with_exact_arithmetic(k in 0..5_000u64, n in 0..5_000u64) {
        let seen = shares(Quantity::ColdStarts, k, n);
        let fires = if k * 100 > n { Met::Yes } else { Met::No };
        prop_assert_eq!(met(Id::ColdStarts, &seen), fires);
    }

    #[test]
    fn more_errors_never_take_high_errors_away(k in 0..500u64, more in 0..500u64, n in 0..500u64) {
        if met(Id::HighErrors, &shares(Quantity::Errors, k, n)) == Met::Yes {
            prop_assert_eq!(met(Id::HighErrors, &shares(Quantity::Errors, k + more, n)), Met::Yes);
            prop_assert_eq!(met(Id::Errors, &shares(Quantity::Errors, k, n)), Met::Yes);
        }
    }
}

proptest! {
    // Each case says some hundred sentences.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn all_that_is_said_can_be_said_in_korean(
        bands in prop::collection::vec(any_band(), Quantity::ALL.len()),
        basis in prop::sample::select(vec![Basis::Client, Basis::Sandbox, Basis::Datadog, Basis::Cloudwatch]),
        (reported, sent) in (0..9u64, 0..9u64),
    ) {
        let mut seen = observation(&bands);
        seen.basis = basis;
        let nothing = Observation::new("f", basis);
        let doubts = [Doubt::Missing { reported, sent }, Doubt::Foreign { reported, sent }, Doubt::Uncounted];
        for &id in Id::ALL {
            for reading in [&seen, &nothing].map(|seen| id.insight().evaluate(seen)) {
                let doubted = doubts.map(|doubt| reading.doubted(doubt, basis));
                for said in doubted.into_iter().chain(reading.reason).chain([reading.measured]) {
                    let korean = said.to(Lang::Ko);
                    let letters = |word: &str| word.chars().take_while(char::is_ascii_lowercase).count();
                    let is_english = |word: &str| letters(word) > 3;
                    let is_known = |word: &str| ["Datadog", "CloudWatch", "enhanced.errors"].contains(&word);
                    let mut words = korean.split(' ');
                    prop_assert!(!words.any(|word| is_english(word) && !is_known(word)), "{}", korean);
                }
            }
        }
    }
}
