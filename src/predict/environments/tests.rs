use proptest::prelude::*;

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn limits() -> EnvironmentLimits {
    EnvironmentLimits {
        expiry: (ms(600_000), ms(600_000)),
        fresh: true,
        concurrency: (1_000, 1_000),
        shared: false,
        provisioned: (0, 0),
        ahead: false,
    }
}

const COLD: DurationRange = (Duration::from_millis(800), Duration::from_millis(1_200));
const WARM: DurationRange = (Duration::from_millis(20), Duration::from_millis(100));

fn bursts(limits: EnvironmentLimits, bursts: &[(u64, u64)]) -> EnvironmentBounds {
    let mut environments = EnvironmentBounds::new(limits);
    for (at, count) in bursts {
        for _ in 0..*count {
            environments.arrive(ms(*at), COLD, WARM);
        }
    }
    environments
}

#[test]
fn a_burst_after_all_have_expired_needs_exactly_as_many_environments() {
    let seen = bursts(limits(), &[(0, 20), (900_000, 20), (1_800_000, 20)]);
    assert_eq!(seen.cold_starts(), Band::exactly(60));
    assert_eq!(seen.segments(), 3);
}

#[test]
fn a_second_burst_within_the_expiry_finds_them_warm() {
    let seen = bursts(limits(), &[(0, 20), (10_000, 20), (20_000, 15)]);
    assert_eq!(seen.cold_starts(), Band::exactly(20));
}

#[test]
fn a_larger_second_burst_adds_the_difference_at_least_maybe() {
    let seen = bursts(limits(), &[(0, 20), (10_000, 30)]);
    assert!(seen.cold_starts().holds(Band::exactly(30)));
    assert!(seen.cold_starts().low() >= 20);
}

#[test]
fn a_burst_beyond_the_concurrency_is_refused_in_part() {
    let tight = EnvironmentLimits {
        concurrency: (10, 10),
        ..limits()
    };
    let mut environments = EnvironmentBounds::new(tight);
    let seats: Vec<PredictedAdmission> = (0..25)
        .map(|_| environments.arrive(ms(0), COLD, WARM))
        .collect();
    assert!(
        seats[..10]
            .iter()
            .all(|seat| *seat == PredictedAdmission::Runs)
    );
    assert!(
        seats[10..]
            .iter()
            .all(|seat| *seat == PredictedAdmission::Refused)
    );
    assert_eq!(environments.cold_starts(), Band::exactly(10));
}

#[test]
fn a_burst_spread_over_time_needs_fewer() {
    let mut environments = EnvironmentBounds::new(limits());
    for i in 0..20 {
        environments.arrive(ms(i * 400), COLD, WARM);
    }
    let cold = environments.cold_starts();
    // Two or three arrive while the first initialises.
    assert!(cold.low() >= 2 && cold.high() <= Some(6), "{cold}");
}

#[test]
fn idling_within_an_uncertain_expiry_leaves_both_open() {
    let uncertain = EnvironmentLimits {
        expiry: (ms(300_000), ms(3_600_000)),
        fresh: false,
        ..limits()
    };
    let seen = bursts(uncertain, &[(900_000, 20), (1_800_000, 20)]);
    assert_eq!(seen.cold_starts(), Band::between(0, 40));
}

#[test]
fn provisioned_environments_take_the_first_without_a_cold_start() {
    let ready = EnvironmentLimits {
        provisioned: (15, 15),
        ..limits()
    };
    assert_eq!(bursts(ready, &[(0, 20)]).cold_starts(), Band::exactly(5));
    assert_eq!(bursts(ready, &[(0, 10)]).cold_starts(), Band::ZERO);
}

#[test]
fn what_lambda_may_initialise_ahead_is_no_certain_cold_start() {
    let ahead = EnvironmentLimits {
        ahead: true,
        ..limits()
    };
    assert_eq!(
        bursts(ahead, &[(0, 20), (900_000, 20)]).cold_starts(),
        Band::between(2, 40)
    );
}

/// A naive Lambda: environments in a list, each busy until and alive until.
struct Naive {
    environments: Vec<(Duration, Duration)>,
    cold: u64,
    ran: u64,
    peak: u64,
}

/// What a case draws for each arrival, in thousandths of the range.
type Draw = (u64, u64, u64, u64);

fn between(range: DurationRange, share: u64) -> Duration {
    range.0 + (range.1 - range.0).mul_f64(share as f64 / 1e3)
}

impl Naive {
    fn arrive(&mut self, at: Duration, limits: &EnvironmentLimits, draw: Draw) -> bool {
        let (_, pick, service, expiry) = draw;
        self.environments
            .retain(|(busy, alive)| *busy > at || *alive > at);
        let busy = self.environments.iter().filter(|(busy, _)| *busy > at);
        let busy = busy.count() as u64;
        if busy >= limits.concurrency.0 {
            return false;
        }
        let idle: Vec<usize> = (0..self.environments.len())
            .filter(|i| self.environments[*i].0 <= at)
            .collect();
        self.ran += 1;
        self.peak = self.peak.max(busy + 1);
        let expiry = between(limits.expiry, expiry);
        if idle.is_empty() {
            self.cold += 1;
            let end = at + between(COLD, service);
            self.environments.push((end, end + expiry));
        } else {
            // Any idle one, so that the bounds hold for every reuse policy.
            let chosen = idle[pick as usize % idle.len()];
            let end = at + between(WARM, service);
            self.environments[chosen] = (end, end + expiry);
        }
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_bands_hold_whatever_lambda_draws(
        draws in prop::collection::vec((0..1_000u64, 0..97u64, 0..=1_000u64, 0..=1_000u64), 1..150),
        concurrency in prop_oneof![Just(1_000u64), 1..20u64],
        expiry in (200..3_000u64, 0..3_000u64),
    ) {
        let limits = EnvironmentLimits {
            expiry: (ms(expiry.0), ms(expiry.0 + expiry.1)),
            concurrency: (concurrency, concurrency),
            ..limits()
        };
        let mut naive = Naive { environments: vec![], cold: 0, ran: 0, peak: 0 };
        let mut bounds = EnvironmentBounds::new(limits);
        let (mut at, mut certain, mut possible) = (Duration::ZERO, 0, 0);
        for draw in &draws {
            // Mostly short gaps, some long enough for everything to expire.
            at += match draw.0 {
                ..300 => Duration::ZERO,
                300..960 => ms(draw.0 / 8),
                _ => ms(draw.0 * 7),
            };
            let ran = naive.arrive(at, &limits, *draw);
            let seat = bounds.arrive(at, COLD, WARM);
            match seat {
                PredictedAdmission::Runs => { certain += 1; prop_assert!(ran); }
                PredictedAdmission::MayRun => {}
                PredictedAdmission::Refused => prop_assert!(!ran),
            }
            possible += u64::from(seat != PredictedAdmission::Refused);
            let cold = bounds.cold_starts();
            prop_assert!(
                cold.holds(Band::exactly(naive.cold)),
                "{} cold, predicted {}", naive.cold, cold
            );
        }
        prop_assert!((certain..=possible).contains(&naive.ran));
        prop_assert!(bounds.peak().holds(Band::exactly(naive.peak)));
    }
}
