//! What `loadgen simulate` prints for people.

use std::{
    io::{self, Write},
    time::Duration,
};

use crate::{
    insight::Id,
    scenario::Scenario,
    simulate::{
        Estimate,
        steady::{Outcome, Steady},
        sweep::{Point, Sweep},
    },
    units::show_duration,
};

/// The figures of steady arrivals.
pub(super) fn steady(out: &mut impl Write, steady: &Steady, outcome: &Outcome) -> io::Result<()> {
    writeln!(
        out,
        "Simulated: {} for {}, {} seeds, reuse {}, nothing was sent.\n",
        steady.arrivals,
        show_duration(steady.duration),
        steady.seeds,
        steady.reuse
    )?;
    writeln!(
        out,
        "  {:<18} {:>14} {:>14} {:>14}",
        "", "mean", "95 % from", "to"
    )?;
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), significant);
    let row = |name: &str, estimate: &Estimate| {
        let [mean, low, high] = [estimate.mean, estimate.low, estimate.high].map(shown);
        format!("  {name:<18} {mean:>14} {low:>14} {high:>14}")
    };
    writeln!(out, "{}", row("requests", &outcome.requests))?;
    writeln!(out, "{}", row("p_cold", &outcome.p_cold))?;
    writeln!(out, "{}", row("p_reject", &outcome.p_reject))?;
    writeln!(
        out,
        "{}",
        row("mean_environments", &outcome.mean_environments)
    )?;
    writeln!(out, "{}", row("mean_busy", &outcome.mean_busy))?;
    writeln!(
        out,
        "\n{} requests in all, {:.1} million invocations per CPU-second",
        outcome.requests_total,
        outcome.invocations_per_cpu_second / 1e6
    )
}

/// How the Insights and the tail move with one assumption.
pub(super) fn sweep(
    out: &mut impl Write,
    scenario: &Scenario,
    sweep: &Sweep,
    points: &[Point],
) -> io::Result<()> {
    writeln!(
        out,
        "Simulated: {} with other values of {}, nothing was sent.\n",
        scenario.name, sweep.key
    )?;
    writeln!(
        out,
        "  {:<10} {:>7} {:>9} {:>9} {:>9} {:>9} {:>11}  Insights (consumer's)",
        sweep.key, "cold", "throttled", "p50", "p99", "longest", "cost"
    )?;
    for point in points {
        let runs = point.entry.invocations.max(1) as f64;
        writeln!(
            out,
            "  {:<10} {:>5.1} % {:>9} {:>9} {:>9} {:>9} {:>11}  {} ({})",
            point.value,
            point.entry.cold as f64 / runs * 100.0,
            point.entry.throttled,
            milliseconds(point.response_ms.p50),
            milliseconds(point.response_ms.p99),
            milliseconds(point.response_ms.max),
            format!("${:.6}", point.entry.cost_usd + point.consumer.cost_usd),
            list(&point.entry_insights),
            list(&point.consumer_insights)
        )?;
    }
    Ok(())
}

fn list(ids: &[Id]) -> String {
    if ids.is_empty() {
        return "none".to_owned();
    }
    ids.iter().map(|id| id.key()).collect::<Vec<_>>().join(", ")
}

fn milliseconds(value: Option<f64>) -> String {
    value.map_or_else(
        || "-".to_owned(),
        |ms| show_duration(Duration::from_secs_f64(ms.max(0.0) / 1e3)),
    )
}

/// Six significant digits, without an exponent.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (5 - value.abs().log10().floor() as i32).clamp(0, 12);
    format!("{value:.*}", digits as usize)
}
