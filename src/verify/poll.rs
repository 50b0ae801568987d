//! Asks until everything expected is seen, or time is up.

use std::time::Duration;

use super::{Subject, judge, observe, questions};
use crate::{
    datadog::{ApiError, Client, Links, Question, Scope, Time},
    insight::{Basis, Condition, Doubt, Id, Observation, Quantity},
    record::{Demand, Finding, Verdict},
};

/// How long to keep asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// In total. Zero: ask once.
    pub wait: Duration,
    /// Before the second query. Each pause is 1.5 times the one before.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Patience {
    /// The defaults of `basis` for `wait` in total. The sandbox has its data within moments.
    /// Datadog's own tests look every 30 s, and CloudWatch's metrics come 10 to 20 minutes late.
    pub fn of(basis: Basis, wait: Duration) -> Patience {
        let (first, longest) = match basis {
            Basis::Sandbox => (Duration::from_millis(100), Duration::from_secs(2)),
            _ => (Duration::from_secs(10), Duration::from_secs(60)),
        };
        Patience {
            wait,
            first_pause: first,
            longest_pause: longest,
        }
    }

    /// The default wait. It is longer if a demand names an Insight that only CloudWatch's late
    /// metrics can show.
    pub fn default_wait(subject: &Subject) -> Duration {
        let minutes = match subject.basis {
            Basis::Sandbox => return Duration::from_secs(15),
            _ if rests_on_cloudwatch(subject) => 25,
            _ => 15,
        };
        Duration::from_secs(minutes * 60)
    }
}

/// The progress of asking.
#[derive(Clone, Debug, PartialEq)]
pub struct AskProgress {
    /// How often was asked.
    pub rounds: u32,
    /// The time since the first query.
    pub waited: Duration,
    /// Expected Insights that are seen.
    pub seen: usize,
    /// Expected Insights in all.
    pub expected: usize,
    /// Invocations of the entry function that were reported.
    pub reported: u64,
    /// What prevents a response.
    pub trouble: Option<String>,
    /// When the API is asked again; None: this was the last time.
    pub next: Option<Duration>,
}

/// The result of asking.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The subject, with what was observed of each function.
    pub subject: Subject,
    /// The verdicts, with queries and links.
    pub findings: Vec<Finding>,
    /// How often was asked.
    pub rounds: u32,
    /// What prevented the last responses, if anything.
    pub trouble: Option<ApiError>,
}

/// Asks for every Insight of every function until every expected one is seen and every absent one
/// rests on complete data, or `patience` is over.
///
/// # Errors
/// Refused keys and requests, redirects and unreadable responses fail at once. An API that cannot
/// be reached or limits the rate fails after the full wait. Once anything was answered, nothing is
/// an error any more: the findings stay, and [`Asked::trouble`] says what ended the asking.
pub async fn ask(
    client: &Client,
    time: &dyn Time,
    links: Option<&Links>,
    subject: &Subject,
    patience: Patience,
    mut tell: impl FnMut(&AskProgress),
) -> Result<Asked, ApiError> {
    let client = &client.clone().within(patience.wait);
    let began = time.now();
    let mut subject = subject.clone();
    let mut pause = patience.first_pause;
    let mut rounds = 0;
    let mut answered = false;
    loop {
        let mut hopeless = false;
        let asked = once(client, &mut subject).await;
        answered |= subject
            .functions
            .iter()
            .any(|watched| watched.view.observed.is_some());
        let trouble = match asked {
            Ok(()) => None,
            Err(error) if error.may_pass() || (answered && garbled(&error)) => Some(error),
            Err(error) => {
                let error = client.explain(error, Scope::Metrics).await;
                if !answered {
                    return Err(error);
                }
                hopeless = true;
                Some(error)
            }
        };
        rounds += 1;
        let findings = findings(&subject, links);
        let waited = time.now().saturating_sub(began);
        let settled = answered && trouble.is_none() && settled(&subject, &findings);
        let left = patience.wait.saturating_sub(waited);
        let next = match &trouble {
            _ if settled || hopeless || left.is_zero() => None,
            Some(ApiError::RateLimited {
                wait: Some(wait), ..
            }) if *wait > left => None,
            Some(ApiError::RateLimited {
                wait: Some(wait), ..
            }) => Some((*wait).max(pause).min(left)),
            _ => Some(pause.min(left)),
        };
        tell(&progress(
            &subject, &findings, rounds, waited, &trouble, next,
        ));
        let Some(next) = next else {
            return match trouble {
                Some(error) if !answered => Err(error),
                trouble => Ok(Asked {
                    subject,
                    findings,
                    rounds,
                    trouble,
                }),
            };
        };
        time.sleep(next).await;
        pause = (pause + pause / 2).min(patience.longest_pause);
    }
}

/// Asks once for every function.
async fn once(client: &Client, subject: &mut Subject) -> Result<(), ApiError> {
    let (from, to) = subject.range();
    let basis = subject.basis;
    for function in &mut subject.functions {
        let asked = questions(&function.view.function);
        let queries: Vec<Question> = asked.iter().map(|(_, query)| query.clone()).collect();
        let values = values(client, from, to, &queries).await?;
        let answers: Vec<_> = asked
            .iter()
            .map(|(quantity, _)| *quantity)
            .zip(values)
            .collect();
        function.view.observed = Some(observe(function, basis, &answers));
    }
    Ok(())
}

/// The answers to `queries`. If the API refuses them together, each is asked alone, and a refused
/// one counts as no data: one of them may be of a kind that this account's metrics do not support.
async fn values(
    client: &Client,
    from: i64,
    to: i64,
    queries: &[Question],
) -> Result<Vec<Option<f64>>, ApiError> {
    let refusal = match client.scalars(from, to, queries).await {
        Err(error @ ApiError::Refused { .. }) => error,
        answer => return answer,
    };
    let mut values = Vec::with_capacity(queries.len());
    let mut taken = false;
    for query in queries {
        match client.scalars(from, to, std::slice::from_ref(query)).await {
            Ok(alone) => {
                taken = true;
                values.push(alone.into_iter().next().flatten());
            }
            Err(ApiError::Refused { .. }) => values.push(None),
            Err(error) => return Err(error),
        }
    }
    if taken { Ok(values) } else { Err(refusal) }
}

/// Whether a response was garbled in transit. If others came through, the next one may.
fn garbled(error: &ApiError) -> bool {
    matches!(error, ApiError::Page { .. } | ApiError::Unreadable { .. })
}

/// Whether asking again can change nothing that matters. What is met stays met. What is not met may
/// still be met once missing data arrives. Datadog's late CloudWatch metrics are waited for only if
/// a demand names the Insight; the sandbox has everything within moments.
fn settled(subject: &Subject, findings: &[Finding]) -> bool {
    let unmeasured = |id: Id| matches!(id.insight().condition, Condition::Unmeasured);
    findings.iter().all(|finding| match finding.expected {
        _ if unmeasured(finding.id) => true,
        Some(Demand::Present) => finding.verdict == Verdict::Seen,
        Some(Demand::Absent) => {
            matches!(finding.verdict, Verdict::Absent | Verdict::Unexpected)
                || is_shared(subject, &finding.function)
        }
        Some(Demand::Others) => {
            finding.verdict == Verdict::Unexpected || !is_waiting(subject, &finding.function)
        }
        None => {
            subject.basis != Basis::Sandbox
                || !is_entry(subject, &finding.function)
                || !is_waiting(subject, &finding.function)
        }
    })
}

/// Whether a demand names an Insight that only CloudWatch's metrics show.
pub(super) fn rests_on_cloudwatch(subject: &Subject) -> bool {
    let named = subject.expect.insights.iter().chain(&subject.expect.absent);
    named
        .flat_map(|expected| expected.insight.insight().condition.quantities())
        .any(Quantity::comes_late)
}

fn is_entry(subject: &Subject, function: &str) -> bool {
    let entry = subject.functions.iter().find(|watched| watched.view.entry);
    entry.is_some_and(|watched| watched.view.function == function)
}

fn observed<'a>(subject: &'a Subject, function: &str) -> Option<&'a Observation> {
    let watched = |watched: &&super::Watched| watched.view.function == function;
    let found = subject.functions.iter().find(watched)?;
    found.view.observed.as_ref()
}

/// Whether other traffic shares the time range. Waiting does not change that.
fn is_shared(subject: &Subject, function: &str) -> bool {
    observed(subject, function)
        .is_some_and(|seen| matches!(seen.doubt, Some(Doubt::Foreign { .. })))
}

/// Whether invocations, or the durations and memory of some of them, are still to come.
fn is_waiting(subject: &Subject, function: &str) -> bool {
    observed(subject, function).is_some_and(|seen| {
        let reports = seen.get(Quantity::Reports).low();
        let invocations = seen.get(Quantity::Invocations).low();
        let late = seen.get(Quantity::CloudwatchInvocations).low() < invocations;
        matches!(seen.doubt, Some(Doubt::Missing { .. }))
            || (1..invocations).contains(&reports)
            // CloudWatch's metrics are a moment late in the sandbox, at Datadog many minutes.
            || (late && subject.basis == Basis::Sandbox)
    })
}

/// The verdicts on what is known of `subject`, with the queries that were sent. With `links` they
/// link to the function's page, without to Datadog's page of warnings.
pub fn findings(subject: &Subject, links: Option<&Links>) -> Vec<Finding> {
    let views: Vec<_> = subject.functions.iter().map(|f| f.view.clone()).collect();
    let mut findings = judge(&subject.expect, &views);
    for finding in &mut findings {
        if finding.observed.is_none() {
            continue;
        }
        let insight = finding.id.insight();
        finding.queries = insight
            .queries(&finding.function)
            .into_iter()
            .map(|(_, query)| query)
            .collect();
        if let Some(links) = links {
            finding.link = links.functions(&finding.function);
        }
    }
    findings
}

fn progress(
    subject: &Subject,
    findings: &[Finding],
    rounds: u32,
    waited: Duration,
    trouble: &Option<ApiError>,
    next: Option<Duration>,
) -> AskProgress {
    let expected = findings
        .iter()
        .filter(|finding| finding.expected == Some(Demand::Present));
    AskProgress {
        rounds,
        waited,
        seen: expected
            .clone()
            .filter(|finding| finding.verdict == Verdict::Seen)
            .count(),
        expected: expected.count(),
        reported: subject
            .functions
            .iter()
            .filter(|function| function.view.entry)
            .filter_map(|function| function.view.observed.as_ref())
            .map(|seen| seen.get(Quantity::Invocations).low())
            .sum(),
        trouble: trouble.as_ref().map(ToString::to_string),
        next,
    }
}
