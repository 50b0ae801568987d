//! What a schedule promises, whatever the scenario.

use std::{num::NonZeroU64, time::Duration};

use loadgen::{
    lambda::Fault,
    scenario::{Arrivals, FaultShare, Phase, Scenario},
    schedule::{Arrival, Schedule, Shard},
};
use proptest::prelude::*;

fn scenario(seed: u64, repeat: u32, phases: Vec<Phase>) -> Scenario {
    Scenario {
        seed,
        phases,
        repeat,
        ..Scenario::of_nothing("test".to_owned())
    }
}

fn phase(name: &str, arrivals: Arrivals) -> Phase {
    Phase {
        name: name.to_owned(),
        arrivals,
        function: None,
        fault: None,
    }
}

fn one(seed: u64, arrivals: Arrivals) -> Schedule {
    Schedule::of(&scenario(seed, 1, vec![phase("only", arrivals)])).expect("plannable")
}

fn times(schedule: &Schedule) -> Vec<f64> {
    let at = |arrival: Arrival| arrival.at.as_secs_f64();
    schedule.arrivals().map(at).collect()
}

fn millis(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_millis)
}

fn any_arrivals() -> impl Strategy<Value = Arrivals> {
    let length = || millis(1_000..60_000);
    prop_oneof![
        millis(1..3_600_000).prop_map(Arrivals::Idle),
        (1..200_u64, millis(0..5_000))
            .prop_map(|(count, within)| Arrivals::Burst { count, within }),
        (0.5..50.0, length())
            .prop_map(|(per_second, length)| Arrivals::Rate { per_second, length }),
        (0.0..50.0, 1.0..50.0, length()).prop_map(|(from, to, length)| Arrivals::Ramp {
            from,
            to,
            length
        }),
        (0.5..50.0, length())
            .prop_map(|(per_second, length)| Arrivals::Poisson { per_second, length }),
    ]
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    let fault = proptest::option::of((0.01..=1.0).prop_map(|share| FaultShare {
        fault: Fault::Error,
        share,
    }));
    // A plan of idle phases alone is refused.
    let phases = proptest::collection::vec((any_arrivals(), fault), 1..5).prop_filter(
        "some phase sends",
        |phases| {
            phases
                .iter()
                .any(|(arrivals, _)| !matches!(arrivals, Arrivals::Idle(_)))
        },
    );
    (any::<u64>(), 1..4_u32, phases).prop_map(|(seed, repeat, phases)| {
        let named = phases.into_iter().enumerate();
        let phases = named.map(|(number, (arrivals, fault))| Phase {
            name: format!("phase-{number}"),
            arrivals,
            function: None,
            fault,
        });
        scenario(seed, repeat, phases.collect())
    })
}

proptest! {
    #[test]
    fn requests_are_counted_and_ordered_and_stay_within_their_step(scenario in any_scenario()) {
        let schedule = Schedule::of(&scenario).unwrap();
        let all: Vec<Arrival> = schedule.arrivals().collect();
        prop_assert_eq!(all.len() as u64, schedule.total());
        prop_assert_eq!(schedule.arrivals().size_hint(), (all.len(), Some(all.len())));
        for (place, arrival) in all.iter().enumerate() {
            prop_assert_eq!(arrival.index, place as u64);
            let step = &schedule.steps()[arrival.step as usize];
            prop_assert!(step.start <= arrival.at && arrival.at <= step.start + step.length);
            let within = step.first_index..step.first_index + step.count;
            prop_assert!(within.contains(&arrival.index));
        }
        prop_assert!(all.is_sorted_by_key(|arrival| arrival.at));
    }

    #[test]
    fn steps_follow_each_other_without_a_gap(scenario in any_scenario()) {
        let schedule = Schedule::of(&scenario).unwrap();
        prop_assert_eq!(
            schedule.steps().len(),
            scenario.phases.len() * scenario.repeat as usize
        );
        for pair in schedule.steps().windows(2) {
            prop_assert_eq!(pair[0].start + pair[0].length, pair[1].start);
            prop_assert_eq!(pair[0].first_index + pair[0].count, pair[1].first_index);
        }
        let length: Duration = schedule.steps().iter().map(|step| step.length).sum();
        prop_assert_eq!(schedule.length(), length);
    }

    #[test]
    fn the_same_seed_plans_the_same_requests(scenario in any_scenario()) {
        let (one, other) = (Schedule::of(&scenario).unwrap(), Schedule::of(&scenario).unwrap());
        prop_assert!(one.arrivals().eq(other.arrivals()));
    }

    #[test]
    fn shards_together_are_exactly_the_whole(scenario in any_scenario(), of in 1..7_u64) {
        let schedule = Schedule::of(&scenario).unwrap();
        let shards = (0..of).map(|index| schedule.of_shard(Shard::new(index, of).unwrap()));
        let mut together = Vec::new();
        for shard in shards {
            let arrivals: Vec<Arrival> = shard.arrivals().collect();
            prop_assert_eq!(arrivals.len() as u64, shard.total());
            prop_assert_eq!(shard.arrivals().size_hint(), (arrivals.len(), Some(arrivals.len())));
            for (place, step) in shard.steps().iter().enumerate() {
                let of_step = arrivals.iter().filter(|arrival| arrival.step as usize == place);
                prop_assert_eq!(of_step.count() as u64, step.count);
            }
            together.extend(arrivals);
        }
        together.sort_by_key(|arrival| arrival.index);
        prop_assert!(together.into_iter().eq(schedule.arrivals()));
    }

    #[test]
    fn exactly_the_rounded_share_asks_for_the_fault(scenario in any_scenario()) {
        let schedule = Schedule::of(&scenario).unwrap();
        for (number, step) in schedule.steps().iter().enumerate() {
            let share = step.fault.map_or(0.0, |fault| fault.share);
            let faulty = schedule.arrivals()
                .filter(|arrival| arrival.step as usize == number && arrival.fault.is_some());
            prop_assert_eq!(faulty.count() as f64, (share * step.count as f64).round());
        }
    }

    #[test]
    fn a_burst_of_n_sends_exactly_n_evenly(count in 1..5_000_u64, within in millis(0..10_000)) {
        let planned = times(&one(0, Arrivals::Burst { count, within }));
        prop_assert_eq!(planned.len() as u64, count);
        for (k, at) in planned.iter().enumerate() {
            let even = within.as_secs_f64() * k as f64 / count as f64;
            prop_assert!((at - even).abs() < 2e-9);
        }
    }

    #[test]
    fn a_rate_sends_rate_times_length_evenly(
        per_second in 0.5..500.0, length in millis(1_000..10_000)
    ) {
        let planned = times(&one(0, Arrivals::Rate { per_second, length }));
        prop_assert_eq!(planned.len() as f64, (per_second * length.as_secs_f64()).round());
        for (k, at) in planned.iter().enumerate() {
            prop_assert!((at - k as f64 / per_second).abs() < 2e-9);
        }
    }

    #[test]
    fn a_ramp_sends_request_k_where_its_rate_adds_up_to_k(
        from in 0.0..300.0, to in 1.0..300.0, down: bool, length in millis(1_000..10_000)
    ) {
        let (from, to) = if down { (to, from) } else { (from, to) };
        let planned = times(&one(0, Arrivals::Ramp { from, to, length }));
        let seconds = length.as_secs_f64();
        prop_assert_eq!(planned.len() as f64, ((from + to) / 2.0 * seconds).round());
        for (k, at) in planned.iter().enumerate() {
            let added_up = from * at + (to - from) * at * at / (2.0 * seconds);
            prop_assert!((added_up - k as f64).abs() < 1e-5, "{added_up} at request {k}");
        }
    }

    #[test]
    fn a_flat_ramp_is_a_rate(per_second in 1.0..200.0, length in millis(1_000..10_000)) {
        let flat = times(&one(0, Arrivals::Ramp { from: per_second, to: per_second, length }));
        let rate = times(&one(0, Arrivals::Rate { per_second, length }));
        prop_assert_eq!(flat.len(), rate.len());
        for (one, other) in flat.iter().zip(&rate) {
            prop_assert!((one - other).abs() < 1e-8);
        }
    }

    #[test]
    fn editing_one_phase_leaves_the_others_as_they_were(seed: u64, length in millis(1_000..9_000)) {
        let steady = Phase {
            fault: Some(FaultShare { fault: Fault::Error, share: 0.3 }),
            ..phase("steady", Arrivals::Poisson { per_second: 20.0, length })
        };
        let with = |count| {
            let burst = phase("burst", Arrivals::Burst { count, within: Duration::ZERO });
            let scenario = scenario(seed, 2, vec![burst, steady.clone()]);
            let planned = Schedule::of(&scenario).unwrap().arrivals();
            planned
                .filter(|arrival| arrival.step % 2 == 1)
                .map(|arrival| (arrival.at, arrival.fault))
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(with(1), with(7));
    }
}

fn poisson(seed: u64, per_second: f64, seconds: u64) -> Schedule {
    let length = Duration::from_secs(seconds);
    one(seed, Arrivals::Poisson { per_second, length })
}

#[test]
fn different_seeds_plan_different_requests() {
    let (one, other) = (poisson(1, 20.0, 10), poisson(2, 20.0, 10));
    assert!(
        !one.arrivals()
            .map(|a| a.at)
            .eq(other.arrivals().map(|a| a.at))
    );
}

#[test]
fn repetitions_of_a_poisson_phase_differ() {
    let length = Duration::from_secs(10);
    let arrivals = Arrivals::Poisson {
        per_second: 20.0,
        length,
    };
    let schedule = Schedule::of(&scenario(5, 2, vec![phase("p", arrivals)])).expect("plannable");
    let of = |cycle: u32| {
        let start = schedule.steps()[cycle as usize].start;
        let planned = schedule.arrivals().filter(move |a| a.step == cycle);
        planned.map(move |a| a.at - start).collect::<Vec<_>>()
    };
    assert_ne!(of(0), of(1));
}

/// Gaps of a Poisson process are exponential: at most 1.95/sqrt(n) between the distribution
/// functions in 999 of 1,000 samples (Kolmogorov-Smirnov). The seed is fixed, so the test is too.
#[test]
fn poisson_gaps_are_exponential() {
    let (rate, seconds) = (50.0, 400);
    let planned = times(&poisson(7, rate, seconds));
    let mut gaps: Vec<f64> = planned.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let distance = gaps.iter().enumerate().map(|(k, gap)| {
        let expected = 1.0 - (-rate * gap).exp();
        (expected - k as f64 / n)
            .abs()
            .max((k as f64 + 1.0) / n - expected)
    });
    assert!(distance.fold(0.0, f64::max) < 1.95 / n.sqrt());
}

/// The count of a Poisson phase has its mean as its variance.
#[test]
fn poisson_counts_have_the_mean_and_variance_of_their_law() {
    let seeds = 4_000;
    let counts: Vec<f64> = (0..seeds)
        .map(|seed| poisson(seed, 5.0, 8).total() as f64)
        .collect();
    let n = seeds as f64;
    let mean = counts.iter().sum::<f64>() / n;
    let variance = counts
        .iter()
        .map(|count| (count - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    // Four standard errors: sqrt(40/4000) for the mean, about 40 * sqrt(2/4000) for the variance.
    assert!((mean - 40.0).abs() < 0.4, "{mean}");
    assert!((variance - 40.0).abs() < 3.6, "{variance}");
}

#[test]
fn what_no_run_can_send_is_refused() {
    let hour = Duration::from_secs(3_600);
    let refused = |repeat, arrivals| {
        let refused = Schedule::of(&scenario(0, repeat, vec![phase("p", arrivals)]));
        refused.expect_err("refused").to_string()
    };
    let rate = |per_second| Arrivals::Rate {
        per_second,
        length: hour,
    };
    let too_many = |said: String| said.contains("more than a run may send");
    assert!(too_many(refused(1, rate(1e9))));
    assert!(too_many(refused(2, rate(200_000.0))));
    let count = u64::MAX;
    assert!(too_many(refused(
        3,
        Arrivals::Burst {
            count,
            within: hour
        }
    )));
    assert!(refused(10_000, Arrivals::Idle(hour)).contains("longer than a year"));
    assert!(refused(1, Arrivals::Idle(hour)).contains("no phase sends a request"));
    let steps = refused(u32::MAX, rate(1.0));
    assert!(
        steps.contains("more than") && steps.contains("steps"),
        "{steps}"
    );
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(refused(1, rate(bad)).contains("no number of requests per second"));
    }
    assert!(refused(1, rate(0.0001)).contains("less than one"));
}

#[test]
fn a_schedule_of_a_billion_requests_is_planned_one_at_a_time() {
    let schedule = one(
        0,
        Arrivals::Poisson {
            per_second: 1e6,
            length: Duration::from_secs(990),
        },
    );
    assert!(schedule.total() > 980_000_000);
    assert!(schedule.arrivals().take(1_000).is_sorted_by_key(|a| a.at));
}

#[test]
fn a_shard_shared_among_threads_is_shared_without_rest() {
    let shard: Shard = "1/3".parse().unwrap();
    let threads = NonZeroU64::new(4).unwrap();
    for arrival in 0..1_000 {
        let takers = shard
            .split(threads)
            .filter(|part| part.takes(arrival))
            .count();
        assert_eq!(takers, usize::from(shard.takes(arrival)), "{arrival}");
    }
}

#[test]
fn what_names_no_shard_is_refused_with_the_reason() {
    for (typed, said) in [
        ("3", "write n/M"),
        ("a/b", "write n/M"),
        ("0/0", "write n/M"),
        ("-1/4", "write n/M"),
        (
            "4/4",
            "there is no shard 4 of 4: they count from 0, so the last one is 3",
        ),
        ("0/100001", "more than 100,000"),
    ] {
        let error = typed.parse::<Shard>().expect_err(typed).to_string();
        assert!(error.contains(said), "{typed}: {error}");
    }
}

#[test]
fn a_phase_that_names_a_function_goes_there_alone_and_the_others_idle_meanwhile() {
    let burst = |name: &str, count, function: Option<&str>| Phase {
        function: function.map(str::to_owned),
        ..phase(
            name,
            Arrivals::Burst {
                count,
                within: Duration::from_secs(1),
            },
        )
    };
    let phases = vec![
        burst("all", 2, None),
        burst("b", 3, Some("b")),
        burst("last", 1, None),
    ];
    let planned = Schedule::of(&scenario(1, 2, phases)).expect("plannable");
    let names = ["a", "b"].map(str::to_owned);
    let of_both = planned.to_each_of(&names).expect("both are there");
    let sent: Vec<(u64, u32)> = of_both
        .arrivals()
        .map(|it| (it.index, it.function))
        .collect();
    let functions = [0, 1, 0, 1, 1, 1, 1, 0, 1].repeat(2);
    let expected: Vec<(u64, u32)> = (0..).zip(functions).collect();
    assert_eq!(sent, expected);
    assert_eq!(of_both.total(), 18);
    // What each is sent by itself is the same at the same times.
    for (place, name) in (0..).zip(&names) {
        let times = |schedule: &Schedule, of: u32| -> Vec<Duration> {
            let own = schedule.arrivals().filter(|it| it.function == of);
            own.map(|it| it.at).collect()
        };
        let own = planned.of_function(name);
        assert_eq!(times(&own, 0), times(&of_both, place), "{name}");
        assert_eq!(own.length(), of_both.length());
    }
    let error = planned.to_each_of(&names[..1]).expect_err("b is not there");
    assert!(error.to_string().contains("invokes `b`"), "{error}");
}
