//! Datadog's API, or what stands in for it: whether it answers, to which keys, and with what data.

use std::time::Duration;

use reqwest::Url;

use super::{Check, State, Topic, host::host};
use crate::{
    datadog::{ApiError, Client, Links, Question, Scope, Skew},
    insight::{Aggregator, tag_value},
    units::show_duration,
};

/// An API to look at.
#[derive(Debug)]
pub struct Api<'a> {
    /// Its client.
    pub client: &'a Client,
    /// Its base address.
    pub address: &'a str,
    /// Links to its pages.
    pub links: &'a Links,
    /// Whether there are keys to ask with.
    pub with_keys: bool,
    /// Whether it is a sandbox's own, which plays no Forwarder.
    pub of_sandbox: bool,
    /// The functions whose data is looked for; where none are named, any function's.
    pub functions: &'a [String],
    /// The moment on the API's clock, in milliseconds since 1970.
    pub now_ms: i64,
}

/// How far back data is looked for.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// CloudWatch's metrics are there after so long, if they come at all.
const CLOUDWATCH_MS: i64 = 30 * 60 * 1_000;
/// From here on two clocks are apart: verification's time range has a margin of a minute.
const SKEWED_MS: i64 = 30_000;

/// Everything after a step that failed.
const AFTER: [Topic; 7] = [
    Topic::ApiKey,
    Topic::ScopeMetrics,
    Topic::ScopeSpans,
    Topic::ScopeLogs,
    Topic::EnhancedMetrics,
    Topic::AwsIntegration,
    Topic::Forwarder,
];

/// Looks at the API.
pub async fn api(api: &Api<'_>) -> Vec<Check> {
    let client = api.client;
    let mut checks = vec![reached(api).await];
    if checks.iter().any(|check| check.state == State::Fix) {
        let why = "its host cannot be reached";
        checks.extend(
            [Topic::Api]
                .into_iter()
                .chain(AFTER)
                .map(|topic| Check::skipped(topic, why)),
        );
        return checks;
    }
    let answer = client.validate().await;
    let (answers, key) = match &answer {
        Ok(()) => (
            Check::ok(Topic::Api, format!("{} answers", client.host())),
            Check::ok(Topic::ApiKey, "valid"),
        ),
        Err(ApiError::Keys { .. }) if !api.with_keys => (
            Check::ok(
                Topic::Api,
                format!("{} answers, and asks for keys", client.host()),
            ),
            Check::skipped(Topic::ApiKey, "there is no key to ask about"),
        ),
        Err(error @ ApiError::Keys { .. }) => (
            Check::ok(Topic::Api, format!("{} answers", client.host())),
            Check::wrong(
                Topic::ApiKey,
                client.explain(error.clone(), Scope::Metrics).await,
            ),
        ),
        Err(error @ ApiError::RateLimited { .. }) => (
            Check::ok(Topic::Api, format!("{} answers", client.host())),
            Check::cannot_tell(Topic::ApiKey, error, "run `loadgen doctor` again then"),
        ),
        Err(error) => {
            checks.push(Check::wrong(Topic::Api, error));
            checks.extend(clock(client.skew()));
            let why = "the API did not answer";
            checks.extend(AFTER.map(|topic| Check::skipped(topic, why)));
            return checks;
        }
    };
    let usable = key.state != State::Fix && api.with_keys;
    let why = match api.with_keys {
        true => "the API key is refused, and without it nothing is answered",
        false => "it takes DD_API_KEY and DD_APP_KEY",
    };
    checks.push(answers);
    checks.extend(clock(client.skew()));
    checks.push(key);
    if !usable {
        let rest = AFTER.into_iter().filter(|topic| *topic != Topic::ApiKey);
        checks.extend(rest.map(|topic| Check::skipped(topic, why)));
        return checks;
    }
    let mut metrics = false;
    for (topic, scope) in [
        (Topic::ScopeMetrics, Scope::Metrics),
        (Topic::ScopeSpans, Scope::Spans),
        (Topic::ScopeLogs, Scope::Logs),
    ] {
        let check = scoped(api, topic, scope).await;
        metrics |= scope == Scope::Metrics && check.state == State::Ok;
        checks.push(check);
    }
    checks.extend(if metrics {
        data(api).await
    } else {
        let rest = [
            Topic::EnhancedMetrics,
            Topic::AwsIntegration,
            Topic::Forwarder,
        ];
        rest.map(|topic| Check::skipped(topic, "metrics could not be read"))
            .into()
    });
    checks
}

/// Whether its host is found and trusted.
async fn reached(api: &Api<'_>) -> Check {
    match Url::parse(api.address) {
        Ok(url) => host(Topic::ApiHost, &url).await,
        Err(error) => Check::wrong(Topic::ApiHost, error),
    }
}

/// This machine's clock against another's.
pub(super) fn clock(skew: Option<Skew>) -> Option<Check> {
    let skew = skew?;
    if !skew.exceeds(SKEWED_MS) {
        return Some(Check::ok(
            Topic::Clock,
            format!("agrees with the answers' to within {} s", SKEWED_MS / 1_000),
        ));
    }
    let by = show_duration(Duration::from_secs(skew.ms.unsigned_abs() / 1_000));
    let how = if skew.ms > 0 { "behind" } else { "ahead" };
    Some(Check::fix(
        Topic::Clock,
        format!("this machine's clock is {by} {how}"),
        "set it (`sudo timedatectl set-ntp true`): a run is looked for at the time that this machine \
         gave it, and AWS refuses what is signed more than 5 minutes off",
    ))
}

async fn scoped(api: &Api<'_>, topic: Topic, scope: Scope) -> Check {
    let client = api.client;
    let from = api.now_ms.saturating_sub(15 * 60 * 1_000);
    let error = match client.try_scope(scope, from, api.now_ms).await {
        Ok(()) => return Check::ok(topic, format!("the application key has {}", scope.name())),
        Err(error) => client.explain(error, scope).await,
    };
    let needless = match scope {
        Scope::Metrics => None,
        Scope::Spans => Some(
            "without it cold and warm rest on the function's own markers, and `loadgen view` has no traces",
        ),
        Scope::Logs => Some("without it nothing is missing where spans can be read"),
    };
    match (&error, needless) {
        (
            ApiError::AppKey {
                status, message, ..
            },
            Some(needless),
        ) => Check::advice(
            topic,
            format!(
                "{} refuses the application key for {scope} ({status}: {message})",
                client.host()
            ),
            format!("give it the scope {}; {needless}", scope.name()),
        ),
        (
            ApiError::Refused {
                status, message, ..
            },
            _,
        ) => Check::cannot_tell(
            topic,
            format!("{} refuses the search ({status}: {message})", client.host()),
            "if this is Datadog's own API, report it: the request may be out of date",
        ),
        _ if error.may_pass() => {
            Check::cannot_tell(topic, error, "run `loadgen doctor` again in some minutes")
        }
        _ => Check::wrong(topic, error),
    }
}

/// What came in during the last day.
async fn data(api: &Api<'_>) -> Vec<Check> {
    let sum = |metric: &str, scope: &str| Question {
        aggregator: Aggregator::Sum,
        query: format!("sum:{metric}{{{scope}}}.as_count()"),
    };
    let scope = match api.functions {
        [] => "*".to_owned(),
        names => {
            let tags: Vec<String> = names.iter().map(|name| tag_value(name)).collect();
            match tags.as_slice() {
                [one] => format!("functionname:{one}"),
                several => format!("functionname IN ({})", several.join(", ")),
            }
        }
    };
    let enhanced = sum("aws.lambda.enhanced.invocations", &scope);
    let cloudwatch = sum("aws.lambda.invocations", &scope);
    let forwarder = sum("aws.dd_forwarder.incoming_events", "*");
    let from = api.now_ms.saturating_sub(DAY_MS);
    let asked = [enhanced.clone(), cloudwatch, forwarder];
    let answers = api.client.scalars(from, api.now_ms, &asked).await;
    let before = api.now_ms.saturating_sub(CLOUDWATCH_MS);
    let older = api.client.scalars(from, before, &[enhanced]).await;
    let count = |answers: &Result<Vec<Option<f64>>, ApiError>, place: usize| {
        let answers = answers.as_ref().ok()?;
        Some(answers.get(place).copied().flatten().unwrap_or(0.0))
    };
    let (Some(enhanced), Some(cloudwatch), Some(forwarder)) =
        (count(&answers, 0), count(&answers, 1), count(&answers, 2))
    else {
        let why = match answers {
            Err(error) => api.client.explain(error, Scope::Metrics).await.to_string(),
            Ok(_) => "the answer was incomplete".to_owned(),
        };
        let rest = [
            Topic::EnhancedMetrics,
            Topic::AwsIntegration,
            Topic::Forwarder,
        ];
        return rest
            .map(|topic| {
                Check::cannot_tell(topic, &why, "run `loadgen doctor` again in some minutes")
            })
            .into();
    };
    let older = count(&older, 0).unwrap_or(0.0);
    vec![
        enhanced_metrics(api, enhanced, cloudwatch),
        integration(api, cloudwatch, older),
        forwarding(api, forwarder),
    ]
}

fn of_what(api: &Api<'_>) -> String {
    match api.functions {
        [] => "any function".to_owned(),
        [one] => one.clone(),
        several => format!("{} functions", several.len()),
    }
}

fn enhanced_metrics(api: &Api<'_>, enhanced: f64, cloudwatch: f64) -> Check {
    let of = of_what(api);
    if enhanced > 0.0 {
        Check::ok(
            Topic::EnhancedMetrics,
            format!("{enhanced} invocations of {of} in the last day"),
        )
    } else if cloudwatch > 0.0 {
        Check::fix(
            Topic::EnhancedMetrics,
            format!(
                "CloudWatch counts {cloudwatch} invocations of {of} in the last day, and none has enhanced metrics"
            ),
            "add the Datadog extension to the function (the layer Datadog-Extension), or subscribe the \
             Datadog Forwarder to its log group; and see that its DD_API_KEY and DD_SITE are this organization's",
        )
    } else {
        Check::cannot_tell(
            Topic::EnhancedMetrics,
            format!("no invocation of {of} in the last day"),
            "send some traffic, wait two minutes, and run `loadgen doctor` again",
        )
    }
}

fn integration(api: &Api<'_>, cloudwatch: f64, enhanced_before: f64) -> Check {
    let of = of_what(api);
    let install = format!(
        "set it up at {}; without it throttles, iterator age and provisioned concurrency cannot be told",
        api.links.aws_integration()
    );
    if cloudwatch > 0.0 {
        Check::ok(
            Topic::AwsIntegration,
            format!(
                "CloudWatch's metrics come in: {cloudwatch} invocations of {of} in the last day"
            ),
        )
    } else if enhanced_before > 0.0 {
        Check::advice(
            Topic::AwsIntegration,
            format!(
                "{enhanced_before} invocations of {of} are more than 30 minutes old, and CloudWatch's metrics \
                 have none of them: the integration does not cover this account or region"
            ),
            install,
        )
    } else {
        Check::cannot_tell(
            Topic::AwsIntegration,
            format!("no CloudWatch metric of {of} in the last day, and none was due"),
            format!("half an hour after some traffic it must be there; if it is not, {install}"),
        )
    }
}

fn forwarding(api: &Api<'_>, events: f64) -> Check {
    if api.of_sandbox {
        return Check::skipped(Topic::Forwarder, "the sandbox needs none");
    }
    if events > 0.0 {
        return Check::ok(
            Topic::Forwarder,
            format!("it took {events} events in the last day"),
        );
    }
    Check::cannot_tell(
        Topic::Forwarder,
        "no Forwarder reported itself in the last day",
        "Datadog's page of warnings asks for the Forwarder with REPORT logs indexed, and does not say \
         whether the extension alone will do; the conditions themselves rest on the enhanced metrics",
    )
}
