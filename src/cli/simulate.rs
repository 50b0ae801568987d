//! `loadgen simulate`

use std::{io::Write as _, time::Duration};

use clap::Args;

use super::{Exit, Failure};
use crate::{
    lambda::Reuse,
    simulate::{
        Estimate, SteadyArrivals,
        steady::{LONGEST, Outcome, Steady},
    },
    units::{Distribution, parse_duration_up_to},
};

/// The Lambda model in virtual time: hours of idling in milliseconds. Nothing is sent.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Arrivals without end: poisson:0.9/s, burst:50/900s or burst:50/exp:600s.
    #[arg(long, required = true)]
    arrivals: SteadyArrivals,
    /// How long a warm environment is busy with one request.
    #[arg(
        long,
        default_value = "lognormal:100ms,250ms",
        value_name = "DISTRIBUTION"
    )]
    warm: Distribution,
    /// How long a new environment is busy with one, init included.
    #[arg(
        long,
        default_value = "lognormal:1.7s,2.5s",
        value_name = "DISTRIBUTION"
    )]
    cold: Distribution,
    /// How long an idle environment is kept.
    #[arg(long, default_value = "600s", value_name = "DISTRIBUTION")]
    expiry: Distribution,
    /// How many environments may be busy at once.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    cap: u32,
    /// Which idle environment takes a request: mru, newest or lru.
    #[arg(long, default_value = "mru", value_name = "POLICY")]
    reuse: Reuse,
    /// How long to simulate, in virtual time.
    #[arg(long, default_value = "1000000s", value_parser = span)]
    duration: Duration,
    /// How many independent runs; the intervals are over them.
    #[arg(long, default_value_t = 5, value_name = "N")]
    seeds: u32,
    /// The first run's seed.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn span(text: &str) -> Result<Duration, String> {
    parse_duration_up_to(text, LONGEST).map_err(|error| error.to_string())
}

impl Simulate {
    /// Runs it.
    ///
    /// # Errors
    /// Settings that cannot be simulated.
    pub fn run(self) -> Result<Exit, Failure> {
        let steady = Steady {
            arrivals: self.arrivals,
            warm: self.warm,
            cold: self.cold,
            expiry: self.expiry,
            cap: self.cap,
            reuse: self.reuse,
            duration: self.duration,
            seeds: self.seeds,
            seed: self.seed,
        };
        let outcome = steady.run().map_err(Failure::new)?;
        let mut out = std::io::stdout().lock();
        if self.json {
            let text = serde_json::to_string_pretty(&outcome).map_err(Failure::new)?;
            writeln!(out, "{text}")?;
        } else {
            write!(out, "{}", table(&steady, &outcome))?;
        }
        Ok(Exit::Met)
    }
}

fn table(steady: &Steady, outcome: &Outcome) -> String {
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), significant);
    let row = |name: &str, estimate: &Estimate| {
        format!(
            "  {name:<18} {:>14} {:>14} {:>14}\n",
            shown(estimate.mean),
            shown(estimate.low),
            shown(estimate.high)
        )
    };
    let mut text = format!(
        "Simulated: {} for {:?} of virtual time, {} seeds, reuse {}\n\n  {:<18} {:>14} {:>14} {:>14}\n",
        steady.arrivals, steady.duration, steady.seeds, steady.reuse, "", "mean", "95 % from", "to"
    );
    for (name, estimate) in [
        ("requests", &outcome.requests),
        ("p_cold", &outcome.p_cold),
        ("p_reject", &outcome.p_reject),
        ("mean_environments", &outcome.mean_environments),
        ("mean_busy", &outcome.mean_busy),
    ] {
        text += &row(name, estimate);
    }
    text += &format!(
        "\n{} requests in all, {:.1} million invocations per CPU-second\n",
        outcome.requests_total,
        outcome.invocations_per_cpu_second / 1e6
    );
    text
}

/// Six significant digits, without an exponent.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (5 - value.abs().log10().floor() as i32).clamp(0, 12);
    format!("{value:.*}", digits as usize)
}
