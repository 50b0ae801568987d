//! Phases: when requests are sent, and which ask for a fault.

use std::{collections::HashMap, ops::Range, time::Duration};

use super::{
    diagnostics::Diagnostics,
    file::{FaultFile, FaultKind, Located, PhaseFile, RampFile},
    mistake::quoted,
    types::{Arrivals, FaultShare, LONGEST, MOST_REQUESTS, MOST_STEPS, Phase},
};
use crate::{
    lambda::Fault,
    units::{parse_duration, show_duration},
};

/// Reads the phases of a file; only those without mistakes are in the answer.
pub fn read(
    found: &mut Diagnostics,
    phases: Option<&[PhaseFile]>,
    times: Option<&Located<u32>>,
) -> Vec<Phase> {
    let mut read = Vec::new();
    let mut names = HashMap::new();
    for (number, file) in phases.unwrap_or_default().iter().enumerate() {
        let name = found.name(Some(&file.name), "-_");
        if let Some(before) = names.insert(name.clone(), number + 1) {
            let message = format!("two phases are called {}", quoted(&name));
            let help =
                format!("phase number {before} has this name already; every phase needs its own");
            found.mistake(file.name.span(), "used before", message, Some(&help));
        }
        let Some(arrivals) = arrivals(found, file) else {
            continue;
        };
        read.push(Phase {
            name,
            arrivals,
            fault: fault(found, file, arrivals),
        });
    }
    bounds(found, phases.unwrap_or_default(), &read, times);
    read
}

/// The ways to send requests.
enum Way<'a> {
    Idle(&'a Located<String>),
    Burst(&'a Located<u64>),
    Rate(&'a Located<f64>),
    Ramp(&'a Located<RampFile>),
    Poisson(&'a Located<f64>),
}

impl Way<'_> {
    fn key(&self) -> &'static str {
        match self {
            Way::Idle(_) => "idle",
            Way::Burst(_) => "burst",
            Way::Rate(_) => "rate",
            Way::Ramp(_) => "ramp",
            Way::Poisson(_) => "poisson",
        }
    }

    fn span(&self) -> Range<usize> {
        match self {
            Way::Idle(at) => at.span(),
            Way::Burst(at) => at.span(),
            Way::Rate(at) | Way::Poisson(at) => at.span(),
            Way::Ramp(at) => at.span(),
        }
    }
}

/// The one way in which a phase sends.
fn way<'a>(found: &mut Diagnostics, file: &'a PhaseFile) -> Option<Way<'a>> {
    const HELP: &str = "a phase has exactly one of idle, burst, rate, ramp and poisson; \
                        put each into a [[phase]] of its own";
    let mut ways: Vec<Way<'_>> = [
        file.idle.as_ref().map(Way::Idle),
        file.burst.as_ref().map(Way::Burst),
        file.rate.as_ref().map(Way::Rate),
        file.ramp.as_ref().map(Way::Ramp),
        file.poisson.as_ref().map(Way::Poisson),
    ]
    .into_iter()
    .flatten()
    .collect();
    // As they stand in the file.
    ways.sort_by_key(|way| way.span().start);
    let mut ways = ways.into_iter();
    let name = quoted(file.name.get());
    let Some(first) = ways.next() else {
        let message = format!("the phase {name} does not say what it does");
        let help = "give it one of idle, burst, rate, ramp or poisson, for example burst = 20";
        found.mistake(file.name.span(), "nothing to send", message, Some(help));
        return None;
    };
    let more: Vec<Way<'_>> = ways.collect();
    for other in &more {
        let message = format!(
            "the phase {name} has both `{}` and `{}`",
            first.key(),
            other.key()
        );
        found.mistake(other.span(), "one too many", message, Some(HELP));
    }
    more.is_empty().then_some(first)
}

fn arrivals(found: &mut Diagnostics, file: &PhaseFile) -> Option<Arrivals> {
    let way = way(found, file)?;
    let lasts = matches!(way, Way::Rate(_) | Way::Ramp(_) | Way::Poisson(_));
    let stray =
        |found: &mut Diagnostics, key: &str, value: Option<&Located<String>>, with: &str| {
            if let Some(value) = value {
                let message = format!("`{key}` says nothing about `{}`", way.key());
                let help = format!("leave it out: `{key}` goes with {with}");
                found.mistake(value.span(), "does not belong here", message, Some(&help));
            }
        };
    if !matches!(way, Way::Burst(_)) {
        stray(found, "within", file.within.as_ref(), "burst");
    }
    if !lasts {
        stray(found, "for", file.length.as_ref(), "rate, ramp and poisson");
    } else if file.length.is_none() {
        let message = format!(
            "the phase {} does not say how long it lasts",
            quoted(file.name.get())
        );
        let help = "add for = \"10s\", or another duration";
        found.mistake(way.span(), "for how long?", message, Some(help));
    }
    let length = |found: &mut Diagnostics| found.duration(file.length.as_ref(), "for");
    let arrivals = match way {
        Way::Idle(idle) => Arrivals::Idle(found.duration(Some(idle), "idle")?),
        Way::Burst(count) => Arrivals::Burst {
            count: *count.get(),
            within: within(found, file.within.as_ref())?,
        },
        Way::Rate(rate) => Arrivals::Rate {
            per_second: *rate.get(),
            length: length(found)?,
        },
        Way::Poisson(rate) => Arrivals::Poisson {
            per_second: *rate.get(),
            length: length(found)?,
        },
        Way::Ramp(ramp) => Arrivals::Ramp {
            from: ramp.get().from,
            to: ramp.get().to,
            length: length(found)?,
        },
    };
    let by_chance = matches!(arrivals, Arrivals::Poisson { .. } | Arrivals::Idle(_));
    if !by_chance && arrivals.expected().round() < 1.0 {
        let message = format!(
            "the phase {} sends no request: `{}` over {} comes to {:.2} requests",
            quoted(file.name.get()),
            way.key(),
            show_duration(arrivals.length()),
            arrivals.expected(),
        );
        let help = "a higher rate, or a longer `for`";
        found.mistake(way.span(), "less than one request", message, Some(help));
        return None;
    }
    Some(arrivals)
}

/// The length of a burst, which may be zero.
fn within(found: &mut Diagnostics, text: Option<&Located<String>>) -> Option<Duration> {
    let Some(text) = text else {
        return Some(Duration::ZERO);
    };
    match parse_duration(text.get()) {
        Ok(within) => Some(within),
        Err(error) => {
            found.mistake(text.span(), "not understood", error, None);
            None
        }
    }
}

fn fault(found: &mut Diagnostics, file: &PhaseFile, arrivals: Arrivals) -> Option<FaultShare> {
    let at = file.fault.as_ref()?;
    if matches!(arrivals, Arrivals::Idle(_)) {
        let message = "an idle phase sends no requests that could ask for a fault";
        let help = "put the fault into the phase that sends";
        found.mistake(at.span(), "nothing to fail", message, Some(help));
        return None;
    }
    let file = at.get();
    let share = FaultShare {
        fault: kind(found, file, at.span())?,
        share: file.share,
    };
    let requests = arrivals.expected().round();
    let by_chance = matches!(arrivals, Arrivals::Poisson { .. });
    if !by_chance && share.of(requests as u64) == 0 {
        let message = format!(
            "a share of {} of {requests} requests comes to none",
            file.share
        );
        let help = "a larger share, or more requests";
        found.mistake(at.span(), "no request fails", message, Some(help));
        return None;
    }
    Some(share)
}

/// The fault, with the one number that its kind needs and no other.
fn kind(found: &mut Diagnostics, file: &FaultFile, span: Range<usize>) -> Option<Fault> {
    let (key, example) = match file.kind {
        FaultKind::Error | FaultKind::Timeout => ("", ""),
        FaultKind::Latency => ("ms", "ms = 500"),
        FaultKind::Memory => ("percent", "percent = 97"),
        FaultKind::Status => ("code", "code = 503"),
    };
    let numbers = [
        ("ms", file.ms.as_ref().map(Located::span)),
        ("percent", file.percent.as_ref().map(Located::span)),
        ("code", file.code.as_ref().map(Located::span)),
    ];
    for (stray, span) in numbers {
        if let Some(span) = span.filter(|_| stray != key) {
            let message = format!("`{stray}` does not go with this kind of fault");
            let help = match key {
                "" => "leave it out: this kind takes no number".to_owned(),
                _ => format!("this kind takes {example}"),
            };
            found.mistake(span, "does not belong here", message, Some(&help));
        }
    }
    let fault = match file.kind {
        FaultKind::Error => Some(Fault::Error),
        FaultKind::Timeout => Some(Fault::Timeout),
        FaultKind::Latency => {
            let ms = file.ms.as_ref();
            ms.map(|ms| Fault::Latency(Duration::from_millis(*ms.get())))
        }
        FaultKind::Memory => {
            let percent = file.percent.as_ref();
            percent.map(|percent| Fault::Memory {
                percent: *percent.get(),
            })
        }
        FaultKind::Status => file.code.as_ref().map(|code| Fault::Status(*code.get())),
    };
    if fault.is_none() {
        let message = format!("this fault has no `{key}`");
        let help = format!("add {example}");
        found.mistake(span, "how much?", message, Some(&help));
    }
    fault
}

/// What all phases and repetitions come to must be something that a run can do.
fn bounds(
    found: &mut Diagnostics,
    files: &[PhaseFile],
    phases: &[Phase],
    times: Option<&Located<u32>>,
) {
    let repeat = times.map_or(1, |times| *times.get());
    let requests: f64 = phases.iter().map(|phase| phase.arrivals.expected()).sum();
    let seconds: f64 = phases
        .iter()
        .map(|phase| phase.arrivals.length().as_secs_f64())
        .sum();
    let (requests, seconds) = (requests * f64::from(repeat), seconds * f64::from(repeat));
    let steps = phases.len() as u64 * u64::from(repeat);
    let too_much = if requests > MOST_REQUESTS as f64 {
        format!("{requests:.0} requests are more than a run may send, {MOST_REQUESTS}")
    } else if seconds > LONGEST.as_secs_f64() {
        "the phases and their repetitions last longer than a year, which no run does".to_owned()
    } else if steps > MOST_STEPS {
        format!(
            "{} phases {repeat} times are more than {MOST_STEPS} steps",
            phases.len()
        )
    } else {
        return;
    };
    let span = match (times, files.last()) {
        (Some(times), _) => times.span(),
        (None, Some(last)) => last.name.span(),
        (None, None) => 0..0,
    };
    let help = "fewer repetitions, lower rates or shorter phases";
    found.mistake(span, "too much", too_much, Some(help));
}
