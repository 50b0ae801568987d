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

/// The one key that says how a phase sends, and where it stands.
fn way(found: &mut Diagnostics, file: &PhaseFile) -> Option<(&'static str, Range<usize>)> {
    const HELP: &str = "a phase has exactly one of idle, burst, rate, ramp and poisson; \
                        put each into a [[phase]] of its own";
    let mut ways: Vec<(&str, Range<usize>)> = [
        ("idle", file.idle.as_ref().map(Located::span)),
        ("burst", file.burst.as_ref().map(Located::span)),
        ("rate", file.rate.as_ref().map(Located::span)),
        ("ramp", file.ramp.as_ref().map(Located::span)),
        ("poisson", file.poisson.as_ref().map(Located::span)),
    ]
    .into_iter()
    .filter_map(|(key, span)| Some((key, span?)))
    .collect();
    // As they stand in the file.
    ways.sort_by_key(|(_, span)| span.start);
    let name = quoted(file.name.get());
    let [first, more @ ..] = ways.as_slice() else {
        let message = format!("the phase {name} does not say what it does");
        let help = "give it one of idle, burst, rate, ramp or poisson, for example burst = 20";
        found.mistake(file.name.span(), "nothing to send", message, Some(help));
        return None;
    };
    for (other, span) in more {
        let message = format!("the phase {name} has both `{}` and `{other}`", first.0);
        found.mistake(span.clone(), "one too many", message, Some(HELP));
    }
    more.is_empty().then(|| first.clone())
}

fn arrivals(found: &mut Diagnostics, file: &PhaseFile) -> Option<Arrivals> {
    let (way, span) = way(found, file)?;
    check_lengths(found, file, way, &span);
    let arrivals = arrivals_of(found, file)?;
    let by_chance = matches!(arrivals, Arrivals::Poisson { .. } | Arrivals::Idle(_));
    if !by_chance && arrivals.expected().round() < 1.0 {
        let message = format!(
            "the phase {} sends no request: `{way}` over {} comes to {:.2} requests",
            quoted(file.name.get()),
            show_duration(arrivals.length()),
            arrivals.expected(),
        );
        let help = "a higher rate, or a longer `for`";
        found.mistake(span, "less than one request", message, Some(help));
        return None;
    }
    Some(arrivals)
}

/// `within` goes with a burst and `for` with what lasts, and nowhere else.
fn check_lengths(found: &mut Diagnostics, file: &PhaseFile, way: &str, span: &Range<usize>) {
    let lasts = !matches!(way, "idle" | "burst");
    let within = file.within.as_ref().filter(|_| way != "burst");
    let length = file.length.as_ref().filter(|_| !lasts);
    for (key, value, with) in [
        ("within", within, "burst"),
        ("for", length, "rate, ramp and poisson"),
    ] {
        if let Some(value) = value {
            let message = format!("`{key}` says nothing about `{way}`");
            let help = format!("leave it out: `{key}` goes with {with}");
            found.mistake(value.span(), "does not belong here", message, Some(&help));
        }
    }
    if lasts && file.length.is_none() {
        let name = quoted(file.name.get());
        let message = format!("the phase {name} does not say how long it lasts");
        let help = "add for = \"10s\", or another duration";
        found.mistake(span.clone(), "for how long?", message, Some(help));
    }
}

/// The arrivals of a phase that says exactly one way to send.
fn arrivals_of(found: &mut Diagnostics, file: &PhaseFile) -> Option<Arrivals> {
    if let Some(idle) = &file.idle {
        return found.duration(Some(idle), "idle").map(Arrivals::Idle);
    }
    if let Some(count) = &file.burst {
        let within = match &file.within {
            // A burst's length may be zero.
            Some(within) => found.read_with(within, parse_duration)?,
            None => Duration::ZERO,
        };
        let count = *count.get();
        return Some(Arrivals::Burst { count, within });
    }
    let length = found.duration(file.length.as_ref(), "for")?;
    if let Some(ramp) = &file.ramp {
        let RampFile { from, to } = *ramp.get();
        return Some(Arrivals::Ramp { from, to, length });
    }
    let rate = file.rate.as_ref().map(|rate| Arrivals::Rate {
        per_second: *rate.get(),
        length,
    });
    rate.or_else(|| {
        let per_second = *file.poisson.as_ref()?.get();
        Some(Arrivals::Poisson { per_second, length })
    })
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
