//! Turns expectation and observation into a verdict. Pure functions, no clock, no network.

use crate::{
    insight::{Basis, Condition, Doubt, Evaluation, Id, Met, Observation, Quantity},
    lang::{FunctionName, Statement, statements::insight},
    record::{Demand, Finding, Verdict},
    scenario::{Expect, Expected},
};

/// What is known of one function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The function's name.
    pub function: String,
    /// Whether it is the entry function. Expectations without a function's name mean this one.
    pub entry: bool,
    /// What the plan predicts.
    pub predicted: Option<Observation>,
    /// What the client saw.
    pub client: Option<Observation>,
    /// What the sandbox or Datadog answered. If there is an answer, only this counts.
    pub observed: Option<Observation>,
}

impl View {
    /// A function about which nothing is known yet.
    pub fn of(function: &str, entry: bool) -> View {
        View {
            function: function.to_owned(),
            entry,
            ..View::default()
        }
    }
}

/// Compares what was expected with what is known of each function.
///
/// The entry function gets a finding for every Insight. Another function gets findings for those
/// that were demanded or are met. A function that an expectation names and that was never seen gets
/// `cannot_tell`.
pub fn judge(expect: &Expect, views: &[View]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for view in views {
        for &id in Id::ALL {
            let demand = demand(expect, (&view.function, view.entry), id);
            let finding = find(id, demand, view);
            let met = [finding.client, finding.observed].contains(&Some(Met::Yes));
            if view.entry || demand.is_some() || met {
                findings.push(finding);
            }
        }
    }
    let demands = (expect.insights.iter().map(|e| (e, Demand::Present)))
        .chain(expect.absent.iter().map(|e| (e, Demand::Absent)));
    for (expected, demand) in demands {
        let seen = |view: &View| is_about(expected, (&view.function, view.entry));
        if !views.iter().any(seen) {
            findings.push(unseen(expected, demand));
        }
    }
    findings
}

fn is_about(expected: &Expected, (function, is_entry): (&str, bool)) -> bool {
    match &expected.function {
        None => is_entry,
        // Names are compared in the form in which Datadog stores them.
        Some(name) => name.to_lowercase() == function.to_lowercase(),
    }
}

/// What a scenario demands of an Insight on a function, which is the entry function or not.
pub fn demand(expect: &Expect, function: (&str, bool), id: Id) -> Option<Demand> {
    let named = |list: &[Expected]| {
        list.iter()
            .any(|expected| expected.insight == id && is_about(expected, function))
    };
    if named(&expect.insights) {
        return Some(Demand::Present);
    }
    if named(&expect.absent) {
        return Some(Demand::Absent);
    }
    let implied = || {
        expect.insights.iter().any(|expected| {
            is_about(expected, function) && expected.insight.insight().implied().contains(&id)
        })
    };
    (expect.absent_all_others && function.1 && !implied()).then_some(Demand::Others)
}

fn find(id: Id, expected: Option<Demand>, view: &View) -> Finding {
    let insight = id.insight();
    let read = |seen: &Option<Observation>| seen.as_ref().map(|seen| insight.evaluate(seen));
    let (client, observed) = (read(&view.client), read(&view.observed));
    let deciding = view.observed.as_ref().or(view.client.as_ref());
    let reading = observed.clone().or_else(|| client.clone());
    let doubt = deciding.and_then(|seen| seen.doubt);
    let basis = deciding.map_or(Basis::Client, |seen| seen.basis);
    let reading = reading.unwrap_or_else(|| Evaluation {
        met: Met::CannotTell,
        measured: insight::nothing_seen(),
        reason: Some(insight::unobserved(FunctionName(&view.function))),
    });
    // If all responses may have come from something in front of the function, the client has seen
    // nothing of the function. Then nothing is known to be missing either.
    let nothing_ran = basis == Basis::Client
        && deciding.is_some_and(|seen| seen.get(Quantity::Invocations).low() == 0);
    let reading = match reading.met {
        Met::No if nothing_ran => Evaluation {
            met: Met::CannotTell,
            reason: Some(insight::nothing_ran()),
            ..reading
        },
        _ => reading,
    };
    let unmeasured = matches!(insight.condition, Condition::Unmeasured);
    let verdict = verdict(expected, reading.met, basis, doubt, unmeasured);
    Finding {
        id,
        function: view.function.clone(),
        expected,
        predicted: read(&view.predicted).map(|reading| reading.met),
        client: client.map(|reading| reading.met),
        observed: observed.map(|reading| reading.met),
        basis,
        verdict,
        reason: reason(&reading, verdict, basis, doubt),
        measured: reading.measured,
        link: insight.link(),
        queries: Vec::new(),
    }
}

/// The verdict on one Insight. `doubt` weakens what is not met. It never weakens what is met,
/// because more data cannot change what holds for the complete band.
pub fn verdict(
    expected: Option<Demand>,
    met: Met,
    basis: Basis,
    doubt: Option<Doubt>,
    unmeasured: bool,
) -> Verdict {
    let may_come = matches!(doubt, Some(Doubt::Missing { .. } | Doubt::Uncounted));
    // Datadog gets CloudWatch's metrics minutes later. The sandbox has all that it will have.
    let late = may_come || (basis == Basis::Datadog && !unmeasured);
    match (expected, met) {
        (Some(Demand::Present), Met::Yes) => Verdict::Seen,
        (Some(Demand::Present), Met::No) if may_come => Verdict::NotSeenYet,
        (Some(Demand::Present), Met::No) => Verdict::Missing,
        (Some(Demand::Present), Met::CannotTell) if late => Verdict::NotSeenYet,
        (Some(_), Met::Yes) => Verdict::Unexpected,
        (None, Met::Yes) => Verdict::AlsoSeen,
        (_, Met::No) if doubt.is_none() => Verdict::Absent,
        _ => Verdict::CannotTell,
    }
}

fn reason(reading: &Evaluation, verdict: Verdict, basis: Basis, doubt: Option<Doubt>) -> Statement {
    let why = reading.reason.clone();
    match (verdict, doubt) {
        (Verdict::Absent, _) => reading.measured.clone(),
        // A finding of "not met" is only as good as the data is complete.
        (Verdict::CannotTell | Verdict::NotSeenYet, None) => {
            why.unwrap_or_else(|| reading.measured.clone())
        }
        (Verdict::CannotTell | Verdict::NotSeenYet, Some(doubt)) => {
            why.unwrap_or_else(|| doubt.statement(basis))
        }
        (_, Some(doubt @ Doubt::Foreign { .. })) => reading.doubted(doubt, basis),
        _ => reading.measured.clone(),
    }
}

fn unseen(expected: &Expected, demand: Demand) -> Finding {
    let function = expected.function.clone().unwrap_or_default();
    Finding {
        id: expected.insight,
        expected: Some(demand),
        predicted: None,
        client: None,
        observed: None,
        measured: insight::nothing_seen(),
        basis: Basis::Client,
        verdict: Verdict::CannotTell,
        reason: if function.is_empty() {
            insight::entry_unobserved()
        } else {
            insight::unobserved(FunctionName(&function))
        },
        function,
        link: expected.insight.insight().link(),
        queries: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
