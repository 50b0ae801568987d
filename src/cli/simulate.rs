//! `loadgen simulate`: the Lambda model in virtual time.

mod show;

use std::{path::PathBuf, time::Duration};

use clap::{ArgGroup, Args};
use serde_json::json;

use super::{
    Exit, Failure,
    flags::{Global, Settings},
    out,
    sending::report,
};
use crate::{
    lambda::{Config, DurationProfile, Reuse},
    lang::{Phrase, texts},
    report::{json, text},
    run::{simulated, write_simulated},
    scenario::Scenario,
    simulate::{
        self, CpuShare, SteadyArrivals,
        steady::{LONGEST, Steady},
        sweep::Sweep,
    },
    stats::Tally,
    units::{Distribution, parse_duration_up_to},
};

texts! {
    const;
    NAME_ONE: "name a scenario, or give --arrivals", "시나리오 이름이나 --arrivals를 쓰세요";
    NO_TIME: "no time has no requests", "시간이 0이면 요청도 없습니다";
}

/// Run a scenario, or arrivals without end, in virtual time: nothing is sent.
///
/// A scenario runs through the model of the complete sample app: hours of idling take milliseconds.
/// With --arrivals one function serves steady traffic, and the figures can be compared with theory.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("traffic").required(true).args(["scenario", "arrivals"]))]
pub struct Simulate {
    /// A scenario: a file, or a built-in name
    scenario: Option<String>,
    /// Arrivals without end: poisson:0.9/s, burst:50/900s or burst:50/exp:600s
    #[arg(long, value_name = "ARRIVALS")]
    arrivals: Option<SteadyArrivals>,
    /// With --arrivals: how long a warm environment is busy with one request
    #[arg(
        long,
        default_value = "lognormal:100ms,300ms",
        value_name = "DISTRIBUTION"
    )]
    #[arg(conflicts_with = "scenario")]
    warm: Distribution,
    /// With --arrivals: how long a new environment is busy with one, init included
    #[arg(
        long,
        default_value = "lognormal:1.7s,2.5s",
        value_name = "DISTRIBUTION"
    )]
    #[arg(conflicts_with = "scenario")]
    cold: Distribution,
    /// With --arrivals: how long to simulate, in virtual time
    #[arg(long, default_value = "1000000s", value_parser = span)]
    #[arg(conflicts_with = "scenario")]
    duration: Duration,
    /// With --arrivals: how many independent runs; the intervals are over them
    #[arg(
        long,
        default_value_t = 5,
        value_name = "N",
        conflicts_with = "scenario"
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    seeds: u32,
    /// How long an idle environment is kept
    #[arg(long, default_value = "600s", value_name = "DISTRIBUTION")]
    expiry: Distribution,
    /// How many environments may be busy at once: the account's concurrency
    #[arg(long, visible_alias = "account-concurrency", default_value_t = 1000)]
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    cap: u32,
    /// Which idle environment takes a request: mru, newest or lru
    #[arg(long, default_value = "mru", value_name = "POLICY")]
    reuse: Reuse,
    /// With a scenario: how old an environment may become [default: any age]
    #[arg(long, value_name = "DISTRIBUTION", conflicts_with = "arrivals")]
    max_lifetime: Option<Distribution>,
    /// With a scenario: the share of cold starts that Lambda initialised ahead of need
    #[arg(
        long,
        default_value_t = 0.0,
        value_name = "SHARE",
        conflicts_with = "arrivals"
    )]
    proactive: f64,
    /// With a scenario: where the functions' durations come from
    #[arg(long, value_enum, default_value_t, conflicts_with = "arrivals")]
    profile: DurationProfile,
    /// Let one assumption move: expiry=300s..3600s, reuse=mru,newest,lru, and with a scenario
    /// init=200ms..3s, memory=128MB..1GB or provisioned=0..20
    #[arg(long, value_name = "SWEEP")]
    sweep: Option<Sweep>,
    #[command(flatten)]
    settings: Settings,
    /// With a sweep of memory: the share of the work that waits for the CPU at one vCPU, 0 to 1, or two
    /// measured durations, 512MB=900ms,1024MB=480ms
    #[arg(long, value_name = "SHARE", default_value = "1")]
    cpu_share: CpuShare,
    /// The seed of everything random [default: the scenario's, or 42]
    #[arg(long)]
    seed: Option<u64>,
    /// With a scenario: keep the simulated run in this folder, for `loadgen report`
    #[arg(long, value_name = "DIR", conflicts_with_all = ["arrivals", "sweep"])]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn span(text: &str) -> Result<Duration, Phrase> {
    match parse_duration_up_to(text, LONGEST) {
        Ok(Duration::ZERO) => Err(NO_TIME.into()),
        span => span,
    }
}

/// Runs the simulation and prints its result.
///
/// # Errors
/// Settings that cannot be simulated, a scenario that cannot be read.
pub fn run(asked: &Simulate, global: &Global) -> Result<Exit, Failure> {
    match (&asked.arrivals, &asked.scenario) {
        (Some(arrivals), _) => steady(asked, *arrivals),
        (None, Some(name)) => {
            let mut scenario = Scenario::load_with(name, &asked.settings.set)?;
            if let Some(seed) = asked.seed {
                scenario.seed = seed;
            }
            let config = config(asked, scenario.seed);
            match &asked.sweep {
                Some(sweep) => {
                    let sweep = Sweep {
                        cpu_share: asked.cpu_share,
                        ..sweep.clone()
                    };
                    swept(asked, &scenario, &config, &sweep)
                }
                None => once(asked, &scenario, config, global),
            }
        }
        (None, None) => Err(Failure::new(NAME_ONE)),
    }
}

fn steady(asked: &Simulate, arrivals: SteadyArrivals) -> Result<Exit, Failure> {
    let steady = Steady {
        arrivals,
        warm: asked.warm,
        cold: asked.cold,
        expiry: asked.expiry,
        cap: asked.cap,
        reuse: asked.reuse,
        duration: asked.duration,
        seeds: asked.seeds,
        seed: asked.seed.unwrap_or(42),
    };
    if let Some(sweep) = &asked.sweep {
        let points = sweep.run_steady(&steady)?;
        out::text(match asked.json {
            true => json::write(&json!({
                "simulated": true,
                "sweep": sweep.key,
                "points": points,
            })),
            false => show::steady_sweep(&steady, sweep.key, &points),
        })?;
        return Ok(Exit::Met);
    }
    let outcome = steady.run()?;
    out::text(match asked.json {
        true => json::write(&outcome),
        false => show::steady(&steady, &outcome),
    })?;
    Ok(Exit::Met)
}

fn config(asked: &Simulate, seed: u64) -> Config {
    Config {
        seed,
        account_concurrency: asked.cap,
        expiry: asked.expiry,
        max_lifetime: asked.max_lifetime,
        reuse: asked.reuse,
        proactive: asked.proactive,
        profile: asked.profile,
        ..Config::default()
    }
}

fn swept(
    asked: &Simulate,
    scenario: &Scenario,
    config: &Config,
    sweep: &Sweep,
) -> Result<Exit, Failure> {
    let points = sweep.run(scenario, config)?;
    out::text(match asked.json {
        true => json::write(&json!({
            "simulated": true,
            "scenario": scenario.name,
            "seed": config.seed,
            "sweep": sweep.key,
            "points": points,
        })),
        false => text::sweep(&scenario.name, sweep, &points),
    })?;
    Ok(Exit::Met)
}

/// A scenario once, with the report that a run gets.
fn once(
    asked: &Simulate,
    scenario: &Scenario,
    config: Config,
    global: &Global,
) -> Result<Exit, Failure> {
    let simulation = simulate::run(scenario, config.clone())?;
    let phases: Vec<usize> = (0..scenario.phases.len()).collect();
    let mut tally = Tally::watching(phases.len(), &phases);
    for sample in &simulation.samples {
        tally.record(sample);
    }
    let run = simulated(scenario, &simulation, &config, &tally);
    if let Some(path) = &asked.out {
        write_simulated(path, &run, &simulation)?;
    }
    out::report(report(&run, &tally.latencies, asked.json, global))?;
    Ok(Exit::of(&run))
}
