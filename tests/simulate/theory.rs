//! Steady simulations against closed-form theory, and against SimFaaS.

use std::time::Duration;

use loadgen::{
    lambda::Reuse,
    simulate::{SeedMean, steady::Steady},
};

/// A simulation, written as on the command line.
struct Written {
    arrivals: &'static str,
    warm: &'static str,
    cold: &'static str,
    expiry: &'static str,
}

fn steady(written: Written, reuse: Reuse, cap: u32, seconds: u64, seeds: u32) -> Steady {
    Steady {
        arrivals: written.arrivals.parse().expect(written.arrivals),
        warm: written.warm.parse().expect(written.warm),
        cold: written.cold.parse().expect(written.cold),
        expiry: written.expiry.parse().expect(written.expiry),
        cap,
        reuse,
        duration: Duration::from_secs(seconds),
        seeds,
        seed: 7,
    }
}

/// Whether `value` lies in the interval widened by half its width on either side: with ten seeds
/// a 99.5 % interval. The seeds are fixed, so the answer is always the same.
fn agrees(estimate: SeedMean, value: f64) -> bool {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => {
            let slack = (high - low) / 4.0;
            (low - slack..=high + slack).contains(&value)
        }
        _ => estimate.mean == Some(value),
    }
}

/// M/M/infinity with expiry T and most-recently-used reuse, exactly: P(cold) and the mean number
/// of environments. With pi the Poisson law of busy environments and Q_k the generator killed on
/// the jump above k, P(cold) = sum_k [pi e^(Q_k T)]_k and E = sum_k (1 - pi_0..k e^(Q_k T) 1):
/// an arrival is cold if the system is in k and was never above k during the last T.
fn exact(per_second: f64, service: f64, expiry: f64) -> (f64, f64) {
    let (death, load) = (1.0 / service, per_second * service);
    let largest = (load + 12.0 * load.sqrt() + 14.0) as usize;
    let mut poisson = vec![(-load).exp()];
    for k in 1..=largest {
        let next = poisson[k - 1] * load / k as f64;
        poisson.push(next);
    }
    let (mut cold, mut environments) = (0.0, 0.0);
    for k in 0..=largest {
        let at = after(&poisson[..=k], per_second, death, expiry);
        cold += at[k];
        environments += 1.0 - at.iter().sum::<f64>();
    }
    (cold, environments)
}

/// `start e^(Q T)` by uniformisation, Q the generator on 0..k killed on the jump above k.
fn after(start: &[f64], birth: f64, death: f64, time: f64) -> Vec<f64> {
    let top = start.len() - 1;
    let uniform = birth + death * top as f64;
    let mean = uniform * time;
    let mut state = start.to_vec();
    let mut result = vec![0.0; state.len()];
    let mut log_weight = -mean;
    let steps = (mean + 10.0 * mean.sqrt() + 40.0) as usize;
    for step in 0..=steps {
        let weight = log_weight.exp();
        for (sum, value) in result.iter_mut().zip(&state) {
            *sum += weight * value;
        }
        let mut next = vec![0.0; state.len()];
        for (j, value) in state.iter().enumerate() {
            let down = death * j as f64;
            next[j] += value * (uniform - birth - down) / uniform;
            if j < top {
                next[j + 1] += value * birth / uniform;
            }
            if j > 0 {
                next[j - 1] += value * down / uniform;
            }
        }
        state = next;
        log_weight += mean.ln() - ((step + 1) as f64).ln();
    }
    result
}

#[test]
fn the_exact_solution_gives_the_published_figures() {
    // Computed by three independent programs for this project.
    let (cold, environments) = exact(5.0, 1.0, 30.0);
    assert!((cold - 0.008_554_04).abs() < 1e-7, "{cold}");
    assert!((environments - 11.585_92).abs() < 1e-4, "{environments}");
    let (cold, _) = exact(0.1, 0.5, 60.0);
    assert!((cold - 0.038_140).abs() < 1e-5, "{cold}");
}

#[test]
fn poisson_traffic_meets_the_exact_solution() {
    // Long runs: each starts without environments, which adds a dozen cold starts.
    for (arrivals, per_second, service, expiry, written_expiry, seconds) in [
        ("poisson:5/s", 5.0, 1.0, 30.0, "30s", 100_000),
        ("poisson:0.1/s", 0.1, 0.5, 60.0, "60s", 400_000),
        ("poisson:0.01/s", 0.01, 0.5, 300.0, "300s", 4_000_000),
    ] {
        let law = match service {
            1.0 => "exp:1s",
            _ => "exp:500ms",
        };
        let written = Written {
            arrivals,
            warm: law,
            cold: law,
            expiry: written_expiry,
        };
        let outcome = steady(written, Reuse::MostRecentlyUsed, 1_000, seconds, 10)
            .run()
            .expect("a simulation");
        let (cold, environments) = exact(per_second, service, expiry);
        assert!(
            agrees(outcome.p_cold, cold),
            "{arrivals}: {:?} {cold}",
            outcome.p_cold
        );
        assert!(
            agrees(outcome.mean_environments, environments),
            "{arrivals}: {:?} {environments}",
            outcome.mean_environments
        );
        assert!(agrees(outcome.mean_busy, per_second * service));
    }
}

#[test]
fn no_arrival_for_the_expiry_is_a_lower_bound_for_any_service_law() {
    for law in ["const:500ms", "exp:500ms", "uniform:100ms..900ms"] {
        let written = Written {
            arrivals: "poisson:0.01/s",
            warm: law,
            cold: law,
            expiry: "300s",
        };
        let outcome = steady(written, Reuse::MostRecentlyUsed, 1_000, 1_000_000, 5)
            .run()
            .expect("a simulation");
        let empty = (-0.01_f64 * 300.5).exp();
        assert!(outcome.p_cold.low.is_some_and(|low| low > empty), "{law}");
    }
}

/// Erlang's loss formula.
fn erlang_b(load: f64, servers: u32) -> f64 {
    (1..=servers).fold(1.0, |blocked, i| {
        load * blocked / (f64::from(i) + load * blocked)
    })
}

#[test]
fn a_cap_rejects_as_erlang_says_for_every_service_law_and_policy() {
    let expected = erlang_b(10.0, 10);
    assert!((expected - 0.214_582).abs() < 1e-6);
    for law in ["exp:1s", "const:1s", "uniform:500ms..1500ms"] {
        for &reuse in Reuse::ALL {
            let written = Written {
                arrivals: "poisson:10/s",
                warm: law,
                cold: law,
                expiry: "600s",
            };
            let outcome = steady(written, reuse, 10, 4_000, 10)
                .run()
                .expect("a simulation");
            assert!(
                agrees(outcome.p_reject, expected),
                "{law} {reuse}: {:?}",
                outcome.p_reject
            );
            let carried = 10.0 * (1.0 - expected);
            assert!(agrees(outcome.mean_busy, carried), "{law} {reuse}");
        }
    }
}

#[test]
fn what_is_reused_last_decides_how_many_stay() {
    let run = |reuse| {
        let written = Written {
            arrivals: "poisson:5/s",
            warm: "exp:1s",
            cold: "exp:1s",
            expiry: "30s",
        };
        let outcome = steady(written, reuse, 1_000, 10_000, 5)
            .run()
            .expect("a simulation");
        (
            outcome.p_cold.mean.unwrap_or(f64::NAN),
            outcome.mean_environments.mean.unwrap_or(f64::NAN),
        )
    };
    let (recent, _) = run(Reuse::MostRecentlyUsed);
    let (oldest, kept) = run(Reuse::LeastRecentlyUsed);
    assert!(oldest < recent / 20.0, "{oldest} {recent}");
    assert!(kept > 15.0, "{kept}");
}

#[test]
fn a_burst_after_the_expiry_is_all_cold_and_one_within_it_all_warm() {
    for (gap, cold) in [
        ("burst:50/900s", 1.0),
        ("burst:50/601s", 1.0),
        ("burst:50/500s", 1.0 / 9.0),
    ] {
        let written = Written {
            arrivals: gap,
            warm: "const:0.5s",
            cold: "const:1s",
            expiry: "600s",
        };
        let duration = if gap.ends_with("500s") { 4_501 } else { 9_001 };
        let outcome = steady(written, Reuse::Newest, 1_000, duration, 2)
            .run()
            .expect("a simulation");
        assert_eq!(outcome.p_cold.mean, Some(cold), "{gap}");
    }
}

#[test]
fn a_burst_over_the_cap_rejects_the_rest() {
    let written = Written {
        arrivals: "burst:1000000/900s",
        warm: "const:0.5s",
        cold: "const:1s",
        expiry: "600s",
    };
    let counted = steady(written, Reuse::default(), 1_000, 1_000, 1).run_seed(1);
    assert_eq!(
        (counted.requests, counted.cold, counted.rejected),
        (1_000_000, 1_000, 999_000)
    );
}

#[test]
fn periodic_arrivals_are_cold_exactly_when_the_idle_time_reaches_the_expiry() {
    for (arrivals, cold) in [("burst:1/600500ms", 1.0), ("burst:1/600499ms", 0.1)] {
        let written = Written {
            arrivals,
            warm: "const:0.5s",
            cold: "const:0.5s",
            expiry: "600s",
        };
        let outcome = steady(written, Reuse::default(), 1, 6_006, 1)
            .run()
            .expect("a simulation");
        assert_eq!(outcome.p_cold.mean, Some(cold), "{arrivals}");
    }
}

#[test]
fn the_same_seed_gives_the_same_figures_and_another_one_others() {
    let make = |seed| {
        let written = Written {
            arrivals: "poisson:1/s",
            warm: "lognormal:100ms,300ms",
            cold: "lognormal:1s,2s",
            expiry: "halving:380s",
        };
        Steady {
            seed,
            ..steady(written, Reuse::default(), 1_000, 10_000, 1)
        }
        .run_seed(seed)
    };
    assert_eq!(make(1), make(1));
    assert_ne!(make(1), make(2));
}

#[test]
fn what_takes_too_long_is_refused() {
    let written = Written {
        arrivals: "poisson:1000000/s",
        warm: "1s",
        cold: "1s",
        expiry: "0s",
    };
    let long = steady(written, Reuse::default(), 1_000, 5_001, 1);
    assert!(long.run().is_err());
}

#[test]
fn what_describes_no_arrivals_is_refused() {
    for text in [
        "",
        "poisson",
        "poisson:",
        "poisson:1",
        "poisson:0/s",
        "poisson:-1/s",
        "poisson:nan/s",
        "poisson:inf/s",
        "poisson:1e300/s",
        "poisson:1/fortnight",
        "burst:0/1s",
        "burst:-1/1s",
        "burst:1.5/1s",
        "burst:1000001/1s",
        "burst:99999999999999999999999999999999999999999999/1s",
        "burst:50/0s",
        "burst:50/",
        "burst:50/gauss:1s",
        "rate:1/s",
    ] {
        let read = text.parse::<loadgen::simulate::SteadyArrivals>();
        assert!(read.is_err(), "{text}: {read:?}");
    }
}
