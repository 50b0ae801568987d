//! What `loadgen simulate` prints for people.

use crate::{
    simulate::{
        SeedMean,
        steady::{Steady, SteadyFigures},
        sweep::SteadyPoint,
    },
    units::show_duration,
};

/// The figures of steady arrivals.
pub(super) fn steady(steady: &Steady, outcome: &SteadyFigures) -> String {
    let heading = format!(
        "Simulated: {} for {}, {} seeds, reuse {}; nothing was sent.\n\n  {:<18} {:>14} {:>14} {:>14}\n",
        steady.arrivals,
        show_duration(steady.duration),
        steady.seeds,
        steady.reuse,
        "",
        "mean",
        "95 % from",
        "to"
    );
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), significant);
    let row = |(name, estimate): (&str, SeedMean)| {
        let [mean, low, high] = [estimate.mean, estimate.low, estimate.high].map(shown);
        format!("  {name:<18} {mean:>14} {low:>14} {high:>14}\n")
    };
    let rows: String = [
        ("requests", outcome.requests),
        ("p_cold", outcome.p_cold),
        ("p_reject", outcome.p_reject),
        ("mean_environments", outcome.mean_environments),
        ("mean_busy", outcome.mean_busy),
    ]
    .into_iter()
    .map(row)
    .collect();
    format!(
        "{heading}{rows}\n{} requests in all, {:.1} million invocations per CPU-second\n",
        outcome.requests_total,
        outcome.invocations_per_cpu_second / 1e6
    )
}

/// How the figures of steady arrivals move with one assumption.
pub(super) fn steady_sweep(steady: &Steady, key: &str, points: &[SteadyPoint]) -> String {
    let heading = format!(
        "Simulated: {} for {}, {} seeds, other values of {key}; nothing was sent.\n\n  \
         {key:<10} {:>12} {:>25} {:>10} {:>14}\n",
        steady.arrivals,
        show_duration(steady.duration),
        steady.seeds,
        "p_cold",
        "95 %",
        "p_reject",
        "environments"
    );
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), significant);
    let row = |point: &SteadyPoint| {
        let SteadyFigures {
            p_cold,
            p_reject,
            mean_environments,
            ..
        } = point.outcome;
        let interval = format!("{} to {}", shown(p_cold.low), shown(p_cold.high));
        format!(
            "  {:<10} {:>12} {interval:>25} {:>10} {:>14}\n",
            point.value,
            shown(p_cold.mean),
            shown(p_reject.mean),
            shown(mean_environments.mean)
        )
    };
    let rows: String = points.iter().map(row).collect();
    heading + &rows
}

/// Six significant digits, without an exponent.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (5 - value.abs().log10().floor() as i32).clamp(0, 12);
    format!("{value:.*}", digits as usize)
}
