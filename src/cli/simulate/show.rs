//! What `loadgen simulate` prints for people.

use std::time::Duration;

use textwrap::core::display_width;

use crate::{
    lang::texts,
    simulate::{
        SeedMean,
        steady::{Steady, SteadyFigures},
        sweep::SteadyPoint,
    },
};

texts! {
    const;
    simulated(arrivals: String, length: Duration, seeds: u32, reuse: String): "Simulated: {} for {}, {} seeds, reuse {}; nothing was sent.",
        "시뮬레이션: {1} 동안 {0}, 시드 {2}개, 재사용 {3}. 아무것도 보내지 않았습니다.";
    simulated_sweep(arrivals: String, length: Duration, seeds: u32, key: &str): "Simulated: {} for {}, {} seeds, other values of {}; nothing was sent.",
        "시뮬레이션: {1} 동안 {0}, 시드 {2}개, {3} 값을 바꿈. 아무것도 보내지 않았습니다.";
    MEAN: "mean", "평균";
    FROM: "95 % from", "95% 하한";
    TO: "to", "상한";
    ENVIRONMENTS: "environments", "환경";
    from_to(low: String, high: String): "{} to {}", "{}~{}";
    total(requests: u64, millions: String): "total {} requests, {} million invocations per CPU-second",
        "전체 요청 {}회, CPU 1초당 호출 {}백만 회";
}

/// `text` at the right of `width` columns.
fn padded_left(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(display_width(text));
    format!("{}{text}", " ".repeat(blanks))
}

/// The figures of steady arrivals.
pub(super) fn steady(steady: &Steady, outcome: &SteadyFigures) -> String {
    let what = simulated(
        steady.arrivals.to_string(),
        steady.duration,
        steady.seeds,
        steady.reuse.to_string(),
    );
    let columns = [MEAN, FROM, TO].map(|column| padded_left(&column.to_string(), 14));
    let heading = format!("{what}\n\n  {:<18} {}\n", "", columns.join(" "));
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
    let millions = format!("{:.1}", outcome.invocations_per_cpu_second / 1e6);
    let total = total(outcome.requests_total, millions);
    format!("{heading}{rows}\n{total}\n")
}

/// How the figures of steady arrivals move with one assumption.
pub(super) fn steady_sweep(steady: &Steady, key: &str, points: &[SteadyPoint]) -> String {
    let arrivals = steady.arrivals.to_string();
    let what = simulated_sweep(arrivals, steady.duration, steady.seeds, key);
    let heading = format!(
        "{what}\n\n  {key:<10} {:>12} {:>25} {:>10} {}\n",
        "p_cold",
        "95 %",
        "p_reject",
        padded_left(&ENVIRONMENTS.to_string(), 14)
    );
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), significant);
    let row = |point: &SteadyPoint| {
        let SteadyFigures {
            p_cold,
            p_reject,
            mean_environments,
            ..
        } = point.outcome;
        let interval = from_to(shown(p_cold.low), shown(p_cold.high)).to_string();
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
