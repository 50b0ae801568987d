//! Thresholds on figures, checked against what was measured.

use crate::{
    record::{PhaseReport, Support},
    scenario::{Figure, Group, Metric, NamedFigure, RequestCount},
    stats::{Latencies, OutcomeCounts, PartTally, Requests, SendLag, Tally},
};

/// The figure's value in its own unit: milliseconds, a share from 0 to 1, or a number of requests.
/// None if nothing was measured, or too few samples. `phases` are the run's phases. They provide
/// the counts if the sums have no single steps.
pub fn figure(
    named: &NamedFigure,
    tally: &Tally,
    planned: u64,
    phases: &[PhaseReport],
) -> Option<f64> {
    if let Some((group, name)) = &named.group {
        let found = part(tally, *group, name)?;
        return of_counts(
            named.metric,
            &found.counts,
            Some(&found.latencies),
            found.counts.total(),
        );
    }
    let Some(name) = &named.phase else {
        return match named.metric {
            Metric::SendLag(figure) => of_lag(SendLag::of(&tally.lag), figure),
            metric => of_counts(metric, &tally.counts, Some(&tally.latencies), planned),
        };
    };
    let place = phases.iter().position(|phase| phase.name == *name)?;
    let phase = &phases[place];
    let counts = match tally.steps.is_empty() {
        true => counts_of(phase),
        false => tally.phase_counts(place, phases.len()),
    };
    let latencies = tally.phase_latencies(place);
    of_counts(named.metric, &counts, latencies, phase.planned)
}

/// The sums of one function, request or flow.
fn part<'a>(tally: &'a Tally, group: Group, name: &str) -> Option<&'a PartTally> {
    let parts = match group {
        Group::Function => &tally.functions,
        Group::Request => &tally.requests,
        Group::Flow => &tally.flows,
    };
    parts.iter().find(|of| of.name == name)
}

/// How many requests a figure counts, of those that are over.
pub fn counted(named: &NamedFigure, tally: &Tally, phases: &[PhaseReport]) -> u64 {
    let of_phase = |name: &String| phases.iter().position(|phase| phase.name == *name);
    match (&named.group, named.phase.as_ref().and_then(of_phase)) {
        (Some((group, name)), _) => part(tally, *group, name).map_or(0, |of| of.counts.total()),
        (None, Some(place)) => tally.phase_counts(place, phases.len()).total(),
        (None, None) => tally.counts.total(),
    }
}

/// How many samples a percentile has and how many it needs. None for other figures, and if the sums
/// do not have the phase.
pub fn support(named: &NamedFigure, tally: &Tally, phases: &[PhaseReport]) -> Option<Support> {
    let Metric::Latency(measure, class, _) = named.metric else {
        return None;
    };
    let latencies = match &named.phase {
        None => match &named.group {
            Some((group, name)) => part(tally, *group, name).map(|of| &of.latencies),
            None => Some(&tally.latencies),
        },
        Some(name) => {
            let place = phases.iter().position(|phase| phase.name == *name)?;
            tally.phase_latencies(place)
        }
    }?;
    Some(Support {
        samples: latencies.summary(measure, class).n,
        needed: named.metric.needed(),
    })
}

/// The counts of a phase in a run's record, as far as thresholds need them. The record does not
/// have the kinds of failure.
fn counts_of(phase: &PhaseReport) -> OutcomeCounts {
    use crate::sample::Temperature::{Cold, Unknown, Warm};
    let temperatures = [
        (Cold, phase.cold),
        (Warm, phase.warm),
        (Unknown, phase.unknown),
    ];
    OutcomeCounts {
        requests: Requests {
            sent: phase.sent,
            completed: phase.ok,
            failed: phase.failed,
            ..Requests::default()
        },
        temperatures: temperatures.into_iter().filter(|(_, n)| *n > 0).collect(),
        ..OutcomeCounts::default()
    }
}

fn of_counts(
    metric: Metric,
    counts: &OutcomeCounts,
    latencies: Option<&Latencies>,
    planned: u64,
) -> Option<f64> {
    match metric {
        Metric::Latency(measure, class, figure) => figure.of(&latencies?.summary(measure, class)),
        Metric::ErrorsShare => counts.error_share(),
        Metric::ErrorsCount => Some(counts.bad() as f64),
        // Requests of unknown temperature may be cold: a threshold is met only if they cannot break
        // it.
        Metric::ColdShare => known(
            counts.cold_share().share_low,
            counts.cold_share().share_high,
        ),
        Metric::ColdCount => {
            let cold = counts.cold_share();
            (cold.unknown == 0).then_some(cold.cold as f64)
        }
        Metric::Requests(count) => Some(match count {
            RequestCount::Planned => planned,
            RequestCount::Sent => counts.requests.sent,
            RequestCount::Completed => counts.requests.completed,
            RequestCount::Failed => counts.bad(),
            RequestCount::TimedOut => counts.requests.timed_out,
            RequestCount::NotSent => counts.requests.not_sent,
        } as f64),
        // Counts do not include how long the run took, and the send lag is that of the complete
        // run.
        Metric::RequestsPerSecond | Metric::SendLag(_) => None,
    }
}

fn known(low: Option<f64>, high: Option<f64>) -> Option<f64> {
    low.filter(|low| Some(*low) == high)
}

fn of_lag(lag: SendLag, figure: Figure) -> Option<f64> {
    match figure {
        Figure::P50 => lag.p50,
        Figure::P99 => lag.p99,
        Figure::Max => lag.max,
        // The scenario reader offers no other figure of the send lag.
        _ => None,
    }
}
