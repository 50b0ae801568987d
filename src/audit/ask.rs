//! Finds the functions, and asks what was measured of each.

use std::collections::{BTreeMap, BTreeSet};

use super::TagValue;
use crate::{
    datadog::{ApiError, Client, Question},
    insight::{Band, Basis, Id, Observation, Quantity},
    lang::Reason,
};

/// The scope of an audit: a service, an environment, functions by name, over a time range.
#[derive(Clone, Debug, Default)]
pub struct AuditScope {
    /// Only this service; None: any.
    pub service: Option<TagValue>,
    /// Only this environment; None: any.
    pub env: Option<TagValue>,
    /// Only these functions; empty: all.
    pub functions: Vec<TagValue>,
    /// Milliseconds since 1970.
    pub from_ms: i64,
    /// The end of the time range.
    pub to_ms: i64,
}

/// What was measured of each function.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    values: BTreeMap<Quantity, BTreeMap<String, f64>>,
    /// The quantities whose queries failed, with the reason.
    pub trouble: BTreeMap<Quantity, Reason>,
}

impl Answers {
    /// A function's value of a quantity; None if there is no data.
    pub fn value(&self, function: &str, quantity: Quantity) -> Option<f64> {
        self.values.get(&quantity)?.get(function).copied()
    }

    /// The observation of a function. A quantity that could not be queried is unknown, not zero.
    pub fn observation(&self, function: &str, basis: Basis) -> Observation {
        let value = |quantity| self.value(function, quantity);
        let mut seen = Observation::measured(function, basis, value);
        for quantity in self.trouble.keys() {
            seen.set(*quantity, Band::UNKNOWN);
        }
        seen
    }
}

/// The tag with a function's name, in lower case.
const FUNCTION: &str = "functionname";
/// At most this many names are in one query.
const NAMES: usize = 50;

impl AuditScope {
    /// The query that measures `quantity` for one function. CloudWatch's metrics have service and
    /// environment only if AWS tags are collected, so for them only the name counts.
    pub fn query(&self, function: &str, quantity: Quantity) -> Option<String> {
        let mut tags = vec![format!("{FUNCTION}:{function}")];
        if !quantity.is_from_cloudwatch() {
            tags.extend(self.filters());
        }
        let (_, query) = quantity.scoped_query(&tags.join(","))?;
        Some(query)
    }

    fn filters(&self) -> impl Iterator<Item = String> {
        let service = self.service.iter().map(|name| format!("service:{name}"));
        let env = self.env.iter().map(|name| format!("env:{name}"));
        service.chain(env)
    }
}

fn one_of(functions: &[TagValue]) -> Option<String> {
    let names: Vec<&str> = functions.iter().map(TagValue::as_str).collect();
    (!names.is_empty()).then(|| format!("{FUNCTION} IN ({})", names.join(", ")))
}

fn question(quantity: Quantity, parts: impl Iterator<Item = String>, by: &str) -> Option<Question> {
    let parts: Vec<String> = parts.collect();
    let scope = match parts.is_empty() {
        true => "*".to_owned(),
        false => parts.join(" AND "),
    };
    let (aggregator, query) = quantity.grouped_query(&scope, by)?;
    Some(Question { aggregator, query })
}

/// The functions within `scope` that any metric names, by their names in lower case.
///
/// # Errors
/// Whatever keeps the API from answering.
pub async fn functions(client: &Client, scope: &AuditScope) -> Result<BTreeSet<String>, ApiError> {
    // A function whose invocations were all refused never ran, and only CloudWatch knows it.
    let tell = [
        Quantity::Invocations,
        Quantity::CloudwatchInvocations,
        Quantity::Throttles,
    ];
    let questions: Vec<Question> = tell
        .into_iter()
        .filter_map(|quantity| {
            let parts = scope.filters().chain(one_of(&scope.functions));
            question(quantity, parts, FUNCTION)
        })
        .collect();
    let found = client
        .grouped_scalars(scope.from_ms, scope.to_ms, &questions)
        .await?;
    Ok(found
        .into_iter()
        .flat_map(|grouped| grouped.into_keys())
        .map(|name| name.to_lowercase())
        .collect())
}

/// The services that had invocations in the time range.
///
/// # Errors
/// Whatever keeps the API from answering.
pub async fn services(client: &Client, scope: &AuditScope) -> Result<BTreeSet<String>, ApiError> {
    let question = question(Quantity::Invocations, std::iter::empty(), "service");
    let found = client
        .grouped_scalars(scope.from_ms, scope.to_ms, question.as_slice())
        .await?;
    Ok(found
        .into_iter()
        .flat_map(|grouped| grouped.into_keys())
        .collect())
}

/// The measurements of `functions`: everything that a condition of the catalogue needs. If the API
/// refuses all queries together, each is sent alone, so that a failing one costs only its own
/// answers.
///
/// # Errors
/// Whatever keeps the API from answering any of it.
pub async fn answers(
    client: &Client,
    scope: &AuditScope,
    functions: &[TagValue],
) -> Result<Answers, ApiError> {
    let mut answers = Answers::default();
    for names in functions.chunks(NAMES) {
        let asked: Vec<(Quantity, Question)> = quantities()
            .into_iter()
            .filter_map(|quantity| {
                let filters = scope.filters().filter(|_| !quantity.is_from_cloudwatch());
                let question = question(quantity, filters.chain(one_of(names)), FUNCTION)?;
                Some((quantity, question))
            })
            .collect();
        let questions: Vec<Question> = asked.iter().map(|(_, one)| one.clone()).collect();
        let together = client.grouped_scalars(scope.from_ms, scope.to_ms, &questions);
        match together.await {
            Ok(found) => {
                for ((quantity, _), grouped) in asked.iter().zip(found) {
                    answers.put(*quantity, grouped);
                }
            }
            Err(error) if is_of_the_query(&error) => {
                one_by_one(client, scope, &asked, &mut answers).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(answers)
}

async fn one_by_one(
    client: &Client,
    scope: &AuditScope,
    asked: &[(Quantity, Question)],
    answers: &mut Answers,
) -> Result<(), ApiError> {
    let mut answered = false;
    let mut failed: Option<ApiError> = None;
    for (quantity, question) in asked {
        // If keys, network or rate limit are the cause, other queries fail too.
        if let Some(error) = failed.as_ref().filter(|error| !is_of_the_query(error)) {
            answers.trouble.insert(*quantity, Reason::of(error));
            continue;
        }
        let alone = std::slice::from_ref(question);
        let asking = client.grouped_scalars(scope.from_ms, scope.to_ms, alone);
        match asking.await {
            Ok(found) => {
                answered = true;
                for grouped in found {
                    answers.put(*quantity, grouped);
                }
            }
            Err(error) => {
                answers.trouble.insert(*quantity, Reason::of(&error));
                failed = Some(error);
            }
        }
    }
    match failed {
        Some(error) if !answered => Err(error),
        _ => Ok(()),
    }
}

/// Whether the error is about this query, so that another one may succeed.
fn is_of_the_query(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Refused { .. } | ApiError::Unavailable { .. } | ApiError::Unreadable { .. }
    )
}

/// The quantities that the conditions of the catalogue use.
fn quantities() -> BTreeSet<Quantity> {
    Id::ALL
        .iter()
        .copied()
        .flat_map(|id| id.insight().condition.quantities())
        .chain([Quantity::Invocations])
        .collect()
}

impl Answers {
    fn put(&mut self, quantity: Quantity, grouped: BTreeMap<String, f64>) {
        let values = self.values.entry(quantity).or_default();
        for (function, value) in grouped {
            values.insert(function.to_lowercase(), value);
        }
    }
}
