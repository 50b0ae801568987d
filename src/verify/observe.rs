//! Turns the answers to metric queries into an observation.
//!
//! Data may still be missing: then counts may grow by the missing data, and the largest value so
//! far may be exceeded. The bands contain this, so no claim is made too early.

use super::Watched;
use crate::{
    datadog::Question,
    insight::{Band, Basis, Doubt, Observation, Quantity},
};

/// How often `enhanced.errors` may count one failed invocation: the library counts an exception
/// twice, the extension once more.
const ERRORS_EACH: u64 = 3;

/// The queries for one function, with what each measures.
pub fn questions(function: &str) -> Vec<(Quantity, Question)> {
    Quantity::ALL
        .iter()
        .copied()
        .filter_map(|quantity| {
            let (aggregator, query) = quantity.query(function)?;
            Some((quantity, Question { aggregator, query }))
        })
        .collect()
}

/// The observation of a function in `answers`. An answer is None if there is no data.
pub fn observe(
    watched: &Watched,
    basis: Basis,
    answers: &[(Quantity, Option<f64>)],
) -> Observation {
    let mut seen = Observation::new(watched.view.function.clone(), basis);
    let answer = |wanted: Quantity| {
        let (_, value) = answers.iter().find(|(quantity, _)| *quantity == wanted)?;
        wanted.read((*value)?)
    };
    let reported = answer(Quantity::Invocations).unwrap_or(Band::ZERO).low();
    let sent = watched.sent_of(reported);
    seen.doubt = doubt(reported, sent);
    seen.set(Quantity::Invocations, Band::bounded(reported, sent.high()));

    // How many more invocations may come; None: unknown.
    let missing = |reported: u64| sent.high().map(|most| most.saturating_sub(reported));
    let growing = |count: Quantity, each: u64, silent: Option<u64>| {
        let band = answer(count).or_else(|| silent.map(Band::exactly))?;
        let more = missing(reported).map(|missing| missing.saturating_mul(each));
        let high = band.high().zip(more);
        let high = high.map(|(high, more)| high.saturating_add(more));
        Some(Band::bounded(band.low(), high))
    };
    for (count, each) in [
        (Quantity::ColdStarts, 1),
        (Quantity::Timeouts, 1),
        (Quantity::OutOfMemory, 1),
        (Quantity::Errors, ERRORS_EACH),
    ] {
        // Sent only when it happens: where invocations have come, silence means none.
        let silent = (reported > 0).then_some(0);
        if let Some(band) = growing(count, each, silent) {
            seen.set(count, band);
        }
    }

    // CloudWatch's metrics come on their own, later way.
    if let Some(cloudwatch) = answer(Quantity::CloudwatchInvocations) {
        let complete = sent.high().is_some_and(|most| cloudwatch.low() >= most);
        let throttles = answer(Quantity::Throttles).unwrap_or(Band::ZERO);
        seen.set(
            Quantity::CloudwatchInvocations,
            Band::bounded(cloudwatch.low(), sent.high()),
        );
        seen.set(Quantity::Throttles, throttles.bounded_if(complete));
    } else if let Some(throttles) = answer(Quantity::Throttles) {
        seen.set(Quantity::Throttles, throttles.bounded_if(false));
    }

    let reports = answer(Quantity::Reports).unwrap_or(Band::ZERO);
    seen.set(Quantity::Reports, reports);
    let all_reported = sent
        .high()
        .is_some_and(|most| reports.low() >= most.max(reported));
    for largest in [Quantity::LongestDuration, Quantity::MemoryUsed] {
        if let Some(band) = answer(largest) {
            seen.set(largest, band.bounded_if(all_reported));
        }
    }
    for setting in [
        Quantity::Timeout,
        Quantity::MemorySize,
        Quantity::IteratorAge,
        Quantity::ProvisionedUtilization,
    ] {
        if let Some(band) = answer(setting) {
            seen.set(setting, band);
        }
    }
    watched.settings.fill(&mut seen);
    if answer(Quantity::ProvisionedUtilization).is_some()
        && seen.get(Quantity::ProvisionedConcurrency).low() == 0
    {
        // CloudWatch has this metric only where there is provisioned concurrency.
        seen.set(Quantity::ProvisionedConcurrency, Band::at_least(1));
    }
    seen
}

/// Why an Insight that was not seen may still be there, given this many reported invocations.
pub(super) fn doubt(reported: u64, sent: Band) -> Option<Doubt> {
    let Some(most) = sent.high() else {
        return Some(Doubt::Uncounted);
    };
    if reported > most {
        Some(Doubt::Foreign {
            reported,
            sent: most,
        })
    } else if reported < sent.low() {
        Some(Doubt::Missing {
            reported,
            sent: sent.low(),
        })
    } else if reported < most {
        Some(Doubt::Uncounted)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
