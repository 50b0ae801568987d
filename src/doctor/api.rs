//! Checks Datadog's API, or a sandbox's: its answers, its keys and its data.

use std::time::Duration;

use reqwest::Url;

use super::{Check, State, Topic, host::host, words};
use crate::{
    datadog::{ApiError, Client, Links, Question, Scope, Skew},
    insight::{Aggregator, tag_value},
    lang::{Reason, Text, Value},
};

/// The API to check.
#[derive(Debug)]
pub struct Api<'a> {
    /// Its client.
    pub client: &'a Client,
    /// Its base address.
    pub address: &'a str,
    /// Links to its pages.
    pub links: &'a Links,
    /// Whether there are keys.
    pub with_keys: bool,
    /// Whether it is a sandbox's, which has no Forwarder.
    pub of_sandbox: bool,
    /// The functions whose data is checked; all functions if it is empty.
    pub functions: &'a [String],
    /// The API's time, in milliseconds since 1970.
    pub now_ms: i64,
}

/// The time range of the data.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// The longest delay of CloudWatch's metrics.
const CLOUDWATCH_MS: i64 = 30 * 60 * 1_000;
/// The largest accepted skew: verification's time range has a margin of a minute.
const SKEWED_MS: i64 = 30_000;

/// The topics that need the API, in their order.
const TOPICS: [Topic; 8] = [
    Topic::Api,
    Topic::ApiKey,
    Topic::ScopeMetrics,
    Topic::ScopeSpans,
    Topic::ScopeLogs,
    Topic::EnhancedMetrics,
    Topic::AwsIntegration,
    Topic::Forwarder,
];

/// Skips the topics from `first` on.
fn skipped(first: Topic, why: Text) -> impl Iterator<Item = Check> {
    let rest = TOPICS.into_iter().filter(move |topic| *topic >= first);
    rest.map(move |topic| Check::skipped(topic, why))
}

/// Checks the API.
pub async fn api(api: &Api<'_>) -> Vec<Check> {
    let host = reached(api).await;
    let is_unreachable = host.state == State::Fix;
    let mut checks = vec![host];
    if is_unreachable {
        checks.extend(skipped(Topic::Api, words::HOST_UNREACHABLE));
        return checks;
    }
    let Some((answers, key)) = validate(api, &mut checks).await else {
        checks.extend(clock(api.client.skew()));
        checks.extend(skipped(Topic::ApiKey, words::NO_API_ANSWER));
        return checks;
    };
    let is_refused = key.state == State::Fix;
    checks.push(answers);
    checks.extend(clock(api.client.skew()));
    checks.push(key);
    if is_refused || !api.with_keys {
        let why = match api.with_keys {
            true => words::KEY_REFUSED,
            false => words::NEEDS_KEYS,
        };
        checks.extend(skipped(Topic::ScopeMetrics, why));
        return checks;
    }
    let metrics = scoped(api, Topic::ScopeMetrics, Scope::Metrics).await;
    let reads_metrics = metrics.state == State::Ok;
    checks.push(metrics);
    checks.push(scoped(api, Topic::ScopeSpans, Scope::Spans).await);
    checks.push(scoped(api, Topic::ScopeLogs, Scope::Logs).await);
    match reads_metrics {
        true => checks.extend(data(api).await),
        false => checks.extend(skipped(Topic::EnhancedMetrics, words::NO_METRICS)),
    }
    checks
}

/// The checks of the API and its key; None, with a check of the error, if it did not answer.
async fn validate(api: &Api<'_>, checks: &mut Vec<Check>) -> Option<(Check, Check)> {
    let client = api.client;
    let key = match client.validate().await {
        Ok(()) => Check::ok(Topic::ApiKey, words::VALID),
        Err(ApiError::Keys { .. }) if !api.with_keys => {
            let answers = Check::ok(Topic::Api, words::asks_for_keys(&client.host()));
            return Some((answers, Check::skipped(Topic::ApiKey, words::NO_KEY)));
        }
        Err(error @ ApiError::Keys { .. }) => {
            Check::wrong(Topic::ApiKey, client.explain(error, Scope::Metrics).await)
        }
        Err(error @ ApiError::RateLimited { .. }) => {
            Check::cannot_tell(Topic::ApiKey, error, words::AGAIN_THEN)
        }
        Err(error) => {
            checks.push(Check::wrong(Topic::Api, error));
            return None;
        }
    };
    Some((Check::ok(Topic::Api, words::reached(&client.host())), key))
}

/// Checks that the host is found and trusted.
async fn reached(api: &Api<'_>) -> Check {
    match Url::parse(api.address) {
        Ok(url) => host(Topic::ApiHost, &url).await,
        Err(error) => Check::wrong(Topic::ApiHost, error),
    }
}

/// Compares this machine's clock with another's.
pub(super) fn clock(skew: Option<Skew>) -> Option<Check> {
    let skew = skew?;
    if !skew.exceeds(SKEWED_MS) {
        let within = Duration::from_millis(SKEWED_MS.unsigned_abs());
        return Some(Check::ok(Topic::Clock, words::clock_agrees(within)));
    }
    let by = Duration::from_secs(skew.ms.unsigned_abs() / 1_000);
    let found = match skew.ms > 0 {
        true => words::clock_behind(by),
        false => words::clock_ahead(by),
    };
    Some(Check::fix(Topic::Clock, found, words::SET_CLOCK))
}

async fn scoped(api: &Api<'_>, topic: Topic, scope: Scope) -> Check {
    let client = api.client;
    let from = api.now_ms.saturating_sub(15 * 60 * 1_000);
    let error = match client.try_scope(scope, from, api.now_ms).await {
        Ok(()) => return Check::ok(topic, words::has_scope(scope.name())),
        Err(error) => client.explain(error, scope).await,
    };
    let without = match scope {
        Scope::Metrics => None,
        Scope::Spans => Some(words::WITHOUT_SPANS),
        Scope::Logs => Some(words::WITHOUT_LOGS),
    };
    let host = client.host();
    match (error, without) {
        (ApiError::AppKey(of, _), Some(without)) => Check::advice(
            topic,
            words::lacks_scope(&host, scope.text(), of.status, &of.message),
            words::give_scope(scope.name(), without),
        ),
        (ApiError::Refused(of), _) => Check::cannot_tell(
            topic,
            words::refuses_search(&host, of.status, &of.message),
            words::REPORT_IT,
        ),
        (error, _) if error.may_pass() => Check::cannot_tell(topic, error, words::AGAIN),
        (error, _) => Check::wrong(topic, error),
    }
}

/// Checks the data of the last day.
async fn data(api: &Api<'_>) -> Vec<Check> {
    let sum = |metric: &str, scope: &str| Question {
        aggregator: Aggregator::Sum,
        query: format!("sum:{metric}{{{scope}}}.as_count()"),
    };
    let scope = scope_of(api.functions);
    let enhanced = sum("aws.lambda.enhanced.invocations", &scope);
    let cloudwatch = sum("aws.lambda.invocations", &scope);
    let forwarder = sum("aws.dd_forwarder.incoming_events", "*");
    let from = api.now_ms.saturating_sub(DAY_MS);
    let asked = [enhanced.clone(), cloudwatch, forwarder];
    let answers = api.client.scalars(from, api.now_ms, &asked).await;
    let [enhanced_now, cloudwatch, forwarder] = match answers.as_deref() {
        Ok([enhanced, cloudwatch, forwarder]) => [*enhanced, *cloudwatch, *forwarder].map(count),
        _ => {
            let why = match answers {
                Err(error) => Reason::of(api.client.explain(error, Scope::Metrics).await),
                Ok(_) => Reason::of(words::INCOMPLETE),
            };
            let rest = TOPICS
                .into_iter()
                .filter(|topic| *topic >= Topic::EnhancedMetrics);
            return rest
                .map(|topic| Check::cannot_tell(topic, &why, words::AGAIN))
                .collect();
        }
    };
    let before = api.now_ms.saturating_sub(CLOUDWATCH_MS);
    let older = api.client.scalars(from, before, &[enhanced]).await;
    let older = older.ok().and_then(|answers| *answers.first()?);
    vec![
        enhanced_metrics(api, enhanced_now, cloudwatch),
        integration(api, cloudwatch, count(older)),
        forwarding(api, forwarder),
    ]
}

fn count(value: Option<f64>) -> u64 {
    // Counts are integers below 2^53.
    value.unwrap_or(0.0).max(0.0) as u64
}

/// The scope of a metric query about these functions.
fn scope_of(functions: &[String]) -> String {
    let tags: Vec<String> = functions.iter().map(|name| tag_value(name)).collect();
    match tags.as_slice() {
        [] => "*".to_owned(),
        [one] => format!("functionname:{one}"),
        several => format!("functionname IN ({})", several.join(", ")),
    }
}

fn of_what(api: &Api<'_>) -> Value {
    match api.functions {
        [] => words::ANY_FUNCTION.into(),
        [one] => one.into(),
        several => words::functions(several.len()).into(),
    }
}

fn enhanced_metrics(api: &Api<'_>, enhanced: u64, cloudwatch: u64) -> Check {
    let (topic, of) = (Topic::EnhancedMetrics, of_what(api));
    if enhanced > 0 {
        Check::ok(topic, words::invocations(enhanced, of))
    } else if cloudwatch > 0 {
        let found = words::no_enhanced(cloudwatch, of);
        Check::fix(topic, found, words::ADD_EXTENSION)
    } else {
        Check::cannot_tell(topic, words::no_invocation(of), words::SEND_TRAFFIC)
    }
}

fn integration(api: &Api<'_>, cloudwatch: u64, enhanced_before: u64) -> Check {
    let (topic, of) = (Topic::AwsIntegration, of_what(api));
    let install = words::install(api.links.aws_integration());
    if cloudwatch > 0 {
        Check::ok(topic, words::cloudwatch(cloudwatch, of))
    } else if enhanced_before > 0 {
        Check::advice(topic, words::no_integration(enhanced_before, of), install)
    } else {
        let later = words::install_later(install);
        Check::cannot_tell(topic, words::no_cloudwatch(of), later)
    }
}

fn forwarding(api: &Api<'_>, events: u64) -> Check {
    let topic = Topic::Forwarder;
    if api.of_sandbox {
        return Check::skipped(topic, words::NO_FORWARDER_NEEDED);
    }
    if events > 0 {
        return Check::ok(topic, words::forwarded(events));
    }
    Check::cannot_tell(topic, words::NO_FORWARDER, words::FORWARDER_DOUBT)
}
