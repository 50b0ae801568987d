use proptest::prelude::*;

use super::*;
use crate::insight::{Basis, Id};

fn seen(values: &[(Quantity, u64)]) -> Observation {
    values.iter().fold(
        Observation::new("f", Basis::Datadog),
        |seen, (quantity, value)| seen.with(*quantity, Band::exactly(*value)),
    )
}

fn of(id: Id, values: &[(Quantity, u64)]) -> Option<Crossing> {
    crossing(&id.insight().condition, &seen(values))
}

#[test]
fn three_more_cold_starts_in_412_invocations_would_show_cold_starts() {
    let values = [(Quantity::Invocations, 412), (Quantity::ColdStarts, 2)];
    let crossing = of(Id::ColdStarts, &values).expect("a crossing");
    assert_eq!(
        (
            crossing.quantity,
            crossing.change,
            crossing.by,
            crossing.effect
        ),
        (
            Quantity::ColdStarts,
            ChangeDirection::More,
            3,
            Effect::Appears
        )
    );
}

#[test]
fn the_longest_invocation_is_120_ms_and_a_microsecond_from_its_limit() {
    let values = [
        (Quantity::LongestDuration, 2_730_000),
        (Quantity::Timeout, 3_000_000),
    ];
    let crossing = of(Id::HighDuration, &values).expect("a crossing");
    assert_eq!((crossing.by, crossing.unit), (120_001, Some("us")));
}

#[test]
fn what_is_unknown_has_no_crossing() {
    for &id in Id::ALL {
        assert_eq!(of(id, &[]), None, "{id}");
    }
    // A share of nothing cannot grow, and what does not run is not over provisioned.
    let idle = [(Quantity::Invocations, 0), (Quantity::ColdStarts, 0)];
    assert_eq!(of(Id::ColdStarts, &idle), None);
    assert_eq!(of(Id::OverProvisioned, &idle), None);
}

#[test]
fn a_level_stands_beside_its_limit() {
    let values = [(Quantity::Invocations, 200), (Quantity::Errors, 30)];
    let level = level(&Id::HighErrors.insight().condition, &seen(&values));
    assert_eq!(
        level,
        Some(MeasuredLevel {
            value: 0.15,
            limit: 0.1
        })
    );
}

/// `seen` after the change.
fn applied(crossing: &Crossing, seen: &Observation) -> Observation {
    let band = seen.get(crossing.quantity);
    let shift = |value: u64| match crossing.change {
        ChangeDirection::More => value.saturating_add(crossing.by),
        ChangeDirection::Less => value.saturating_sub(crossing.by),
    };
    let band = match band.high() {
        Some(high) => Band::between(shift(band.low()), shift(high)),
        None => Band::at_least(shift(band.low())),
    };
    seen.clone().with(crossing.quantity, band)
}

/// Every quantity that a condition rests on, as a band that is known from both sides.
fn observations() -> impl Strategy<Value = Observation> {
    let band = (0u64..5_000_000, 0u64..3).prop_map(|(low, wide)| Band::between(low, low + wide));
    proptest::collection::vec(band, Quantity::ALL.len()).prop_map(|bands| {
        Quantity::ALL.iter().copied().zip(bands).fold(
            Observation::new("f", Basis::Datadog),
            |seen, (quantity, band)| seen.with(quantity, band),
        )
    })
}

proptest! {
    #[test]
    fn crossing_exactly_what_it_says_flips_the_condition_and_one_less_does_not(
        seen in observations(),
    ) {
        for &id in Id::ALL {
            let condition = &id.insight().condition;
            let Some(crossing) = crossing(condition, &seen) else {
                continue;
            };
            let wanted = match crossing.effect {
                Effect::Appears => Met::Yes,
                Effect::Clears => Met::No,
            };
            prop_assert!(crossing.by > 0, "{id}");
            prop_assert_ne!(condition.met(&seen), wanted, "{} is there already", id);
            let room = match crossing.change {
                ChangeDirection::More => true,
                ChangeDirection::Less => crossing.by <= seen.get(crossing.quantity).high().unwrap_or(0),
            };
            prop_assert!(room, "{} cannot fall by {}", crossing.quantity.noun(), crossing.by);
            prop_assert_eq!(condition.met(&applied(&crossing, &seen)), wanted, "{}", id);
            let less = Crossing { by: crossing.by - 1, ..crossing };
            prop_assert_ne!(condition.met(&applied(&less, &seen)), wanted, "{} one less", id);
        }
    }

    #[test]
    fn what_is_known_exactly_always_has_a_crossing(
        k in 0u64..10_000, n in 1u64..10_000, v in 0u64..10_000_000, limit in 100u64..10_000_000,
    ) {
        let values = [
            (Quantity::Invocations, n), (Quantity::CloudwatchInvocations, n),
            (Quantity::Errors, k), (Quantity::ColdStarts, k), (Quantity::Throttles, k),
            (Quantity::Timeouts, k), (Quantity::OutOfMemory, k),
            (Quantity::LongestDuration, v), (Quantity::Timeout, limit),
            (Quantity::MemoryUsed, v), (Quantity::MemorySize, limit),
            (Quantity::IteratorAge, v),
        ];
        for &id in Id::ALL {
            if !matches!(id, Id::ThreatsDetected | Id::ProvisionedConcurrency) {
                prop_assert!(of(id, &values).is_some(), "{id}");
            }
        }
    }
}
