//! Phases: when requests are sent, and which ask for a fault.

use std::{collections::HashMap, ops::Range, time::Duration};

use super::{
    diagnostics::Diagnostics,
    file::{FaultFile, FaultKind, PhaseFile, RampFile},
    mistake::quoted,
    shapes::Located,
    types::{Arrivals, FaultShare, LONGEST, MOST_REQUESTS, MOST_STEPS, Phase},
    words,
};
use crate::{
    lambda::Fault,
    lang::PlainNumber,
    units::{is_function_name, parse_duration},
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
        let name = found.phase_name(&file.name);
        if let Some(before) = names.insert(name.clone(), number + 1) {
            let message = words::same_name(&quoted(&name));
            let help = words::same_name_help(before);
            found.mistake(file.name.span(), words::USED_BEFORE, message, help);
        }
        let Some(arrivals) = arrivals(found, file) else {
            continue;
        };
        read.push(Phase {
            name,
            arrivals,
            fault: fault(found, file, arrivals),
            function: function(found, file, arrivals),
        });
    }
    bounds(found, phases.unwrap_or_default(), &read, times);
    read
}

/// The one key that defines how a phase sends, and its place.
fn way(found: &mut Diagnostics, file: &PhaseFile) -> Option<(&'static str, Range<usize>)> {
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
        let (message, help) = (words::no_way(&name), words::NO_WAY_HELP);
        found.mistake(file.name.span(), words::NOTHING_TO_SEND, message, help);
        return None;
    };
    for (other, span) in more {
        let message = words::two_ways(&name, first.0, other);
        let help = words::TWO_WAYS_HELP;
        found.mistake(span.clone(), words::ONE_TOO_MANY, message, help);
    }
    more.is_empty().then(|| first.clone())
}

fn arrivals(found: &mut Diagnostics, file: &PhaseFile) -> Option<Arrivals> {
    let (way, span) = way(found, file)?;
    check_lengths(found, file, way, &span);
    let arrivals = arrivals_of(found, file)?;
    let by_chance = matches!(arrivals, Arrivals::Poisson { .. } | Arrivals::Idle(_));
    if !by_chance && arrivals.expected().round() < 1.0 {
        let requests = format!("{:.2}", arrivals.expected());
        let name = quoted(file.name.get());
        let message = words::sends_none(&name, way, arrivals.length(), requests);
        found.mistake(span, words::LESS_THAN_ONE, message, words::SENDS_NONE_HELP);
        return None;
    }
    Some(arrivals)
}

/// `within` is only for a burst, and `for` only for phases that last.
fn check_lengths(found: &mut Diagnostics, file: &PhaseFile, way: &str, span: &Range<usize>) {
    let lasts = !matches!(way, "idle" | "burst");
    let within = file.within.as_ref().filter(|_| way != "burst");
    let length = file.length.as_ref().filter(|_| !lasts);
    for (key, value, with) in [
        ("within", within, words::WITH_BURST),
        ("for", length, words::WITH_RATES),
    ] {
        if let Some(value) = value {
            let message = words::stray_length(key, way);
            let help = words::goes_with(key, with);
            found.mistake(value.span(), words::DOES_NOT_BELONG, message, help);
        }
    }
    if lasts && file.length.is_none() {
        let message = words::no_length(&quoted(file.name.get()));
        let help = words::NO_LENGTH_HELP;
        found.mistake(span.clone(), words::FOR_HOW_LONG, message, help);
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

fn function(found: &mut Diagnostics, file: &PhaseFile, arrivals: Arrivals) -> Option<String> {
    let name = file.function.as_ref()?;
    let (message, help) = match arrivals {
        Arrivals::Idle(_) => (words::IDLE_FUNCTION.into(), words::LEAVE_IT_OUT),
        _ if !is_function_name(name.get()) => (
            words::no_function(&quoted(name.get())),
            words::FUNCTION_NAME_HELP,
        ),
        _ => return Some(name.get().clone()),
    };
    found.mistake(name.span(), words::NO_SUCH_FUNCTION, message, help);
    None
}

fn fault(found: &mut Diagnostics, file: &PhaseFile, arrivals: Arrivals) -> Option<FaultShare> {
    let at = file.fault.as_ref()?;
    if arrivals.is_idle() {
        let (message, help) = (words::IDLE_FAULT, words::IDLE_FAULT_HELP);
        found.mistake(at.span(), words::NOTHING_TO_FAIL, message, help);
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
        let message = words::share_of_none(PlainNumber(file.share), PlainNumber(requests));
        let help = words::SHARE_HELP;
        found.mistake(at.span(), words::NO_REQUEST_FAILS, message, help);
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
            let help = match key {
                "" => words::NO_NUMBER_HELP.into(),
                _ => words::takes_number(example),
            };
            let message = words::stray_number(stray);
            found.mistake(span, words::DOES_NOT_BELONG, message, help);
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
        let (message, help) = (words::no_number(key), words::add(example));
        found.mistake(span, words::HOW_MUCH, message, help);
    }
    fault
}

/// The sum of all phases and repetitions must be within the bounds of a run.
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
        words::too_many_requests(requests as u64, MOST_REQUESTS)
    } else if seconds > LONGEST.as_secs_f64() {
        words::LONGER_THAN_A_YEAR.into()
    } else if steps > MOST_STEPS {
        words::too_many_steps(phases.len(), repeat, MOST_STEPS)
    } else {
        return;
    };
    let span = match (times, files.last()) {
        (Some(times), _) => times.span(),
        (None, Some(last)) => last.name.span(),
        (None, None) => 0..0,
    };
    found.mistake(span, words::TOO_MUCH, too_much, words::TOO_MUCH_HELP);
}
