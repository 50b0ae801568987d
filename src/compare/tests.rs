use rand::SeedableRng;
use rand_distr::{Distribution, LogNormal, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::{
    record::{Run, SCHEMA},
    sample::{Evidence, Outcome, Sample, Temperature},
    stats::{Latencies, Tally},
};

mod forms;

/// How the samples of one run are drawn.
#[derive(Clone, Copy)]
struct Law {
    rounds: u32,
    burst: u64,
    steady: u64,
    /// The median of cold and warm responses, in microseconds.
    cold_us: f64,
    warm_us: f64,
    /// By how much bursts differ from each other, as the deviation of the logarithm.
    between: f64,
    errors: f64,
}

const LAW: Law = Law {
    rounds: 6,
    burst: 20,
    steady: 60,
    cold_us: 450_000.0,
    warm_us: 45_000.0,
    between: 0.1,
    errors: 0.02,
};

impl Law {
    fn slower(self, by: f64) -> Law {
        Law {
            cold_us: self.cold_us * by,
            warm_us: self.warm_us * by,
            ..self
        }
    }

    /// A run of this law. The spreads are those that STeLLAR measured on Lambda (IISWC 2021): a
    /// p99 of 1.5 medians cold and of about 4 warm.
    fn draw(self, seed: u64) -> Side {
        let (run, samples, latencies) = self.samples(seed);
        Side::new(run, samples, latencies)
    }

    /// The same in parts.
    fn samples(self, seed: u64) -> (Run, Vec<Sample>, Latencies) {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let law = |spread: f64| LogNormal::new(0.0, spread).expect("a spread");
        let (cold, warm) = (law(0.175), law(0.6));
        let between = Normal::new(0.0, self.between).expect("a deviation");
        let mut samples = Vec::new();
        for round in 0..self.rounds {
            let of_burst = between.sample(&mut random).exp();
            for place in 0..self.burst + self.steady {
                let in_burst = place < self.burst;
                let took = match in_burst {
                    true => self.cold_us * cold.sample(&mut random) * of_burst,
                    false => self.warm_us * warm.sample(&mut random),
                };
                let failed = rand::RngExt::random_bool(&mut random, self.errors);
                let index = samples.len() as u64;
                samples.push(Sample {
                    step: round * 2 + u32::from(!in_burst),
                    // The init is the most of a cold response, and scatters as that does.
                    init_us: in_burst.then_some((took * 0.7) as u64),
                    outcome: match failed {
                        true => Outcome::FunctionError,
                        false => Outcome::Ok,
                    },
                    status: Some(if failed { 502 } else { 200 }),
                    temperature: match in_burst {
                        true => Temperature::Cold,
                        false => Temperature::Warm,
                    },
                    ..sample(index, took as u64)
                });
            }
        }
        recorded(samples)
    }
}

/// A warm answer that took so many microseconds.
fn sample(index: u64, took_us: u64) -> Sample {
    Sample {
        index,
        step: 1,
        planned_us: Some(index * 1000),
        sent_us: Some(index * 1000),
        done_us: index * 1000 + took_us,
        temperature: Temperature::Warm,
        evidence: Evidence::Marker,
        ..Sample::answered()
    }
}

fn side(samples: Vec<Sample>) -> Side {
    let (run, samples, latencies) = recorded(samples);
    Side::new(run, samples, latencies)
}

fn recorded(samples: Vec<Sample>) -> (Run, Vec<Sample>, Latencies) {
    let tally: Tally = samples.iter().collect();
    let mut run = record();
    run.fill(&tally);
    (run, samples, tally.latencies)
}

fn record() -> Run {
    let phase = |name: &str, arrivals: &str| {
        serde_json::json!({
            "name": name, "what": "", "arrivals": arrivals, "times": 6, "planned": 0, "sent": 0, "ok": 0, "failed": 0,
            "cold": 0, "warm": 0, "unknown": 0,
        })
    };
    serde_json::from_value(serde_json::json!({
        "schema": SCHEMA, "tool_version": "0", "run_id": "pairs",
        "scenario": { "name": "pairs", "title": "pairs", "seed": 1, "toml": null },
        "target": {
            "kind": "sandbox", "url": "", "datadog_url": null,
            "functions": { "entry": "entry", "consumer": null },
            "range": { "from_ms": 0, "to_ms": 1 },
        },
        "simulated": true, "started_at": "2026-01-01T00:00:00Z",
        "ended_at": "2026-01-01T00:00:01Z", "interrupted": false,
        "requests": {
            "planned": 0, "sent": 0, "completed": 0, "failed": 0, "timed_out": 0, "not_sent": 0,
        },
        "schedule": {
            "send_lag_ms": { "p50": null, "p99": null, "max": null },
            "length_ms": 1, "skipped_ms": 0,
        },
        "latency_ms": {},
        "cold": {
            "cold": 0, "warm": 0, "unknown": 0, "share_low": null, "share_high": null,
            "evidence": {},
        },
        "status": {}, "failures": {}, "phases": [phase("burst", "burst"), phase("steady", "rate")],
        "insights": [], "thresholds": [], "verdict": "met", "notes": [],
        "samples": { "share": 1.0 },
    }))
    .expect("a run")
}

/// The share of pairs that are called different.
fn called_different(law: Law, by: f64, pairs: u64) -> f64 {
    let different = (0..pairs)
        .filter(|pair| {
            let (a, b) = (law.draw(2 * pair), law.slower(by).draw(2 * pair + 1));
            compare(&a, &b, &[]).finding == Conclusion::Differ
        })
        .count();
    different as f64 / pairs as f64
}

#[test]
fn runs_that_do_not_differ_are_seldom_called_different() {
    // Of 60 pairs a nominal share of 5 % would be called so, three on average.
    let share = called_different(LAW, 1.0, 60);
    assert!(share <= 0.1, "{share}");
}

#[test]
fn a_difference_of_a_half_is_found() {
    let share = called_different(LAW, 1.5, 20);
    assert!(share >= 0.9, "{share}");
}

#[test]
fn the_verdict_says_what_could_have_been_shown() {
    let compared = compare(&LAW.draw(1), &LAW.draw(2), &[]);
    let verdict = &compared.verdict.text;
    assert!(
        verdict.starts_with("No significant difference. Only changes above about"),
        "{verdict}"
    );
    let text = serde_json::to_string(&compared).expect("JSON");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}

#[test]
fn one_burst_is_one_observation_and_shows_nothing_of_cold_starts() {
    let once = Law { rounds: 1, ..LAW };
    let compared = compare(&once.draw(1), &once.slower(3.0).draw(2), &[]);
    let cold = compared
        .rows
        .iter()
        .find(|row| row.metric == "response.cold.p50");
    let cold = cold.expect("a row");
    assert_eq!(cold.chance, None);
    assert!(
        cold.reason
            .as_ref()
            .is_some_and(|why| why.code == "one_observation"),
        "{cold:?}"
    );
}

#[test]
fn bursts_that_are_all_alike_still_show_that_every_request_went_warm() {
    let three = Law {
        rounds: 3,
        steady: 0,
        ..LAW
    };
    let cold = three.draw(1);
    let mut samples = Vec::new();
    for round in 0..3 {
        for place in 0..20 {
            let index = round * 20 + place;
            samples.push(Sample {
                index,
                step: round as u32 * 2,
                temperature: Temperature::Warm,
                ..sample(index, 45_000)
            });
        }
    }
    let compared = compare(&cold, &side(samples), &[]);
    assert_eq!(compared.finding, Conclusion::Differ, "{compared:?}");
    assert!(
        compared.verdict.text.contains("cold.share 100 points less"),
        "{}",
        compared.verdict
    );
}

#[test]
fn runs_without_requests_or_with_failures_only_or_with_one_request_have_an_answer() {
    let failed = |index| Sample {
        outcome: Outcome::ConnectionRefused,
        status: None,
        temperature: Temperature::Unknown,
        ..sample(index, 10)
    };
    let sides = [
        side(Vec::new()),
        side((0..40).map(failed).collect()),
        side(vec![sample(0, 1000)]),
        LAW.draw(3),
    ];
    for a in &sides {
        for b in &sides {
            let limits = ["warm.p99 > 10%".parse().expect("a limit")];
            let compared = compare(a, b, &limits);
            assert!(!compared.verdict.text.is_empty());
            let text = serde_json::to_string(&compared).expect("JSON");
            assert!(!text.contains("NaN"), "{text}");
            assert!(!compared.limits[0].fails(), "{text}");
        }
    }
}

#[test]
fn figures_whose_requests_are_not_among_the_samples_are_told_by_nobody() {
    let whole = LAW.draw(1);
    let emptied = Side::new(whole.run.clone(), Vec::new(), Latencies::default());
    let limit: ChangeLimit = "warm.p50 > 10%".parse().expect("a limit");
    let compared = compare(&whole, &emptied, &[limit]);
    assert_eq!(
        compared.finding,
        Conclusion::CannotTell,
        "{}",
        compared.verdict
    );
    assert!(compared.limits[0].cannot_be_determined());
}

#[test]
fn a_limit_fails_only_beyond_noise() {
    let (a, b) = (LAW.draw(1), LAW.slower(2.0).draw(2));
    let held = |b: &Side, limit: &str| {
        let limits = [limit.parse::<ChangeLimit>().expect(limit)];
        compare(&a, b, &limits).limits.remove(0)
    };
    assert!(held(&b, "warm.p50 > 10%").fails());
    assert!(!held(&b, "warm.p50 > 300%").fails());
    assert!(!held(&b, "response.cold.p50 < -10%").fails());
    let same = held(&LAW.draw(2), "warm.p50 > -99%");
    assert!(same.exceeds_limit && !same.is_significant && !same.fails());
}

#[test]
fn what_is_no_limit_is_refused_with_the_way_out() {
    for (text, told) in [
        ("warm.p99", "for example"),
        ("warm.p99 > 10", "for example"),
        ("warm.p99 > nan%", "for example"),
        ("warm.p99 > 1e9%", "for example"),
        ("wram.p99 > 10%", "no figure"),
        ("reponse.warm.p99 > 10%", "did you mean `response.warm.p99`"),
        ("response.warm.max > 10%", "not compared"),
        ("requests.sent > 10%", "not compared"),
        ("> 10%", "no figure"),
        ("", "for example"),
    ] {
        let error = text.parse::<ChangeLimit>().expect_err(text).to_string();
        assert!(error.contains(told), "{text}: {error}");
    }
}

#[test]
#[ignore = "prints the table; cargo test --release --lib compare::tests::table -- --ignored --nocapture"]
fn table() {
    println!("rounds burst steady between | same   5 %   10 %   20 %   50 %");
    for (rounds, burst, steady) in [(3, 20, 60), (6, 20, 60), (10, 20, 100), (20, 50, 200)] {
        for between in [0.0, 0.1] {
            let law = Law {
                rounds,
                burst,
                steady,
                between,
                ..LAW
            };
            let shares: Vec<String> = [1.0, 1.05, 1.1, 1.2, 1.5]
                .map(|by| format!("{:5.1} %", 100.0 * called_different(law, by, 200)))
                .into();
            println!(
                "{rounds:6} {burst:5} {steady:6} {between:7} | {}",
                shares.join(" ")
            );
        }
    }
}
