//! What `loadgen simulate` prints for people.

use std::{
    io::{self, Write},
    time::Duration,
};

use crate::{
    insight::Id,
    lambda::Role,
    scenario::Scenario,
    simulate::{
        Estimate, Simulation, Tally,
        steady::{Outcome, Steady},
        sweep::{Point, Sweep},
    },
    units::show_duration,
    verify::Finding,
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

/// A scenario in the model: both functions, and the Insights.
pub(super) fn scenario(
    out: &mut impl Write,
    scenario: &Scenario,
    simulation: &Simulation,
    findings: &[Finding],
) -> io::Result<()> {
    writeln!(
        out,
        "Simulated: {}, {} requests over {}, nothing was sent.\n",
        scenario.name,
        simulation.samples.len(),
        show_duration(simulation.length)
    )?;
    let tallies = [
        simulation.tally(Role::Entry),
        simulation.tally(Role::Consumer),
    ];
    let [entry, consumer] = &tallies;
    writeln!(out, "  {:<20} {:>12} {:>12}", "", "entry", "consumer")?;
    let counts: [(&str, fn(&Tally) -> u64); 7] = [
        ("invocations", |t| t.invocations),
        ("cold starts", |t| t.cold),
        ("ready ahead", |t| t.ready_ahead),
        ("throttled", |t| t.throttled),
        ("errors", |t| t.errors),
        ("timeouts", |t| t.timeouts),
        ("out of memory", |t| t.out_of_memory),
    ];
    for (name, value) in counts {
        writeln!(
            out,
            "  {name:<20} {:>12} {:>12}",
            value(entry),
            value(consumer)
        )?;
    }
    let longest = |tally: &Tally| milliseconds(tally.longest_ms);
    let memory = |tally: &Tally| {
        (tally.memory_used_mb).map_or_else(|| "-".to_owned(), |mb| format!("{mb} MB"))
    };
    let cost = |tally: &Tally| format!("${:.6}", tally.cost_usd);
    let texts: [(&str, &dyn Fn(&Tally) -> String); 3] = [
        ("longest duration", &longest),
        ("most memory", &memory),
        ("cost", &cost),
    ];
    for (name, text) in texts {
        writeln!(
            out,
            "  {name:<20} {:>12} {:>12}",
            text(entry),
            text(consumer)
        )?;
    }
    let response = simulation.response();
    writeln!(
        out,
        "\n  response: p50 {}, p95 {}, p99 {}, longest {}\n",
        milliseconds(response.p50),
        milliseconds(response.p95),
        milliseconds(response.p99),
        milliseconds(response.max)
    )?;
    for finding in findings.iter().filter(|finding| worth_telling(finding)) {
        writeln!(
            out,
            "  {:<12} {:<24} {}: {}",
            word(finding),
            finding.id.key(),
            finding.function,
            finding.reason
        )?;
    }
    Ok(())
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

/// What is neither expected nor met goes without saying.
fn worth_telling(finding: &Finding) -> bool {
    use crate::verify::Verdict;
    !matches!(finding.verdict, Verdict::Absent) || finding.untold()
}

fn word(finding: &Finding) -> String {
    serde_json::to_value(finding.verdict)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('_', " ")))
        .unwrap_or_default()
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
