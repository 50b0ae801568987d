//! How a scenario's outcome moves when one assumption does.

use std::{fmt, str::FromStr, time::Duration};

use serde::Serialize;

use super::{
    cpu_share::CpuShare,
    observe::FunctionTotals,
    scenario::run,
    steady::{Steady, SteadyFigures},
};
use crate::{
    insight::Id,
    lambda::{Config, Function, FunctionId, Reuse},
    lang::{Phrase, texts},
    scenario::Scenario,
    stats::Summary,
    units::{Distribution, Memory, parse_duration, show_duration},
};

texts! {
    const;
    no_sweep(found: &str): "`{}` is no sweep: write expiry=300s..3600s, reuse=mru,newest,lru, init=200ms..3s, memory=128MB..1024MB or provisioned=0..20",
        "`{}`: 스윕이 아닙니다. expiry=300s..3600s, reuse=mru,newest,lru, init=200ms..3s, memory=128MB..1024MB, provisioned=0..20 중 하나로 쓰세요";
    bad_value(sweep: &str, value: &str, why: Phrase): "`{1}` in the sweep `{0}`: {2}", "스윕 `{}`의 `{}`: {}";
    NO_INTEGER: "write an integer", "정수를 쓰세요";
    backwards(found: &str): "`{}` runs backwards: the first value of a range must be the smaller one", "`{}`: 범위의 첫 값이 더 작아야 합니다";
    too_many_values(found: &str, most: usize): "`{}` has more than {} values; each one is a simulation of its own", "`{}`: 값이 {}개보다 많습니다. 값마다 시뮬레이션을 한 번씩 합니다";
    needs_scenario(key: &str): "a sweep of {} needs a scenario; with --arrivals sweep expiry or reuse, or run other --warm and --cold",
        "{} 스윕에는 시나리오가 필요합니다. --arrivals와 함께라면 expiry나 reuse를 스윕하거나 --warm과 --cold를 바꿔 실행하세요";
}

/// One assumption and the values that it takes in turn: `expiry=300s..3600s`.
///
/// A range takes its ends and the doublings of its start between them; a list, `a,b,c`, its
/// values. Of `init` the value is the median, and the shape is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The assumption's name: `expiry`, `reuse`, `init`, `memory` or `provisioned`.
    pub key: &'static str,
    /// Its values, at least one.
    pub values: Vec<SweptValue>,
    /// Of memory: what more CPU is worth. An assumption.
    pub cpu_share: CpuShare,
}

/// One value of a swept assumption.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SweptValue {
    /// The idle expiry, constant.
    Expiry(Duration),
    /// The reuse policy.
    Reuse(Reuse),
    /// The entry function's median init duration.
    Init(Duration),
    /// The entry function's memory size.
    Memory(Memory),
    /// The entry function's provisioned concurrency.
    Provisioned(u32),
}

/// What one value of a sweep of steady arrivals led to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SteadyPoint {
    /// The value, as people write it.
    pub value: String,
    /// The figures.
    #[serde(flatten)]
    pub outcome: SteadyFigures,
}

/// The most values of one sweep.
const MOST_VALUES: usize = 40;

/// What one value of a sweep led to.
#[derive(Clone, Debug, Serialize)]
pub struct SweepPoint {
    /// The value, as people write it.
    pub value: String,
    /// What clients waited, in milliseconds.
    pub response_ms: Summary,
    /// The entry function in numbers.
    pub entry: FunctionTotals,
    /// The Insights that the entry function meets.
    pub entry_insights: Vec<Id>,
    /// The consumer in numbers.
    pub consumer: FunctionTotals,
    /// The Insights that the consumer meets.
    pub consumer_insights: Vec<Id>,
}

impl Sweep {
    /// Simulates the scenario once for each value, everything else being equal, the seed too.
    ///
    /// # Errors
    /// What [`run`] refuses, for the first value that it refuses.
    pub fn run(&self, scenario: &Scenario, config: &Config) -> Result<Vec<SweepPoint>, Phrase> {
        let point = |value: &SweptValue| {
            let (scenario, config) = value.applied(scenario, config, self.cpu_share);
            let simulation = run(&scenario, config)?;
            Ok(SweepPoint {
                value: value.to_string(),
                response_ms: simulation.response(),
                entry: simulation.totals(FunctionId::ENTRY),
                entry_insights: simulation.insights(FunctionId::ENTRY),
                consumer: simulation.totals(FunctionId::CONSUMER),
                consumer_insights: simulation.insights(FunctionId::CONSUMER),
            })
        };
        self.values.iter().map(point).collect()
    }

    /// Simulates steady arrivals once for each value, everything else being equal.
    ///
    /// # Errors
    /// A sweep of something that steady arrivals do not have, and what [`Steady::run`] refuses.
    pub fn run_steady(&self, steady: &Steady) -> Result<Vec<SteadyPoint>, Phrase> {
        let point = |value: &SweptValue| {
            let mut steady = steady.clone();
            match *value {
                SweptValue::Expiry(expiry) => steady.expiry = Distribution::Constant(expiry),
                SweptValue::Reuse(reuse) => steady.reuse = reuse,
                SweptValue::Init(_) | SweptValue::Memory(_) | SweptValue::Provisioned(_) => {
                    return Err(needs_scenario(self.key));
                }
            }
            Ok(SteadyPoint {
                value: value.to_string(),
                outcome: steady.run()?,
            })
        };
        self.values.iter().map(point).collect()
    }
}

impl SweptValue {
    fn applied(
        &self,
        scenario: &Scenario,
        config: &Config,
        cpu_share: CpuShare,
    ) -> (Scenario, Config) {
        let (mut scenario, mut config) = (scenario.clone(), config.clone());
        match *self {
            SweptValue::Expiry(expiry) => config.expiry = Distribution::Constant(expiry),
            SweptValue::Reuse(reuse) => config.reuse = reuse,
            SweptValue::Init(median) => {
                let default = Function::sample_entry(config.profile).init;
                scenario.function.init = Some(with_median(
                    scenario.function.init.unwrap_or(default),
                    median,
                ));
            }
            SweptValue::Memory(memory) => {
                let usual = Function::sample_entry(config.profile);
                let function = &mut scenario.function;
                let measured = function.memory.unwrap_or(usual.memory);
                let slower = cpu_share.slower(measured, memory);
                for (shape, usual) in [
                    (&mut function.init, usual.init),
                    (&mut function.warm, usual.warm),
                ] {
                    *shape = Some(shape.unwrap_or(usual).scaled(slower));
                }
                function.memory = Some(memory);
            }
            SweptValue::Provisioned(n) => scenario.function.provisioned_concurrency = Some(n),
        }
        (scenario, config)
    }
}

/// The same shape around another median; a shape without one becomes a constant.
fn with_median(shape: Distribution, median: Duration) -> Distribution {
    match shape {
        Distribution::LogNormal(from, _) | Distribution::Quantiles([from, ..])
            if !median.is_zero() =>
        {
            shape.scaled(median.as_secs_f64() / from.as_secs_f64().max(1e-9))
        }
        _ => Distribution::Constant(median),
    }
}

/// What can be swept.
const KEYS: [&str; 5] = ["expiry", "reuse", "init", "memory", "provisioned"];

impl SweptValue {
    fn parse(key: &str, text: &str) -> Result<SweptValue, Phrase> {
        Ok(match key {
            "expiry" => SweptValue::Expiry(parse_duration(text)?),
            "init" => SweptValue::Init(parse_duration(text)?),
            "memory" => SweptValue::Memory(text.parse()?),
            "reuse" => SweptValue::Reuse(text.trim().parse()?),
            _ => SweptValue::Provisioned(text.parse().map_err(|_| NO_INTEGER)?),
        })
    }

    /// What doubles in a range: nanoseconds, MiB or a count.
    fn number(self) -> Option<u64> {
        Some(match self {
            SweptValue::Expiry(time) | SweptValue::Init(time) => {
                u64::try_from(time.as_nanos()).ok()?
            }
            SweptValue::Memory(memory) => memory.mb().into(),
            SweptValue::Provisioned(n) => n.into(),
            SweptValue::Reuse(_) => return None,
        })
    }

    /// Another value of the same assumption, from between two that exist.
    fn of_number(self, number: u64) -> SweptValue {
        let small = u32::try_from(number).unwrap_or(u32::MAX);
        match self {
            SweptValue::Expiry(_) => SweptValue::Expiry(Duration::from_nanos(number)),
            SweptValue::Init(_) => SweptValue::Init(Duration::from_nanos(number)),
            SweptValue::Memory(least) => {
                SweptValue::Memory(Memory::from_mb(small).unwrap_or(least))
            }
            SweptValue::Provisioned(_) => SweptValue::Provisioned(small),
            SweptValue::Reuse(_) => self,
        }
    }
}

impl fmt::Display for SweptValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SweptValue::Expiry(time) | SweptValue::Init(time) => f.write_str(&show_duration(*time)),
            SweptValue::Reuse(reuse) => write!(f, "{reuse}"),
            SweptValue::Memory(memory) => write!(f, "{memory}"),
            SweptValue::Provisioned(n) => write!(f, "{n}"),
        }
    }
}

impl FromStr for Sweep {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Sweep, Phrase> {
        let form = || no_sweep(text);
        let (key, values) = match text.trim().split_once('=') {
            Some((key, values)) => (key.trim(), values.trim()),
            // The policies are few enough to need no list.
            None if text.trim() == "reuse" => ("reuse", "mru,newest,lru"),
            None => return Err(form()),
        };
        let key = KEYS.into_iter().find(|known| *known == key);
        let key = key.ok_or_else(form)?;
        let read = |value| SweptValue::parse(key, value).map_err(|why| bad_value(text, value, why));
        let values: Vec<SweptValue> = match values.split_once("..") {
            None => values.split(',').map(read).collect::<Result<_, _>>()?,
            Some((first, last)) => {
                let (first, last) = (read(first)?, read(last)?);
                let ends = first.number().zip(last.number()).ok_or_else(form)?;
                if ends.0 > ends.1 {
                    return Err(backwards(text));
                }
                let numbers = doublings(ends.0, ends.1).into_iter();
                numbers.map(|number| first.of_number(number)).collect()
            }
        };
        if values.len() > MOST_VALUES {
            return Err(too_many_values(text, MOST_VALUES));
        }
        Ok(Sweep {
            key,
            values,
            cpu_share: CpuShare::default(),
        })
    }
}

/// `from`, its doublings, and `to`; from 0 by way of 1, or of a sixty-fourth of `to`.
fn doublings(from: u64, to: u64) -> Vec<u64> {
    let mut numbers = vec![from];
    let mut next = if from == 0 {
        (to / 64).max(1)
    } else {
        from * 2
    };
    while next < to {
        numbers.push(next);
        next = next.saturating_mul(2);
    }
    if to > from {
        numbers.push(to);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let sweep: Sweep = text.parse().expect(text);
        sweep.values.iter().map(SweptValue::to_string).collect()
    }

    #[test]
    fn a_range_has_its_ends_and_the_doublings_between() {
        assert_eq!(
            values("expiry=300s..3600s"),
            ["5 min", "10 min", "20 min", "40 min", "1 h"]
        );
        assert_eq!(
            values("memory=128MB..1GB"),
            ["128 MB", "256 MB", "512 MB", "1024 MB"]
        );
        assert_eq!(
            values("provisioned=0..20"),
            ["0", "1", "2", "4", "8", "16", "20"]
        );
        assert_eq!(values("init=1s..1s"), ["1 s"]);
        assert_eq!(values("init=200ms,700ms"), ["200 ms", "700 ms"]);
        assert_eq!(values("reuse"), ["mru", "newest", "lru"]);
        assert_eq!(values("expiry=0s..64s").len(), 8);
    }

    #[test]
    fn what_is_no_sweep_is_refused() {
        for text in [
            "",
            "expiry",
            "expiry=",
            "expiry=-1s..5s",
            "expiry=1h..1m",
            "expiry=1ns..8000h",
            "memory=1MB..2MB",
            "reuse=fifo",
            "provisioned=-1..4",
            "provisioned=1.5",
            "colour=red",
            "init=..",
        ] {
            let read = text.parse::<Sweep>();
            assert!(read.is_err(), "{text}: {read:?}");
        }
    }
}
