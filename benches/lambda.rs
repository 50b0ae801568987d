//! How fast the Lambda model is, and how it compares with SimFaaS.
//!
//! `cargo bench --bench lambda` prints invocations per CPU-second for several loads;
//! `cargo bench --bench lambda -- simfaas` prints every row of the SimFaaS table beside ours,
//! newest-first reuse, with at least 20 times the requests.

use std::{error::Error, time::Duration};

use loadgen::{
    lambda::Reuse,
    simulate::{SeedMean, steady::Steady},
};

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` adds `--bench`; the rest is ours.
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.iter().any(|word| word == "simfaas") {
        simfaas()
    } else {
        speed()
    }
}

/// What all loads share: exponential times with a mean of 1 s, expiry after 600 s.
fn steady(arrivals: &str, reuse: Reuse, requests: f64) -> Result<Steady, Box<dyn Error>> {
    let arrivals: loadgen::simulate::SteadyArrivals = arrivals.parse()?;
    Ok(Steady {
        arrivals,
        warm: "exp:1s".parse()?,
        cold: "exp:1s".parse()?,
        expiry: "600s".parse()?,
        cap: 100_000,
        reuse,
        duration: Duration::from_secs_f64(requests / arrivals.per_second()),
        seeds: 3,
        seed: 1,
    })
}

fn speed() -> Result<(), Box<dyn Error>> {
    println!("million invocations per CPU-second, durations and arrivals drawn\n");
    println!("  {:<22} {:>8} {:>8} {:>8}", "", "mru", "newest", "lru");
    for arrivals in [
        "poisson:0.9/s",
        "poisson:10/s",
        "poisson:1000/s",
        "burst:50/900s",
        "burst:1000/exp:700s",
    ] {
        print!("  {arrivals:<22}");
        for &reuse in Reuse::ALL {
            let outcome = steady(arrivals, reuse, 3e6)?.run()?;
            print!(" {:>8.1}", outcome.invocations_per_cpu_second / 1e6);
        }
        println!();
    }
    Ok(())
}

const SIMFAAS: &str = include_str!("../src/lambda/data/simfaas.csv");

fn simfaas() -> Result<(), Box<dyn Error>> {
    println!(
        "  {:<4} {:<19} {:>31} {:>31}  {:<8}",
        "row", "figure", "SimFaaS [95 %]", "ours [95 %]", "overlap"
    );
    for line in SIMFAAS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
    {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| -> Result<f64, Box<dyn Error>> {
            Ok(cells.get(i).ok_or("a short row")?.parse()?)
        };
        let reference_requests = number(8)?;
        let (duration, seeds) = (number(6)?, number(7)?);
        let steady = Steady {
            arrivals: cells[1].parse()?,
            warm: cells[2].parse()?,
            cold: cells[3].parse()?,
            expiry: cells[4].parse()?,
            cap: number(5)? as u32,
            reuse: Reuse::Newest,
            duration: Duration::from_secs_f64(duration),
            seeds: (seeds * 20.0) as u32,
            seed: 1,
        };
        let outcome = steady.run()?;
        let figures = [
            ("p_cold", outcome.p_cold),
            ("p_reject", outcome.p_reject),
            ("mean_environments", outcome.mean_environments),
            ("mean_busy", outcome.mean_busy),
        ];
        for (i, (figure, ours)) in figures.into_iter().enumerate() {
            let at = 9 + i * 3;
            let theirs = SeedMean {
                mean: Some(number(at)?),
                low: Some(number(at + 1)?),
                high: Some(number(at + 2)?),
            };
            println!(
                "  {:<4} {figure:<19} {:>31} {:>31}  {}",
                cells[0],
                shown(theirs),
                shown(ours),
                if overlap(theirs, ours) { "yes" } else { "no" }
            );
        }
        println!(
            "       {} requests ({:.0} times SimFaaS's), {:.1} million a CPU-second ({:.0} times)\n",
            outcome.requests_total,
            outcome.requests_total as f64 / reference_requests,
            outcome.invocations_per_cpu_second / 1e6,
            // SimFaaS counts events; an invocation has about two.
            outcome.invocations_per_cpu_second / (number(21)? / 2.0),
        );
    }
    Ok(())
}

fn shown(estimate: SeedMean) -> String {
    match estimate {
        SeedMean {
            mean: Some(mean),
            low: Some(low),
            high: Some(high),
        } => format!("{mean:.6} [{low:.6}, {high:.6}]"),
        _ => "-".to_owned(),
    }
}

fn overlap(a: SeedMean, b: SeedMean) -> bool {
    // Equal up to the six digits that the table has.
    let slack = a.mean.unwrap_or(0.0).abs() * 1e-5;
    match (a.low, a.high, b.low, b.high) {
        (Some(a_low), Some(a_high), Some(b_low), Some(b_high)) => {
            a_low <= b_high + slack && b_low <= a_high + slack
        }
        _ => false,
    }
}
