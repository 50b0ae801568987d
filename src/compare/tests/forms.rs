//! The same run in three forms: complete, with a share of its samples, and as its report holds it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::lang::Statement;
use crate::record::{Keep, Kept};

/// What is drawn: the run's record, its samples, its histograms.
type Drawn = (Run, Vec<Sample>, Latencies);

fn whole((run, samples, latencies): &Drawn) -> Side {
    Side::new(run.clone(), samples.clone(), latencies.clone())
}

/// The run with only a share of its samples.
fn thinned((run, samples, latencies): &Drawn, share: f64) -> Side {
    let mut run = run.clone();
    run.samples = Kept::share(share);
    let keep = Keep::share(share);
    let kept = samples.iter().filter(|sample| keep.takes(sample.index));
    Side::new(run, kept.cloned(), latencies.clone())
}

/// The run as its HTML report holds it.
fn reported(drawn: &Drawn) -> Side {
    let (run, _, latencies) = drawn;
    let text = serde_json::to_string(&whole(drawn).scatters()).expect("JSON");
    let scatters = serde_json::from_str(&text).expect("what was written");
    Side::of_report(
        run.clone(),
        latencies.clone(),
        Some(scatters),
        BTreeMap::new(),
    )
}

/// As [`called_different`], of runs with this share of their samples.
fn called_different_thinned(law: Law, by: f64, share: f64, pairs: u64) -> f64 {
    let drawn = |law: Law, seed| thinned(&law.samples(seed), share);
    let different = (0..pairs)
        .filter(|pair| {
            let (a, b) = (drawn(law, 2 * pair), drawn(law.slower(by), 2 * pair + 1));
            compare(&a, &b, &[]).finding == Conclusion::Differ
        })
        .count();
    different as f64 / pairs as f64
}

/// Bursts of many requests that share much of what slows them: what thinning hides most.
const BURSTS: Law = Law {
    rounds: 8,
    burst: 150,
    steady: 0,
    between: 0.25,
    ..LAW
};

#[test]
fn a_report_compares_as_the_run_that_it_is_of() {
    let (a, b) = (LAW.samples(1), LAW.slower(1.3).samples(2));
    let of_runs = compare(&whole(&a), &whole(&b), &[]);
    for (a, b) in [
        (reported(&a), whole(&b)),
        (whole(&a), reported(&b)),
        (reported(&a), reported(&b)),
    ] {
        let of_reports = compare(&a, &b, &[]);
        assert_eq!(of_reports.verdict, of_runs.verdict);
        for (report, run) in of_reports.rows.iter().zip(&of_runs.rows) {
            assert_eq!((report.a, report.b), (run.a, run.b), "{}", run.metric);
            // The report has six digits of how they scatter.
            let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-5,
                (a, b) => a == b,
            };
            for (of_report, of_run) in [
                (report.low, run.low),
                (report.high, run.high),
                (report.chance, run.chance),
                (report.chance_of_all, run.chance_of_all),
                (report.could_show, run.could_show),
            ] {
                assert!(near(of_report, of_run), "{report:?} is not {run:?}");
            }
        }
        let told = |note: &Statement| note.code == "report_alone";
        assert!(of_reports.notes.iter().any(told));
    }
}

#[test]
fn a_report_that_says_nothing_of_its_scatter_claims_nothing() {
    let (a, b) = (LAW.samples(1), LAW.slower(3.0).samples(2));
    let (run, _, latencies) = b;
    let b = Side::of_report(run, latencies, None, BTreeMap::new());
    let limit: ChangeLimit = "cold.p50 > 10%".parse().expect("a limit");
    let compared = compare(&whole(&a), &b, &[limit]);
    assert_eq!(compared.finding, Conclusion::CannotTell);
    assert!(
        compared.verdict.text.contains("write its report anew"),
        "{}",
        compared.verdict
    );
    assert!(
        compared
            .rows
            .iter()
            .all(|row| row.a.is_some() && row.b.is_some())
    );
    assert!(compared.limits[0].cannot_be_determined());
}

#[test]
fn counts_beyond_all_bounds_are_compared_without_harm() {
    let (mut run, samples, latencies) = LAW.samples(1);
    run.requests.completed = u64::MAX;
    run.requests.failed = u64::MAX;
    run.cold.cold = u64::MAX;
    run.cold.warm = u64::MAX;
    run.cold.share_low = Some(1e300);
    for summary in run
        .latency_ms
        .values_mut()
        .flat_map(|classes| classes.values_mut())
    {
        (summary.p50, summary.p90, summary.p95) = (Some(1e300), Some(-1.0), Some(0.0));
    }
    run.samples = Kept::share(-1.0);
    for other in [
        Side::new(run.clone(), samples, latencies.clone()),
        Side::of_report(run, latencies, None, BTreeMap::new()),
    ] {
        let json = serde_json::to_string(&compare(&LAW.draw(2), &other, &[])).expect("JSON");
        assert!(!json.contains("NaN"), "{json}");
    }
}

#[test]
fn hostile_scatter_in_a_report_is_read_without_harm() {
    let (run, _, latencies) = LAW.samples(1);
    for text in [
        "{}",
        r#"{"response.cold.p50":{"inflation":-5,"freedom":0}}"#,
        r#"{"response.cold.p50":{"inflation":1e308,"freedom":1e308},"cold.share":"not_sampled"}"#,
    ] {
        let scatters = serde_json::from_str(text).expect(text);
        let side = Side::of_report(
            run.clone(),
            latencies.clone(),
            Some(scatters),
            BTreeMap::new(),
        );
        let compared = compare(&side, &LAW.draw(2), &[]);
        let json = serde_json::to_string(&compared).expect("JSON");
        assert!(!json.contains("NaN"), "{json}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_run_does_not_differ_from_what_is_left_of_it(
        seed in 0_u64..1_000_000,
        share in 0.02..0.9_f64,
        by in 0.5..2.0_f64,
    ) {
        let drawn = LAW.slower(by).samples(seed);
        for other in [thinned(&drawn, share), reported(&drawn)] {
            let compared = compare(&whole(&drawn), &other, &[]);
            prop_assert!(compared.finding != Conclusion::Differ, "{}", compared.verdict);
            for row in &compared.rows {
                prop_assert_eq!(row.n_a, row.n_b, "{}", &row.metric);
                prop_assert_eq!(row.a, row.b, "{}", &row.metric);
                prop_assert!(row.change.is_none_or(|change| change == 0.0));
                prop_assert!(row.chance.is_none_or(|chance| chance == 1.0));
            }
        }
    }
}

#[test]
fn what_was_left_out_is_said() {
    let drawn = LAW.samples(1);
    let compared = compare(&thinned(&drawn, 0.3), &whole(&LAW.samples(2)), &[]);
    let said = |note: &&Statement| note.text.starts_with("Of A only some samples are there");
    assert_eq!(
        compared.notes.iter().filter(said).count(),
        1,
        "{:?}",
        compared.notes
    );
    let row = compared
        .rows
        .iter()
        .find(|row| row.metric == "errors.share");
    assert_eq!(
        row.map(|row| (row.n_a, row.n_b)),
        Some((480, 480)),
        "all requests count"
    );
}

#[test]
fn few_samples_of_each_burst_hide_nothing_of_how_bursts_scatter() {
    // A share of the samples gives an unbiased estimate of the full variance.
    let inflation = |side: &Side| {
        let metric = "response.cold.p50".parse().expect("a metric");
        match side.estimate(metric).expect("an estimate").estimate {
            estimate::FigureEstimate::Quantile { inflation, .. } => inflation,
            estimate::FigureEstimate::Share { .. } => f64::NAN,
        }
    };
    let (mut of_whole, mut of_rest) = (0.0, 0.0);
    for seed in 0..20 {
        let drawn = BURSTS.samples(seed);
        of_whole += inflation(&whole(&drawn)) / 20.0;
        of_rest += inflation(&thinned(&drawn, 0.2)) / 20.0;
    }
    let ratio = of_rest / of_whole;
    assert!((0.8..1.25).contains(&ratio), "{of_rest} of {of_whole}");
}

#[test]
fn thinned_runs_that_do_not_differ_are_seldom_called_different() {
    let share = called_different_thinned(BURSTS, 1.0, 0.2, 60);
    assert!(share <= 0.1, "{share}");
}

#[test]
fn a_difference_of_a_half_is_found_between_thinned_runs() {
    let share = called_different_thinned(
        Law {
            between: 0.1,
            ..BURSTS
        },
        1.5,
        0.2,
        20,
    );
    assert!(share >= 0.9, "{share}");
}
